// Advisory locks among our own processes.
#pragma once

namespace touchstone::oci {

// Locks an open file or folder against others, waiting at most limits::lock_timeout. The lock goes
// with the descriptor. False when the time is over or the file system has no locks.
bool lock_in_time(int fd);

}  // namespace touchstone::oci

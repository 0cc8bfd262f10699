// Names in the file system, before anything is opened.
#pragma once

#include <string>

#include "base/result.h"

namespace touchstone {

// Whether anything has that name, be it a link that leads nowhere.
bool is_there(const std::string& path);

// Makes the folders that are missing on the way to a file, with these permission bits.
// Errors: usage.file.
Status make_folders_for(const std::string& path, unsigned mode);

}  // namespace touchstone

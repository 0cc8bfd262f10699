// Text that is safe to show, and the few string helpers the rest shares.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace touchstone {

// Text from outside, made safe for a terminal, a log line or a report: valid UTF-8 stays, but for
// control characters (C0, DEL, C1), line and paragraph separators, bidirectional and zero-width
// formatting; those, and bytes that are no UTF-8, become \xHH or \u{HHHH}. A backslash stays as it
// is. What begins a command to a CI job that reads it has its `#` escaped. Cut at
// limits::max_printed_bytes, with "..." to show it.
std::string printable(std::string_view text);

// Whether the text begins like "##[group]" or "##vso[task.complete]": GitHub's and Azure's runners
// take these as commands, wherever they stand in a line of a job's log.
bool begins_job_command(std::string_view text);

// How many bytes at the beginning of `text` can be shown as they are, wherever that is.
std::size_t printable_prefix(std::string_view text);

// Whether that is all of it.
bool is_printable(std::string_view text);

std::string join(std::span<const std::string> parts, std::string_view separator);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string ascii_lower(std::string_view text);
bool is_valid_utf8(std::string_view text);

}  // namespace touchstone

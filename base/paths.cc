#include "base/paths.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/text.h"

namespace touchstone {

bool is_there(const std::string& path) {
  struct stat info{};
  return lstat(path.c_str(), &info) == 0;
}

Status make_folders_for(const std::string& path, unsigned mode) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return ok();
  const std::string folder = path.substr(0, slash);
  if (mkdir(folder.c_str(), mode) == 0 || errno == EEXIST) return ok();
  if (errno == ENOENT) {
    TS_CHECK(make_folders_for(folder, mode));
    if (mkdir(folder.c_str(), mode) == 0 || errno == EEXIST) return ok();
  }
  return Error{Code::usage_file, "\"" + printable(folder) + "\": " + system_message(errno), ""};
}

}  // namespace touchstone

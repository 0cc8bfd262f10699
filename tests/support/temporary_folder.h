// A folder of its own for one test, removed with all it holds at the end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace touchstone::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "touchstone-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

  // Makes a file of mode 0644 and gives its path.
  std::string write(std::string_view name, std::string_view contents) const {
    const std::string path = *this / name;
    std::ofstream(path, std::ios::binary) << contents;
    std::filesystem::permissions(path, std::filesystem::perms(0644));
    return path;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace touchstone::test

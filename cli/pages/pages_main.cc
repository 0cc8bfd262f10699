// Writes the manual pages and completions of both programs into a folder, when they are built:
//
//   touchstone-pages FOLDER DATE
//
// FOLDER/man1/*.1, FOLDER/completions/touchstone.{bash,zsh,fish}. Not installed.
#include <sys/stat.h>

#include <functional>
#include <iostream>

#include "base/files.h"
#include "cli/completion.h"
#include "cli/pages/manual.h"

namespace {

using namespace touchstone;

bool write(const std::string& path, const std::string& text) {
  const Status written = replace_file(path, to_bytes(text), 0644);
  if (!written) std::cerr << "touchstone-pages: " << written.error().message << "\n";
  return bool(written);
}

bool write_pages(const std::string& folder, const std::string& date) {
  const auto programs = cli::all_programs();
  bool done = true;
  const std::function<void(const cli::CommandInfo&)> visit = [&](const cli::CommandInfo& command) {
    done = write(folder + "/man1/" + cli::page_name(command) + ".1",
                 cli::manual_page(command, programs, date)) &&
           done;
    for (const cli::CommandInfo& sub : command.commands) visit(sub);
  };
  for (const cli::CommandInfo& program : programs) visit(program);
  for (const auto& [shell, name] : {std::pair{cli::Shell::bash, "bash"},
                                    {cli::Shell::zsh, "zsh"},
                                    {cli::Shell::fish, "fish"}}) {
    done = write(folder + "/completions/touchstone." + name,
                 cli::completion_script(shell, programs)) &&
           done;
  }
  return done;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: touchstone-pages FOLDER DATE\n";
    return 2;
  }
  const std::string folder = argv[1];
  for (const char* part : {"", "/man1", "/completions"}) mkdir((folder + part).c_str(), 0755);
  return write_pages(folder, argv[2]) ? 0 : 1;
}

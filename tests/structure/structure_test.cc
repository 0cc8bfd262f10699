// The code is built as its documents say: includes follow the arrows between the folders, each
// library of others is included where its decision page allows, only cli/ asks the system for the
// time and the environment, each folder introduces itself, and the page of error codes is the
// table.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"

namespace fs = std::filesystem;
using Names = std::set<std::string>;

namespace {

const fs::path root = TOUCHSTONE_SOURCE_DIR;

// What each folder may include, besides itself.
const std::map<std::string, Names> arrows = {
    {"base", {}},
    {"crypto", {"base"}},
    {"formats", {"base", "crypto"}},
    {"net", {"base"}},
    {"oci", {"base", "crypto", "formats"}},
    {"trust", {"base", "crypto", "formats"}},
    {"hsm", {"base", "crypto", "formats"}},
    {"verify", {"base", "crypto", "formats", "oci", "trust"}},
    {"sign", {"base", "crypto", "formats", "oci", "trust", "verify"}},
    {"inspect", {"base", "crypto", "formats", "oci"}},
    {"policy", {"base", "crypto", "formats", "oci", "trust", "verify"}},
    {"judge", {"base", "crypto", "formats", "oci", "trust", "verify", "policy"}},
    {"report", {"base", "crypto", "formats", "oci", "trust", "verify", "policy", "judge"}},
    {"gate", {"base", "crypto", "formats", "oci", "trust", "verify", "policy", "judge", "report"}},
    {"audit", {"base", "crypto", "formats", "oci", "trust", "verify", "policy", "judge", "report"}},
    {"cli",
     {"base", "crypto", "formats", "net", "oci", "trust", "hsm", "verify", "policy", "judge",
      "report", "sign", "inspect", "gate", "audit"}},
};

// Headers of others, by how their names begin, and the folders that may include them.
const std::map<std::string, Names> fences = {
    {"openssl/", {"crypto", "hsm", "gate"}},
    {"sodium", {"crypto"}},
    {"re2/", {"verify", "policy"}},
    {"curl/", {"net"}},
    {"ares", {}},
    {"libp11.h", {"hsm"}},
    {"p11", {"hsm"}},
    {"pkcs11", {"hsm"}},
    {"ykpiv", {"hsm"}},
    {"winscard", {"hsm"}},
    {"PCSC/", {"hsm"}},
    {"nlohmann/", {"formats"}},
    {"libfyaml", {"formats"}},
    {"CLI/", {"cli"}},
    {"boost/", {"gate"}},
    {"catch2/", {}},
};

// What only cli/ may call.
const std::vector<std::string> ambient = {
    R"(\b(secure_)?getenv\b)",  R"(\btime\s*\(\s*(nullptr|NULL|0)\s*\))",
    R"(\bsystem_clock::now\b)", R"(\bgettimeofday\b)",
    R"(\bCLOCK_REALTIME\b)",    R"(\benviron\b)",
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string without_comments(const std::string& text) {
  return std::regex_replace(text, std::regex("//[^\n]*"), "");
}

// The headers a text includes, each with its opening delimiter: `"base/error.h` or `<vector`.
std::vector<std::string> includes(const std::string& text) {
  static const std::regex line(R"((?:^|\n)\s*#\s*include\s*([<"][^>"\n]+))");
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) {
    found.push_back((*it)[1]);
  }
  return found;
}

// What is wrong with the includes of a file in `folder`; empty when nothing is.
Names include_faults(const std::string& folder, const std::string& text) {
  Names faults;
  for (const std::string& header : includes(text)) {
    const std::string name = header.substr(1);
    if (header.front() == '"') {
      const std::string target = name.substr(0, name.find('/'));
      const bool known = name.find('/') != std::string::npos && arrows.contains(target);
      if (!known || !fs::exists(root / name)) {
        faults.insert("\"" + name + "\" is not a path from the top");
      } else if (target != folder && !arrows.at(folder).contains(target)) {
        faults.insert(folder + " may not include \"" + name + "\"");
      }
    }
    for (const auto& [prefix, folders] : fences) {
      if (name.starts_with(prefix) && !folders.contains(folder)) {
        faults.insert(folder + " may not include " + name);
      }
    }
  }
  return faults;
}

Names ambient_faults(const std::string& folder, const std::string& text) {
  Names faults;
  if (folder == "cli") return faults;
  const std::string code = without_comments(text);
  std::smatch match;
  for (const std::string& pattern : ambient) {
    if (std::regex_search(code, match, std::regex(pattern))) faults.insert(match.str());
  }
  return faults;
}

std::vector<fs::path> sources(const std::string& folder) {
  std::vector<fs::path> found;
  if (!fs::exists(root / folder)) return found;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".cc" || extension == ".h" || extension == ".inc") {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string table_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell;
}

std::string errors_page() {
  std::string page =
      "# Error codes\n\n"
      "Each refusal and failure has one of these codes. The code and its exit status are stable:\n"
      "scripts may rely on them, never on messages. `touchstone explain CODE` prints a row.\n\n"
      "This page is the table `base/codes.inc`; a test compares the two, and\n"
      "`TOUCHSTONE_UPDATE=1 build/dev/test_structure` writes it anew.\n\n"
      "| code | exit | meaning | what to do |\n"
      "|---|---|---|---|\n";
  for (const touchstone::CodeInfo& info : touchstone::all_codes()) {
    page += "| `" + std::string(info.slug) + "` | " + std::to_string(info.exit_status) + " | " +
            table_cell(info.sentence) + " | " + table_cell(info.hint) + " |\n";
  }
  return page;
}

}  // namespace

TEST_CASE("includes follow the arrows between the folders", "[structure]") {
  std::size_t seen = 0;
  for (const auto& [folder, allowed] : arrows) {
    for (const fs::path& file : sources(folder)) {
      CAPTURE(file.string());
      CHECK(include_faults(folder, read(file)) == Names{});
      ++seen;
    }
  }
  CHECK(seen > 20);
}

TEST_CASE("an include against the arrows is noticed", "[structure]") {
  struct Row {
    const char* why;
    std::string folder;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"upwards", "base", "#include \"crypto/hash.h\"\n"},
      {"not on the first line", "crypto", "#pragma once\n\n  #  include \"formats/json.h\"\n"},
      {"oci knows HTTP only as a port", "oci", "#include \"net/curl_client.h\"\n"},
      {"verify knows no devices", "verify", "#include \"hsm/pkcs11.h\"\n"},
      {"verify knows no signing", "verify", "#include \"sign/sign.h\"\n"},
      {"verify does not look at what nobody verified", "verify", "#include \"inspect/claims.h\"\n"},
      {"relative path", "base", "#include \"error.h\"\n"},
      {"relative path upwards", "base", "#include \"../base/error.h\"\n"},
      {"no such file", "base", "#include \"base/no_such_file.h\"\n"},
      {"test code", "base", "#include \"tests/support/main.cc\"\n"},
      {"curl outside net", "oci", "#include <curl/curl.h>\n"},
      {"OpenSSL outside crypto", "verify", "#include <openssl/evp.h>\n"},
      {"libp11 outside hsm", "cli", "#include <libp11.h>\n"},
      {"nlohmann outside formats", "oci", "#include <nlohmann/json.hpp>\n"},
      {"CLI11 outside cli", "base", "#include <CLI/CLI.hpp>\n"},
      {"Catch2 in the product", "base", "#include <catch2/catch.hpp>\n"},
  }));
  CAPTURE(row.why);
  CHECK_FALSE(include_faults(row.folder, row.text).empty());
}

TEST_CASE("an include along the arrows is allowed", "[structure]") {
  CHECK(include_faults("crypto", "#include <openssl/evp.h>\n#include \"base/error.h\"\n").empty());
  CHECK(include_faults("base", "#include <vector>\n#include \"base/error.h\"\n").empty());
}

TEST_CASE("only cli asks the system for the time and the environment", "[structure]") {
  for (const auto& [folder, allowed] : arrows) {
    for (const fs::path& file : sources(folder)) {
      CAPTURE(file.string());
      // It asks nothing: it takes the environment's secrets from a child.
      const bool clears = file.filename() == "child_process.cc";
      CHECK(ambient_faults(folder, read(file)) == (clears ? Names{"environ"} : Names{}));
    }
  }
}

TEST_CASE("asking the system below cli is noticed", "[structure]") {
  const auto text = GENERATE(values<std::string>({
      "const char* home = getenv(\"HOME\");",
      "auto home = ::secure_getenv(\"HOME\");",
      "auto now = time(nullptr);",
      "auto now = std::time( NULL );",
      "auto now = std::chrono::system_clock::now();",
      "clock_gettime(CLOCK_REALTIME, &now);",
  }));
  CAPTURE(text);
  CHECK_FALSE(ambient_faults("verify", text).empty());
  CHECK(ambient_faults("cli", text).empty());
  CHECK(ambient_faults("verify", "// not here: " + text).empty());
}

TEST_CASE("headers are included once", "[structure]") {
  for (const auto& [folder, allowed] : arrows) {
    for (const fs::path& file : sources(folder)) {
      if (file.extension() != ".h") continue;
      CAPTURE(file.string());
      CHECK(read(file).find("\n#pragma once\n") != std::string::npos);
    }
  }
}

TEST_CASE("each folder introduces itself within a screen", "[structure]") {
  std::vector<std::string> folders = {"tests", "bench"};
  for (const auto& [folder, allowed] : arrows) {
    if (!sources(folder).empty()) folders.push_back(folder);
  }
  for (const std::string& folder : folders) {
    CAPTURE(folder);
    const std::string readme = read(root / folder / "README.md");
    const auto lines = std::count(readme.begin(), readme.end(), '\n');
    CHECK(readme.starts_with("# " + folder));
    CHECK(lines >= 4);
    CHECK(lines <= 40);
  }
}

TEST_CASE("each library that is fenced has its page of decision", "[structure]") {
  std::string pages;
  for (const auto& entry : fs::directory_iterator(root / "docs/decisions")) {
    pages += entry.path().filename().string() + "\n";
  }
  for (const char* library : {"libcurl", "openssl", "nlohmann-json", "libp11", "libykpiv", "cli11",
                              "catch2", "libsodium", "re2", "libfyaml"}) {
    CAPTURE(library, pages);
    CHECK(pages.find(library) != std::string::npos);
  }
}

TEST_CASE("each row of the page of attacks stands in the test that it names", "[structure]") {
  const std::string page = read(root / "docs/explanation/attacks.md");
  const std::regex row(R"(\n\| ([A-Z]+-[0-9]{2}) \| [^|]+ \| `([a-z0-9_./]+)` \|)");
  Names ids;
  for (std::sregex_iterator match(page.begin(), page.end(), row), end; match != end; ++match) {
    const std::string id = (*match)[1];
    CAPTURE(id);
    CHECK(ids.insert(id).second);
    CHECK(read(root / (*match)[2].str()).find(id) != std::string::npos);
  }
  const std::regex any_row(R"(\n\| [A-Z]+-)");
  const std::sregex_iterator rows(page.begin(), page.end(), any_row);
  CHECK(ids.size() > 80);
  CHECK(static_cast<std::ptrdiff_t>(ids.size()) == std::distance(rows, std::sregex_iterator()));
}

TEST_CASE("the page of error codes is the table", "[structure]") {
  const fs::path path = root / "docs/reference/errors.md";
  if (std::getenv("TOUCHSTONE_UPDATE") != nullptr) std::ofstream(path) << errors_page();
  CHECK(read(path) == errors_page());
}

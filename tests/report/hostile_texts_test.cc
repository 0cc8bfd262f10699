// Whatever stands in a report, no form of it says more to its reader than text: no terminal code,
// workflow command or markup, and always valid XML and JSON.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "base/text.h"
#include "formats/json_fields.h"
#include "formats/statement.h"
#include "report/report.h"
#include "tests/report/sample.h"
#include "tests/support/strict_xml.h"

namespace touchstone::report {
namespace {

using namespace std::string_literals;
using touchstone::test::StrictXml;

const std::vector<std::string> hostile = {
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x9b\x33\x31m",
    "\xC2\x9B\x33\x31m",
    "line\n::error::owned",
    "line\r::error::owned",
    "::error file=a::owned",
    "::set-output name=images::evil",
    "##[error]owned",
    "%0A::error::owned",
    "a,line=5,title=b:c",
    "a\0b"s,
    "\xFF\xFE",
    "\xED\xA0\x80",
    "\xF4\x90\x80\x80",
    "\xEF\xBF\xBE",
    "\xEF\xBF\xBF",
    "\xE2\x80\xAE"
    "bidirectional",
    "\xE2\x80\xA8separator",
    "\xEF\xBB\xBF mark",
    "\x01\x02\x0b\x0c\x0e\x1f\x7f",
    "]]>",
    "<!-- comment",
    "<script>alert(1)</script>",
    "</style></title><script src=//evil.example></script>",
    "<img src=x onerror=alert(1)>",
    "\" onload=\"alert(1)",
    "' onload='alert(1)",
    "&lt;&amp;&#0;&#x1b;&nbsp;",
    "&",
    "`",
    "``` \n# heading",
    "a ````` b ` c",
    "| cell | cell |",
    "\\| ![x](https://evil.example/x.png)",
    "\\\\| ![x](https://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "@everyone #1 https://evil.example www.evil.example",
    "</details>\n\n# heading",
    "~~~",
    "##[stop-commands]x",
    "a ##vso[task.complete result=Succeeded]",
    "[accepted](https://evil.example)",
    "\\",
    "\"",
    "{\"a\":1}",
    "{{ 7*7 }} ${{ github.token }} $(id) `id`",
    " ",
    "",
    std::string(5000, 'x'),
    std::string(3000, '`'),
    "名前 имя όνομα",
};

Input input_of(const judge::Report& report) {
  return {report, "1.2.3", "https://gate.example/prod", nullptr};
}

// Every line holds nothing that a terminal obeys, or a job whose log it stands in.
void check_lines(const std::string& text) {
  for (const std::string_view line : split(text, '\n')) {
    CAPTURE(line.substr(0, 200));
    CHECK(is_printable(line));
    for (std::size_t at = line.find("##"); at != line.npos; at = line.find("##", at + 1)) {
      CHECK_FALSE(begins_job_command(line.substr(at)));
    }
  }
}

// The elements, without texts and values.
std::vector<std::string> shape(const std::vector<touchstone::test::XmlElement>& elements) {
  std::vector<std::string> names;
  for (const auto& element : elements) {
    std::string name = std::to_string(element.depth) + element.name;
    for (const auto& [attribute, value] : element.attributes) name += " " + attribute;
    names.push_back(std::move(name));
  }
  return names;
}

// Without the text elements of the picture: there are as many as the words need lines.
std::vector<std::string> page_shape(const std::string& html) {
  const auto elements = StrictXml::parse(html);
  REQUIRE(elements);
  std::vector<std::string> names = shape(*elements);
  std::erase_if(names, [](const std::string& name) { return name.ends_with("text x y"); });
  return names;
}

// The kinds and members of a document, without its texts.
std::string shape(const formats::Json& json) {
  std::string text(json.kind_name());
  if (const auto* array = json.array()) {
    for (const formats::Json& value : *array) text += "[" + shape(value) + "]";
  }
  if (const auto* object = json.object()) {
    for (const auto& [name, value] : *object) text += "{" + name + shape(value) + "}";
  }
  return text;
}

std::string json_shape(const std::string& text) {
  const auto json = formats::parse_json(as_bytes(text), 64 << 20);
  REQUIRE(json);
  return shape(*json);
}

// Markdown without its code: what is left is ours. As CommonMark has it: a fence ends with a line
// of as many backticks, inline code with a run of exactly as many.
std::string without_code(std::string_view markdown) {
  std::string out;
  std::size_t fence = 0;
  for (std::string_view line : split(markdown, '\n')) {
    const std::size_t run = std::min(line.find_first_not_of('`'), line.size());
    if (fence > 0) {
      if (run >= fence && run == line.size()) fence = 0;
      continue;
    }
    if (run >= 3 && !line.substr(run).contains('`')) {
      fence = run;
      continue;
    }
    // Cells first: a '|' behind an odd number of backslashes ends none.
    std::size_t backslashes = 0;
    std::string cells;
    for (const char c : line) {
      cells += c == '|' && backslashes % 2 == 1 ? '!' : c;
      backslashes = c == '\\' ? backslashes + 1 : 0;
    }
    for (std::size_t i = 0; i < cells.size();) {
      if (cells[i] != '`') {
        out += cells[i++];
        continue;
      }
      const std::size_t open_end = std::min(cells.find_first_not_of('`', i), cells.size());
      const std::size_t length = open_end - i;
      std::size_t close = open_end;
      while (true) {
        close = cells.find('`', close);
        if (close == std::string::npos) break;
        const std::size_t end = std::min(cells.find_first_not_of('`', close), cells.size());
        if (end - close == length) break;
        close = end;
      }
      if (close == std::string::npos) {
        out += cells.substr(i, length);
        i = open_end;
        continue;
      }
      CHECK_FALSE(cells.substr(open_end, close - open_end).contains('|'));
      out += "CODE";
      i = close + length;
    }
    out += '\n';
  }
  CHECK(fence == 0);
  return out;
}

}  // namespace

TEST_CASE("no form lets a text be more than a text", "[report][LOC-08]") {
  const std::string text = GENERATE(from_range(hostile));
  CAPTURE(printable(text));
  const judge::Report report = test::filled_with(text);
  const judge::Report plain = test::filled_with("words");
  const auto in_form = [&](Form form) { return write(form, input_of(report)); };
  const auto plain_form = [&](Form form) { return write(form, input_of(plain)); };
  for (const FormInfo& form : all_forms()) check_lines(in_form(form.form));

  SECTION("text: a line for each image that is accepted") {
    CHECK(std::ranges::count(in_form(Form::text), '\n') == (text.empty() ? 0 : 2));
  }
  SECTION("github: our commands alone, one a line") {
    const std::string commands = in_form(Form::github);
    const auto lines = split(commands, '\n');
    REQUIRE(lines.size() == 5);
    CHECK(lines[0].starts_with("::error title=refused (network.unreachable)"));
    CHECK(lines[1].starts_with("::error title=undecided (network.unreachable)"));
    CHECK(lines[2].starts_with("::warning title=would be refused (network.unreachable)"));
    CHECK(lines[3] ==
          "::notice title=touchstone::4 images: 1 accepted, 1 warned, 1 refused, 1 "
          "undecided");
    CHECK(lines[4].empty());
    for (const auto line : {lines[0], lines[1], lines[2]}) {
      const std::string_view properties = line.substr(0, line.find("::", 2));
      CHECK(std::ranges::count(properties, ',') == 2);  // title, file, line
    }
  }
  SECTION("junit and html: the same elements and attributes") {
    const auto xml = StrictXml::parse(in_form(Form::junit));
    REQUIRE(xml);
    CHECK(shape(*xml) == shape(*StrictXml::parse(plain_form(Form::junit))));
    if (!text.empty()) CHECK(page_shape(in_form(Form::html)) == page_shape(plain_form(Form::html)));
  }
  SECTION("json and sarif: the same members") {
    if (text.empty()) return;  // null then
    CHECK(json_shape(in_form(Form::json)) == json_shape(plain_form(Form::json)));
    const std::string sarif = in_form(Form::sarif);
    CHECK(json_shape(sarif) == json_shape(plain_form(Form::sarif)));
    const auto log = formats::parse_json(as_bytes(sarif), 64 << 20);
    for (const auto& result : *log->find("runs")->array()->at(0).find("results")->array()) {
      CHECK_FALSE(result.find("message")->find("text")->string()->contains("]("));  // a link
    }
  }
  SECTION("vsa: a statement a line") {
    const std::string statements = in_form(Form::vsa);
    const auto lines = split(statements, '\n');
    REQUIRE(lines.size() == 4);  // accepted, warned, refused; the end
    for (std::size_t i = 0; i < 3; ++i) CHECK(formats::Statement::parse(as_bytes(lines[i])));
  }
  SECTION("markdown: nothing outside code") {
    if (text.empty()) return;
    CHECK(without_code(in_form(Form::markdown)) == without_code(plain_form(Form::markdown)));
  }
}

TEST_CASE("nothing is left out of JSON", "[report]") {
  // But for bytes that are no text: they are shown, and cannot be given back.
  const std::string text = "\x1b[31m \"\\ <&> \xE2\x80\xAE 名前\n" + std::string(5000, 'x');
  const auto json =
      formats::parse_json(as_bytes(write(Form::json, input_of(test::filled_with(text)))), 64 << 20);
  REQUIRE(json);
  const formats::Json& image = json->find("images")->array()->at(2);
  CHECK(*image.find("rule")->string() == text);
  CHECK(*image.find("reason")->find("message")->string() == text);
}

TEST_CASE("the page has no element or attribute that loads or runs anything", "[report]") {
  const std::string html = write(Form::html, input_of(test::filled_with("words")));
  const auto page = StrictXml::parse(html);
  REQUIRE(page);
  const std::set<std::string> elements = {
      "html", "head", "meta",   "title",  "style", "body", "h1",   "p",    "span",    "section",
      "h2",   "code", "br",     "figure", "svg",   "rect", "text", "path", "details", "summary",
      "ul",   "li",   "strong", "div",    "table", "tr",   "th",   "td"};
  const std::set<std::string> attributes = {
      "lang",    "charset", "http-equiv", "content", "name", "class", "role", "aria-label",
      "viewBox", "width",   "height",     "x",       "y",    "rx",    "d",    "open"};
  for (const auto& element : *page) {
    CAPTURE(element.name);
    CHECK(elements.contains(element.name));
    for (const auto& [name, value] : element.attributes) {
      CAPTURE(name);
      CHECK(attributes.contains(name));
    }
  }
  CHECK(html.contains("default-src 'none'; style-src 'sha256-"));
}

}  // namespace touchstone::report

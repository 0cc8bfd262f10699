// What a build pulls.
#include "formats/dockerfile.h"

#include <catch2/catch.hpp>

namespace touchstone::formats {
namespace {

using Variables = std::map<std::string, std::string>;

// "LINE IMAGE" for each.
std::vector<std::string> read(std::string_view text, const Variables& arguments = {}) {
  const auto named = read_dockerfile(text, arguments);
  if (!named) return {"error " + named.error().message};
  std::vector<std::string> lines;
  for (const NamedImage& image : named->images) {
    lines.push_back(std::to_string(image.line) + " " + image.reference);
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a Dockerfile names what its build pulls", "[dockerfile]") {
  struct Row {
    const char* why;
    std::string text;
    Lines images;
  };
  const auto row = GENERATE(values<Row>({
      {"one", "FROM debian:12\n", {"1 debian:12"}},
      {"no newline at the end", "FROM debian:12", {"1 debian:12"}},
      {"lower case", "from debian\n", {"1 debian"}},
      {"a tab", "FROM\tdebian\n", {"1 debian"}},
      {"blanks before it", "  FROM debian\n", {"1 debian"}},
      {"CR LF", "FROM debian:12\r\nRUN x\r\n", {"1 debian:12"}},
      {"byte order mark",
       "\xEF\xBB\xBF"
       "FROM debian\n",
       {"1 debian"}},
      {"comments and blank lines", "# a\n\n  # b\nFROM debian\n", {"4 debian"}},
      {"platform", "FROM --platform=$BUILDPLATFORM debian\n", {"1 debian"}},
      {"scratch", "FROM scratch\nCOPY --from=debian / /\n", {"2 debian"}},
      {"stages", "FROM a AS one\nFROM b as Two\nFROM one\nFROM TWO\n", {"1 a", "2 b"}},
      {"a stage that comes later is an image", "FROM one\nFROM b AS one\n", {"1 one", "2 b"}},
      {"copied from",
       "FROM a AS one\nCOPY --from=one x y\nCOPY --from=0 x y\nCOPY --from=img:1 x y\n",
       {"1 a", "4 img:1"}},
      {"copied with other flags",
       "FROM a\nCOPY --link --chown=1:1 --from=img x y\n",
       {"1 a", "2 img"}},
      {"not a flag", "FROM a\nCOPY x --from=img y\n", {"1 a"}},
      {"mounted from",
       "FROM a\nRUN --mount=type=bind,from=img,target=/x --mount=type=cache,target=/y make\n",
       {"1 a", "2 img"}},
      {"triggers",
       "FROM a\nONBUILD COPY --from=img x y\nONBUILD RUN --mount=from=other x\n",
       {"1 a", "2 img", "3 other"}},
      {"who runs the build",
       "# syntax=docker/dockerfile:1\nFROM a\n",
       {"1 docker/dockerfile:1", "2 a"}},
      {"directives end with the first comment", "# hello\n# syntax=evil\nFROM a\n", {"3 a"}},
      {"continued", "FROM \\\n  debian:12 \\\n  AS x\n", {"1 debian:12"}},
      {"continued, with comments and blank lines", "FROM \\\n# c\n\n  debian\n", {"1 debian"}},
      {"blanks behind the escape", "FROM \\  \n debian\n", {"1 debian"}},
      {"two escapes do not continue", "FROM a\nRUN echo \\\\\nFROM b\n", {"1 a", "3 b"}},
      {"what is continued is no instruction", "FROM a\nRUN echo \\\nFROM b\n", {"1 a"}},
      {"another escape",
       "# escape=`\nFROM a\nRUN dir c:\\\nFROM b\nRUN x `\nFROM c\n",
       {"2 a", "4 b"}},
      {"quotes", "FROM \"debian:12\" AS x\n", {"1 debian:12"}},
      {"heredoc", "FROM a\nRUN <<EOF\nFROM b\nEOF\nFROM c\n", {"1 a", "5 c"}},
      {"heredoc without tabs", "FROM a\nRUN <<-'E O'\nx\n\tE O\nFROM c\n", {"1 a", "5 c"}},
      {"two heredocs", "FROM a\nCOPY <<A <<B /x/\nFROM b\nA\nFROM c\nB\nFROM d\n", {"1 a", "7 d"}},
      {"numbered heredoc", "FROM a\nRUN cat 3<<EOF\nFROM b\nEOF\n", {"1 a"}},
      {"a heredoc in quotes is none", "FROM a\nRUN echo \"x <<EOF y\"\nFROM b\n", {"1 a", "3 b"}},
      {"no heredoc where the instruction takes none",
       "FROM a\nENV X=1 <<EOF\nFROM b\n",
       {"1 a", "3 b"}},
  }));
  CAPTURE(row.why);
  CHECK(read(row.text) == row.images);
}

TEST_CASE("variables of a Dockerfile have their defaults, or what the build is given",
          "[dockerfile]") {
  struct Row {
    const char* why;
    std::string text;
    Variables arguments;
    std::string image;
  };
  const auto row = GENERATE(values<Row>({
      {"default", "ARG V=12\nFROM debian:$V\n", {}, "2 debian:12"},
      {"braces", "ARG V=12\nFROM debian:${V}-slim\n", {}, "2 debian:12-slim"},
      {"given", "ARG V=12\nFROM debian:$V\n", {{"V", "13"}}, "2 debian:13"},
      {"given alone", "ARG V\nFROM debian:$V\n", {{"V", "13"}}, "2 debian:13"},
      {"one of another", "ARG V=12 T=${V}-slim\nFROM debian:$T\n", {}, "2 debian:12-slim"},
      {"quoted", "ARG I=\"debian:12\"\nFROM $I\n", {}, "2 debian:12"},
      {"or else, absent", "FROM debian:${V:-11}\n", {}, "1 debian:11"},
      {"or else, empty", "ARG V=\nFROM debian:${V:-11}\n", {}, "2 debian:11"},
      {"or else, empty but set", "ARG V=\nFROM debian${V-:11}\n", {}, "2 debian"},
      {"or else, there", "ARG V=12\nFROM debian:${V:-11}\n", {}, "2 debian:12"},
      {"if so", "ARG V=12\nFROM debian${V:+:11}\n", {}, "2 debian:11"},
      {"if so, absent", "FROM debian${V+:11}\n", {}, "1 debian"},
      {"escaped", "ARG V=1\nFROM a\\$V\n", {}, "2 a$V"},
      {"in single quotes", "ARG V=1\nFROM 'a$V'\n", {}, "2 a$V"},
  }));
  CAPTURE(row.why);
  CHECK(read(row.text, row.arguments) == Lines{row.image});
}

TEST_CASE("a Dockerfile that does not say what is pulled is refused", "[dockerfile]") {
  struct Row {
    const char* why;
    std::string text;
    std::string beginning;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", "", "1: there is no FROM"},
      {"no FROM", "RUN x\n", "1: there is no FROM"},
      {"a variable without a value", "ARG V\nFROM a:$V\n", "2: the variable \"V\" has no value"},
      {"a variable of a stage", "FROM a\nARG V=1\nFROM b:$V\n",
       "3: the variable \"V\" has no value"},
      {"given, but not declared", "FROM a:$W\n", "1: the variable \"W\" has no value"},
      {"another form", "ARG V=1\nFROM a:${V#x}\n", "2: \"${V#x}\" is not understood"},
      {"a variable within a form", "ARG V=1\nFROM a:${W:-$V}\n",
       "2: \"${W:-$V}\" is not understood"},
      {"a form without an end", "FROM a:${V\n", "1: a \"${\" without an end"},
      {"no name", "FROM a:$\n", "1: a '$' without a name"},
      {"nothing", "FROM\n", "1: FROM takes an image"},
      {"nothing but a platform", "FROM --platform=x\n", "1: FROM takes an image"},
      {"two images", "FROM a b\n", "1: FROM takes an image"},
      {"no name of the stage", "FROM a AS\n", "1: FROM takes an image"},
      {"empty by a variable", "ARG V=\nFROM $V\n", "2: FROM names no image"},
      {"copied from a variable", "FROM a\nCOPY --from=$X a b\n", "2: a variable in from=$X"},
      {"copied from nothing", "FROM a\nCOPY --from= a b\n", "2: from= names nothing"},
      {"a stage to come", "FROM a\nCOPY --from=1 a b\n", "2: there is no stage 1 before it"},
      {"a number without end", "FROM a\nCOPY --from=99999999999999999999 a b\n",
       "2: there is no stage"},
      {"heredoc without an end", "FROM a\nRUN <<EOF\nx\n", "2: the heredoc \"EOF\" has no end"},
  }));
  CAPTURE(row.why);
  const auto named = read_dockerfile(row.text, {{"W", "given"}});
  REQUIRE_FALSE(named);
  CHECK(named.error().code == Code::format_file);
  CHECK(named.error().message.starts_with(row.beginning));
}

}  // namespace touchstone::formats

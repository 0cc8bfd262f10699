// What a build pulls.
#include "formats/dockerfile.h"

#include <catch2/catch.hpp>
#include <ctime>

#include "base/limits.h"

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

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

// "ARG B=$A$A", "ARG C=$B$B" ...: each is twice as long as the one before.
std::string doubling(std::size_t count) {
  std::string out = "ARG A0=xxxxxxxxxx\n";
  for (std::size_t i = 1; i <= count; ++i) {
    const std::string before = "$A" + std::to_string(i - 1);
    out += "ARG A" + std::to_string(i) + "=" + before + before + "\n";
  }
  return out;
}

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
      {"mounted from, in capitals",
       "FROM a\nRUN --mount=type=bind,FROM=img,target=/x true\n",
       {"1 a", "2 img"}},
      {"flags in quotes",
       "FROM a\nCOPY --from=\"img\" x y\nRUN '--mount=from=no' --mount='type=bind,from=img' x\n"
       "RUN --mount='type=bind,from=img' x\n",
       {"1 a", "2 img", "4 img"}},
      {"added from", "FROM a\nADD --link --from=img x y\n", {"1 a", "2 img"}},
      {"switches",
       "FROM a\nADD --keep-git-dir --unpack x y\nCOPY --parents --link --from=img x y\n",
       {"1 a", "3 img"}},
      {"a number in a mount is an image's name", "FROM a\nRUN --mount=from=0 x\n", {"1 a", "2 0"}},
      {"triggers",
       "FROM a\nONBUILD COPY --from=img x y\nONBUILD RUN --mount=from=other x\n",
       {"1 a", "2 img", "3 other"}},
      {"who runs the build",
       "# syntax=docker/dockerfile:1\nFROM a\n",
       {"1 docker/dockerfile:1", "2 a"}},
      {"directives end with the first comment", "# hello\n# syntax=evil\nFROM a\n", {"3 a"}},
      {"a directive of nothing is a comment",
       "# syntax=\n# escape=`\nFROM a\nRUN x \\\nFROM b\n",
       {"3 a"}},
      {"three directives",
       "# check=skip=all\n# escape=\\\n# syntax=img\nFROM a\n",
       {"3 img", "4 a"}},
      {"all instructions",
       "FROM a\nADD x y\nARG X\nCMD x\nCOPY x y\nENTRYPOINT x\nENV X=1\nEXPOSE 1\n"
       "HEALTHCHECK NONE\nLABEL x=y\nMAINTAINER x\nONBUILD RUN x\nRUN x\nSHELL [\"x\"]\n"
       "STOPSIGNAL 1\nUSER x\nVOLUME /x\nWorkDir /x\n",
       {"1 a"}},
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
      {"heredoc without tabs", "FROM a\nRUN <<-'EOF'\nx\n\tEOF\nFROM c\n", {"1 a", "5 c"}},
      {"heredoc of a file",
       "FROM a\nCOPY <<robots.txt <<\"a-b\" /x/\nFROM b\nrobots.txt\na-b\nFROM c\n",
       {"1 a", "6 c"}},
      {"heredoc beside variables and quotes",
       "FROM a\nRUN x ${Y} \"$Z it's\" '${W:?}' <<EOF >f\nFROM b\nEOF\nFROM c\n",
       {"1 a", "5 c"}},
      {"heredoc of a trigger",
       "FROM a\nONBUILD RUN <<EOF\nFROM b\nEOF\nONBUILD ENV X=<<EOF\nFROM c\n",
       {"1 a", "6 c"}},
      {"two heredocs", "FROM a\nCOPY <<A <<B /x/\nFROM b\nA\nFROM c\nB\nFROM d\n", {"1 a", "7 d"}},
      {"numbered heredoc", "FROM a\nRUN cat 3<<EOF\nFROM b\nEOF\n", {"1 a"}},
      {"a heredoc in quotes is none", "FROM a\nRUN echo \"x <<EOF y\"\nFROM b\n", {"1 a", "3 b"}},
      {"a shift", "FROM a\nRUN echo $((1<<4))\nFROM b\n", {"1 a", "3 b"}},
      {"a heredoc in JSON is none",
       "FROM a\nRUN [\"sh\", \"-c\", \"x <<EOF\"]\nFROM b\n",
       {"1 a", "3 b"}},
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
      {"of the builder, given", "FROM a:${TARGETARCH:-x}\n", {{"TARGETARCH", "arm"}}, "1 a:arm"},
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
      {"a digit", "FROM a:$1W\n", "1: a '$' without a name"},
      {"a name that goes on beyond ASCII", "FROM a:$W\xC3\xA9\n", "1: a '$' without a name"},
      {"an argument with a quoted name", "ARG \"V\"=1\nFROM a\n",
       "1: ARG \"\"V\"\" is no variable"},
      {"an argument without a name", "ARG =1\nFROM a\n", "1: ARG \"\" is no variable"},
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
      {"quotes within a form", "FROM a:${W:-''}\n", "1: \"${W:-''}\" is not understood"},
      {"escape within a form", "FROM a:${W:-\\x}\n", "1: \"${W:-\\x}\" is not understood"},
      {"a variable of the builder, if absent", "FROM a:${TARGETARCH:-x}\n",
       "1: the variable \"TARGETARCH\" has no value"},
      {"a variable of the builder, if there", "FROM a${BUILDOS:+:x}\n",
       "1: the variable \"BUILDOS\" has no value"},
      {"mounted from a variable", "FROM a\nRUN --mount=from=$X true\n", "2: a variable in from=$X"},
      {"mounted from nothing", "FROM a\nRUN --mount=from true\n", "2: from= names nothing"},
      {"heredoc without an end", "FROM a\nRUN <<EOF\nx\n", "2: the heredoc \"EOF\" has no end"},
  }));
  CAPTURE(row.why);
  const auto named = read_dockerfile(row.text, {{"W", "given"}});
  REQUIRE_FALSE(named);
  CHECK(named.error().code == Code::format_file);
  CHECK(named.error().message.starts_with(row.beginning));
}

TEST_CASE("what builders read differently in a Dockerfile is refused", "[dockerfile]") {
  struct Row {
    const char* why;
    std::string text;
    std::string beginning;
  };
  const std::string copy = "FROM a\nCOPY ";
  const std::string run = "FROM a\nRUN ";
  const auto row = GENERATE_COPY(values<Row>({
      {"two syntaxes", "# syntax=evil\n# syntax=good\nFROM a\n",
       "2: a second directive \"syntax\""},
      {"two escapes", "# escape=`\n# Escape=\\\nFROM a\n", "2: a second directive \"escape\""},
      {"two checks", "# check=x\n#check=x\nFROM a\n", "2: a second directive \"check\""},
      {"another escape", "# escape=x\nFROM a\n", "1: the escape is \"x\""},
      {"a shebang", "#!/x\n# syntax=evil\nFROM a\n", "1: \"#!\" on the first line"},
      {"a shebang behind a byte order mark", "\xEF\xBB\xBF#!/x\nFROM a\n",
       "1: \"#!\" on the first line"},
      {"directives behind //", "//syntax=evil\nFROM a\n", "1: \"//\" on the first line"},
      {"vertical tab",
       "FROM a\nFROM\x0B"
       "evil\n",
       "2: a control character"},
      {"form feed",
       "FROM a\nFROM\x0C"
       "evil\n",
       "2: a control character"},
      {"form feed before it",
       "FROM a\n\x0C"
       "FROM evil\n",
       "2: a control character"},
      {"CR alone", "FROM a\n#\rFROM evil\n", "2: a control character"},
      {"DEL", "FROM a\nRUN \x7F\n", "2: a control character"},
      {"NUL", std::string("FROM a\nRUN \0\n", 13), "2: a control character"},
      {"no-break space",
       "FROM a\n\xC2\xA0"
       "FROM evil\n",
       "2: a blank that is no ASCII"},
      {"next line",
       "FROM a\n\xC2\x85"
       "FROM evil\n",
       "2: a blank that is no ASCII"},
      {"no-break space in a directive", "#\xC2\xA0syntax=evil\nFROM a\n",
       "1: a blank that is no ASCII"},
      {"ogham space", "FROM a\nRUN \xE1\x9A\x80\n", "2: a blank that is no ASCII"},
      {"en quad", "FROM a\nRUN \xE2\x80\x80\n", "2: a blank that is no ASCII"},
      {"hair space", "FROM a\nRUN \xE2\x80\x8A\n", "2: a blank that is no ASCII"},
      {"line separator", "FROM a\nRUN \xE2\x80\xA8\n", "2: a blank that is no ASCII"},
      {"paragraph separator", "FROM a\nRUN \xE2\x80\xA9\n", "2: a blank that is no ASCII"},
      {"narrow no-break space", "FROM a\nRUN \xE2\x80\xAF\n", "2: a blank that is no ASCII"},
      {"mathematical space", "FROM a\nRUN \xE2\x81\x9F\n", "2: a blank that is no ASCII"},
      {"ideographic space", "FROM a\nRUN \xE3\x80\x80\n", "2: a blank that is no ASCII"},
      {"no instruction", "FROM a\nFRÖM evil\n", "2: \"frÖm\" is no instruction"},
      {"JSON", "{\"syntax\": \"evil\"}\n", "1: \"{\"syntax\":\" is no instruction"},
      {"a trigger that is none", "FROM a\nONBUILD -- COPY --from=evil / /\n",
       "2: \"--\" is no instruction"},
      {"an escape in a flag", copy + "--fr\\om=evil / /\n", "2: the flag \"--fr\\om=evil\" holds"},
      {"another escape in a flag", "# escape=`\nFROM a\nCOPY --fr`om=evil / /\n",
       "3: the flag \"--fr`om=evil\" holds"},
      {"a backslash where it is no escape", "# escape=`\nFROM a\nONBUILD COPY --fr\\om=evil / /\n",
       "3: the flag \"--fr\\om=evil\" holds"},
      {"an escape in a flag of RUN", run + "--mo\\unt=from=evil x\n", "2: the flag"},
      {"an escape in a flag of FROM", "FROM --platform='\\' good AS x' evil\n", "1: the flag"},
      {"bytes that are blanks in Latin-1", copy + "--chown=\xC3\xA0--from=evil / /\n",
       "2: the flag \"--chown=\xC3\xA0--from=evil\" holds"},
      {"a blank in a flag", copy + "--chown=\"a --from=evil\" / /\n", "2: the flag"},
      {"quotes in quotes", run + "--mount='type=bind,\"from=evil\"' x\n", "2: the flag"},
      {"an open double quote in a flag", copy + "--from=\"evil\n", "2: the flag"},
      {"an open quote in a flag", copy + "--from='evil\n", "2: the flag"},
      {"a source without =", copy + "--from evil / /\n", "2: the flag \"--from\" has no value"},
      {"a mount without =", run + "--mount from=evil x\n", "2: the flag \"--mount\" has no value"},
      {"another flag without =", copy + "--chown x --from=evil / /\n",
       "2: the flag \"--chown\" has no value"},
      {"the end of flags", copy + "-- --from=evil /\n", "2: the flag \"--\" has no value"},
      {"a platform without =", "FROM --platform x\n", "1: the flag \"--platform\" has no value"},
  }));
  CAPTURE(row.why);
  const auto named = read_dockerfile(row.text, {});
  REQUIRE_FALSE(named);
  CHECK(named.error().code == Code::format_file);
  CHECK(named.error().message.starts_with(row.beginning));
  CHECK_FALSE(named.error().hint.empty());
}

TEST_CASE("what may be a heredoc, or not, is refused", "[dockerfile]") {
  struct Row {
    const char* why;
    std::string words;
    std::string instruction = "RUN ";
  };
  const auto row = GENERATE(values<Row>({
      {"a blank behind it", "<< EOF"},
      {"a blank and a dash", "<<- EOF"},
      {"a word before it", "cat<<EOF"},
      {"quotes before it", "''<<EOF"},
      {"a word behind it", "<<EOF>f"},
      {"a here-string", "cat <<<EOF"},
      {"quotes in the name", "<<E\"O\"F"},
      {"two quotes", "<<\"EOF'"},
      {"one quote", "<<\""},
      {"no name", "<<''"},
      {"a name with a blank", "<<'E F'"},
      {"a name with a sign", "<<-.EOF"},
      {"a variable as name", "<<$EOF"},
      {"a shift between blanks", "echo $((1 << EOF))"},
      {"a shift before a blank", "echo $((1<< EOF))"},
      {"a shift that joins a heredoc", "echo $((1<< <<EOF"},
      {"an open quote before it", "echo it's <<EOF"},
      {"an open double quote before it", "echo 2\" <<EOF"},
      {"an open quote around it", "echo \"<<EOF"},
      {"an escape", "echo \\\" <<EOF \""},
      {"an escape in quotes", "echo '\\' <<EOF"},
      {"an escape of itself", "echo \\<<EOF"},
      {"a form that BuildKit does not know", "echo ${EOF^^} <<EOF"},
      {"a form in quotes", "echo \"${EOF:-\"} <<EOF\""},
      {"a form without a name", "echo ${} <<EOF"},
      {"a form of a number", "echo ${1EOF} <<EOF"},
      {"a form without an end", "echo ${EOF <<EOF"},
      {"copied", "<< EOF /x", "COPY "},
      {"added", "<< EOF /x", "add "},
      {"of a trigger", "<< EOF", "ONBUILD RUN "},
  }));
  CAPTURE(row.why);
  const std::string text = "FROM a\n" + row.instruction + row.words + "\nFROM b\nEOF\n";
  const auto named = read_dockerfile(text, {});
  REQUIRE_FALSE(named);
  CHECK(named.error().code == Code::format_file);
  CHECK(named.error().message.starts_with("2: not clear whether it is a heredoc: "));
  CHECK_FALSE(named.error().hint.empty());
}

TEST_CASE("an escape that is no backslash makes a heredoc doubtful", "[dockerfile]") {
  CHECK(read("# escape=`\nFROM a\nRUN echo `\" <<EOF `\"\nFROM b\nEOF\n")[0].starts_with(
      "error 3: not clear whether"));
  CHECK(read("# escape=`\nFROM a\nRUN echo \\\" <<EOF \"\nFROM b\nEOF\n")[0].starts_with(
      "error 3: not clear whether"));
}

TEST_CASE("a Dockerfile's size, and what its variables make of it, have a limit", "[dockerfile]") {
  struct Row {
    const char* why;
    std::string text;
    std::string beginning;
  };
  const std::string kilobyte = "ARG K=" + repeated("x", 1024) + "\n";
  const auto row = GENERATE_COPY(values<Row>({
      {"too large", "FROM a\n" + repeated("#", limits::max_dockerfile_bytes),
       "1: the Dockerfile is"},
      {"doubled 35 times", doubling(35) + "FROM a$A35\n", "10: variables make too much"},
      {"one in FROM", kilobyte + "FROM $K$K$K$K$K\n", "2: variables make too much"},
      {"many", kilobyte + repeated("ARG L=$K$K\n", 600) + "FROM a\n",
       "513: variables make too much"},
      {"many in FROM", kilobyte + repeated("FROM $K\n", 1100), "1025: variables make too much"},
  }));
  CAPTURE(row.why);
  const auto named = read_dockerfile(row.text, {});
  REQUIRE_FALSE(named);
  CHECK(named.error().code == Code::limit_size);
  CHECK(named.error().message.substr(0, row.beginning.size()) == row.beginning);
  CHECK_FALSE(named.error().hint.empty());
}

TEST_CASE("a Dockerfile as large as may be is read in seconds", "[dockerfile]") {
  std::string text;
  for (std::size_t i = 0; text.size() < limits::max_dockerfile_bytes - 100; ++i) {
    text += "FROM a" + std::to_string(i) + " AS b" + std::to_string(i) + "\n";
  }
  const std::clock_t begin = std::clock();
  CHECK(read_dockerfile(text, {}));
  // What compares each name with all others takes half a minute.
  CHECK(std::clock() - begin < 5 * CLOCKS_PER_SEC);
}

}  // namespace touchstone::formats

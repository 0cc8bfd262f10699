// The grammar of names, checked against what distribution/reference accepts (attacks.md ADM-08 to
// ADM-12) and where this program is deliberately stricter.
#include "base/reference.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/limits.h"

namespace touchstone {
namespace {

using namespace std::string_literals;

const std::string hex64(64, 'a');
const std::string sha256 = "sha256:" + hex64;
const std::string sha512 = "sha512:" + std::string(128, '0');

TEST_CASE("Reference::parse gives every spelling of an image one form", "[reference][ADM-08]") {
  const auto text =
      GENERATE("nginx"s, "library/nginx"s, "docker.io/nginx"s, "docker.io/library/nginx"s,
               "nginx:latest"s, "index.docker.io/nginx"s, "index.docker.io/library/nginx:latest"s,
               "registry-1.docker.io/library/nginx"s, "Docker.IO/library/nginx"s,
               "DOCKER.IO/nginx:latest"s, "INDEX.docker.io/library/nginx"s);
  CAPTURE(text);

  const auto reference = Reference::parse(text);

  REQUIRE(reference);
  CHECK(reference->to_string() == "docker.io/library/nginx:latest");
  CHECK(reference->registry() == "docker.io");
  CHECK(reference->repository() == "library/nginx");
  CHECK(reference->api_host() == "registry-1.docker.io");
}

TEST_CASE("Reference::parse decides as the runtimes do what is a host", "[reference][ADM-12]") {
  struct Row {
    const char* why;
    std::string text;
    std::string name;
    std::string tag;
  };
  const auto row = GENERATE(values<Row>({
      {"localhost is a host", "localhost/x", "localhost/x", "latest"},
      {"also in capitals", "LOCALHOST/x", "localhost/x", "latest"},
      {"and with a port", "localhost:5000/x", "localhost:5000/x", "latest"},
      {"alone it is a repository", "localhost", "docker.io/library/localhost", "latest"},
      {"alone with a tag that looks like a port", "localhost:5000", "docker.io/library/localhost",
       "5000"},
      {"no dot: not a host", "foo/x", "docker.io/foo/x", "latest"},
      {"two parts, no dot", "foo/bar/x", "docker.io/foo/bar/x", "latest"},
      {"a dot: a host", "foo.bar/x", "foo.bar/x", "latest"},
      {"a port: a host", "foo:443/x", "foo:443/x", "latest"},
      {"an IPv6 literal with a port", "[::1]:5000/x", "[::1]:5000/x", "latest"},
      {"an IPv6 literal", "[2001:DB8::1]/x/y:1", "[2001:db8::1]/x/y", "1"},
      {"an IPv4 address", "127.0.0.1:5000/a/b:v1", "127.0.0.1:5000/a/b", "v1"},
      {"a dot in a lone name", "foo.bar", "docker.io/library/foo.bar", "latest"},
      {"separators inside names", "foo.bar/a.b/c_d/e__f/g-h/i---j",
       "foo.bar/a.b/c_d/e__f/g-h/i---j", "latest"},
      {"a tag of every kind of character", "foo.bar/x:_A.b-9", "foo.bar/x", "_A.b-9"},
      {"an image ID with a tag is a name", hex64 + ":1", "docker.io/library/" + hex64, "1"},
      {"a digest alone reads as name and tag", sha256, "docker.io/library/sha256", hex64},
      {"an image ID below a name is a name", "foo/" + hex64, "docker.io/foo/" + hex64, "latest"},
  }));
  CAPTURE(row.why, row.text);

  const auto reference = Reference::parse(row.text);

  REQUIRE(reference);
  CHECK(reference->name() == row.name);
  CHECK(reference->tag() == row.tag);
  CHECK_FALSE(reference->digest());
  CHECK_FALSE(reference->is_layout());
}

TEST_CASE("Reference::parse compares hosts whole", "[reference][ADM-09]") {
  struct Row {
    std::string text;
    std::string registry;
    std::string repository;
  };
  const auto row = GENERATE(values<Row>({
      {"evil.com/docker.io/library/nginx", "evil.com", "docker.io/library/nginx"},
      {"ghcr.io.evil.com/x", "ghcr.io.evil.com", "x"},
      {"ghcr.io:443/x", "ghcr.io:443", "x"},
      {"GHCR.IO/x", "ghcr.io", "x"},
      {"docker.io.evil.com/nginx", "docker.io.evil.com", "nginx"},
      {"docker.io:443/nginx", "docker.io:443", "nginx"},
      {"index.docker.io.evil.com/nginx", "index.docker.io.evil.com", "nginx"},
      {"registry-1.docker.io:443/nginx", "registry-1.docker.io:443", "nginx"},
  }));
  CAPTURE(row.text);

  const auto reference = Reference::parse(row.text);

  REQUIRE(reference);
  CHECK(reference->registry() == row.registry);
  CHECK(reference->repository() == row.repository);
}

TEST_CASE("Reference::parse keeps tag and digest, and the digest pins", "[reference][ADM-10]") {
  const auto both = Reference::parse("foo.bar/x:1@" + sha256);
  REQUIRE(both);
  CHECK(both->tag() == "1");
  REQUIRE(both->digest());
  CHECK(both->digest()->to_string() == sha256);
  CHECK(both->to_string() == "foo.bar/x:1@" + sha256);
  CHECK(both->pinned(*both->digest()) == "foo.bar/x@" + sha256);

  const auto longer = Reference::parse("foo.bar/x@" + sha512);
  REQUIRE(longer);
  CHECK_FALSE(longer->tag());
  CHECK(longer->to_string() == "foo.bar/x@" + sha512);
}

TEST_CASE("Reference::parse refuses what is outside the grammar", "[reference][ADM-11]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"blank", " "},
      {"leading blank", " nginx"},
      {"trailing blank", "nginx "},
      {"trailing line break", "nginx\n"},
      {"NUL", "nginx\0x"s},
      {"an option", "-nginx"},
      {"an option with dashes", "--policy=x"},
      {"upper-case repository", "foo.bar/Nginx"},
      {"upper-case lone name", "Nginx"},
      {"upper-case first part, which Docker takes for a host", "FOO/x"},
      {"upper case further on", "foo/Bar/x"},
      {"look-alike letter", "ngi\xd0\xbfx"},
      {"full-width slash", "foo.bar\xef\xbc\x8fx"},
      {"look-alike host", "gh\xd1\x81r.io/x"},
      {"byte that is no UTF-8", "ngin\xff"},
      {"right-to-left override", "nginx\xe2\x80\xae"},
      {"two digests", "nginx@" + sha256 + "@" + sha256},
      {"@ and nothing", "nginx@"},
      {"digest alone", "@" + sha256},
      {"short digest", "nginx@sha256:" + hex64.substr(1)},
      {"upper-case digest", "nginx@sha256:" + std::string(64, 'A')},
      {"weak digest", "nginx@md5:" + std::string(32, 'a')},
      {"sha384, which OCI does not register", "nginx@sha384:" + std::string(96, 'a')},
      {"path in a digest", "nginx@sha256:../../x"},
      {"digest before the tag", "nginx@" + sha256 + ":1"},
      {": without a tag", "nginx:"},
      {": without a tag, before a digest", "nginx:@" + sha256},
      {"two tags", "nginx:1:2"},
      {"tag alone", ":1"},
      {"tag of 129 characters", "nginx:" + std::string(129, 'a')},
      {"tag of 300 characters", "nginx:" + std::string(300, 'a')},
      {"tag that begins with a dot", "nginx:.1"},
      {"tag that begins with a dash", "nginx:-1"},
      {"slash in a tag", "nginx:a/b"},
      {"image ID", hex64},
      {"leading slash", "/nginx"},
      {"trailing slash", "nginx/"},
      {"host alone", "foo.bar/"},
      {"empty part", "foo.bar//x"},
      {"dots as a part", "foo.bar/../x"},
      {"one dot as a part", "foo.bar/./x"},
      {"leading dot", "foo.bar/.x"},
      {"trailing dot", "foo.bar/x."},
      {"two dots", "foo.bar/a..b"},
      {"three underscores", "foo.bar/a___b"},
      {"mixed separators", "foo.bar/a.-b"},
      {"trailing dash", "foo.bar/x-"},
      {"leading underscore", "foo.bar/_x"},
      {"scheme", "https://foo.bar/x"},
      {"scheme of docker's transports", "docker://nginx"},
      {"query", "foo.bar/x?y"},
      {"fragment", "foo.bar/x#y"},
      {"percent", "foo.bar/%2e%2e/x"},
      {"backslash", "foo.bar\\x"},
      {"user", "user@foo.bar/x"},
      {"host with a trailing dot", "ghcr.io./x"},
      {"host with a leading dot", ".ghcr.io/x"},
      {"host with two dots", "ghcr..io/x"},
      {"host with an underscore", "foo_bar.io/x"},
      {"host that begins with a dash", "-foo.bar/x"},
      {"host label that ends with a dash", "foo-.bar/x"},
      {"host label of 64 characters", std::string(64, 'a') + ".io/x"},
      {"dot as a host", "./x"},
      {"dots as a host", "../x"},
      {"empty port", "foo.bar:/x"},
      {"port 0", "foo.bar:0/x"},
      {"port 65536", "foo.bar:65536/x"},
      {"port that is no number", "foo.bar:5o00/x"},
      {"signed port", "foo.bar:+80/x"},
      {"two ports", "foo.bar:80:81/x"},
      {"port past the first part", "foo/bar:5000/x"},
      {"IPv6 literal without ]", "[::1/x"},
      {"empty IPv6 literal", "[]/x"},
      {"empty IPv6 literal with a port", "[]:5000/x"},
      {"IPv6 literal with a zone", "[fe80::1%eth0]/x"},
      {"IPv6 literal with rubbish after it", "[::1]a/x"},
      {"IPv6 literal with an empty port", "[::1]:/x"},
      {"IPv6 literal alone", "[::1]"},
      {"name of 256 characters", "foo.bar/" + std::string(248, 'a')},
      {"name of 256 characters with what is added to it", "docker.io/" + std::string(238, 'a')},
      {"10 KB", std::string(10'000, 'a')},
  }));
  CAPTURE(row.why);

  const auto reference = Reference::parse(row.text);

  REQUIRE_FALSE(reference);
  CHECK(reference.error().code == Code::reference_malformed);
}

TEST_CASE("Reference::parse takes names up to their limits", "[reference]") {
  CHECK(Reference::parse("foo.bar/" + std::string(247, 'a')));
  CHECK(Reference::parse("docker.io/" + std::string(237, 'a')));
  CHECK(Reference::parse("nginx:" + std::string(128, 'a')));
  CHECK(Reference::parse(std::string(63, 'a') + ".io/x"));
  CHECK(Reference::parse("foo.bar:65535/x"));
  CHECK(Reference::parse("foo.bar:1/x"));
}

TEST_CASE("Reference::parse reads image-layout folders", "[reference]") {
  struct Row {
    const char* why;
    std::string text;
    std::string folder;
    std::string tag;
    std::string digest;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"relative", "oci-layout:dir", "dir", "", ""},
      {"absolute", "oci-layout:/a/b", "/a/b", "", ""},
      {"with a tag", "oci-layout:/a/b:v1", "/a/b", "v1", ""},
      {"with a digest", "oci-layout:/a/b@" + sha256, "/a/b", "", sha256},
      {"with both", "oci-layout:b:v1@" + sha256, "b", "v1", sha256},
      {"colon further up", "oci-layout:/a:b/c", "/a:b/c", "", ""},
      {"@ further up", "oci-layout:/a@b/c:1", "/a@b/c", "1", ""},
      {"blanks and letters of other alphabets", "oci-layout:/Bilder f\xc3\xbcr X",
       "/Bilder f\xc3\xbcr X", "", ""},
  }));
  CAPTURE(row.why, row.text);

  const auto reference = Reference::parse(row.text);

  REQUIRE(reference);
  CHECK(reference->is_layout());
  CHECK(reference->folder() == row.folder);
  CHECK(reference->tag().value_or("") == row.tag);
  CHECK((reference->digest() ? reference->digest()->to_string() : "") == row.digest);
  CHECK(reference->to_string() == row.text);
}

TEST_CASE("Reference::parse refuses malformed image-layout names", "[reference]") {
  const auto text = GENERATE(
      "oci-layout:"s, "oci-layout::v1"s, "oci-layout:@sha256:"s, "oci-layout:dir:"s,
      "oci-layout:dir:.x"s, "oci-layout:dir@sha256:abc"s, "oci-layout:dir@x"s, "oci-layout:a\0b"s,
      "oci-layout:a\nb"s, "oci-layout:a\x1b[2Jb"s, "oci-layout:a\xff"s, "oci-layout:a\xe2\x80\xae"s,
      "oci-layout:" + std::string(limits::max_reference_bytes, 'a'));
  CAPTURE(text);

  const auto reference = Reference::parse(text);

  REQUIRE_FALSE(reference);
  CHECK(reference.error().code == Code::reference_malformed);
}

TEST_CASE("What a Reference prints names the same image again", "[reference]") {
  const auto text = GENERATE("nginx"s, "FOO.bar/x:1"s, "LOCALHOST/x"s, "[::A]:1/x"s,
                             "foo/bar@sha256:" + hex64, "oci-layout:x:1"s);
  CAPTURE(text);

  const auto once = Reference::parse(text);
  REQUIRE(once);
  const auto twice = Reference::parse(once->to_string());

  REQUIRE(twice);
  CHECK(twice->to_string() == once->to_string());
  CHECK(twice->registry() == once->registry());
  CHECK(twice->repository() == once->repository());
}

TEST_CASE("Errors about references show no control characters", "[reference][LOC-08]") {
  const auto reference = Reference::parse("nginx\x1b[2J\n\xe2\x80\xae");
  REQUIRE_FALSE(reference);
  CHECK(reference.error().message.find_first_of("\x1b\n\xe2") == std::string::npos);
}

TEST_CASE("is_tag holds tags to their grammar", "[reference]") {
  CHECK(is_tag("latest"));
  CHECK(is_tag("_x"));
  CHECK(is_tag("sha256-" + hex64));
  CHECK(is_tag(std::string(128, 'A')));
  CHECK_FALSE(is_tag(""));
  CHECK_FALSE(is_tag(std::string(129, 'A')));
  CHECK_FALSE(is_tag(".x"));
  CHECK_FALSE(is_tag("-x"));
  CHECK_FALSE(is_tag("a+b"));
  CHECK_FALSE(is_tag("a\0"s));
}

}  // namespace
}  // namespace touchstone

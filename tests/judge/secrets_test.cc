// Text that looks like a secret, and text that does not.
#include "judge/secrets.h"

#include <catch2/catch.hpp>

namespace touchstone::judge {
namespace {

// So that no scanner takes this file for a leak.
std::string glued(const std::string& a, const std::string& b) { return a + b; }

}  // namespace

TEST_CASE("what looks like a secret is found", "[secrets]") {
  const std::string letters = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ";
  const auto text = GENERATE_COPY(values<std::string>({
      glued("KEY=AKIA", "ABCDEFGHIJKLMNOP"),
      glued("RUN x ASIA", "ABCDEFGHIJKLMNOP"),
      glued("a ghp_", letters.substr(0, 36)),
      glued("x=github_pat_", letters.substr(0, 22)),
      glued("glpat-", letters.substr(0, 20)),
      glued("xoxb-", letters.substr(0, 10)),
      glued("AIza", letters.substr(0, 35)),
      glued("sk_live_", letters.substr(0, 16)),
      glued("npm_", letters.substr(0, 36)),
      "RUN echo '-----BEGIN PRIVATE KEY-----' > k",
      "-----BEGIN RSA PRIVATE KEY-----\nMII",
      "RUN git clone https://bob:hunter2@git.example/x",
      "RUN curl -H 'Authorization: Bearer abcdefghij0123456789'",
      "PASSWORD=x",
      "DB_PASSWORD=hunter2",
      "db_passwd=hunter2",
      "/bin/sh -c #(nop)  ENV MYSQL_ROOT_PASSWORD=hunter2",
      "|1 NPM_TOKEN=abc /bin/sh -c npm ci",
      "APIKEY=\"abc\"",
      "ENV PASSWORD=hunter2 REQUIRE_TOKEN=yes",
      "RUN PASSWORD=hunter2;x",
      "RUN git clone https://bob:hunter2@git.example/x && TOKEN=yes",
      "AWS_SECRET_ACCESS_KEY=abc",
      "AWS_CREDENTIALS='abc'",
      "SECRET=noway",
      "line\nTOKEN=abc\nline",
  }));
  CAPTURE(text);
  const auto secret = find_secret(text);
  REQUIRE(secret);
  CHECK(text.find(*secret) == std::string::npos);  // it says what, and does not show it
}

TEST_CASE("what is no secret is left alone", "[secrets]") {
  const auto text = GENERATE(values<std::string>({
      "",
      "PATH=/usr/local/bin:/usr/bin",
      "GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568",
      "PYTHON_SHA256=8d3ed8ec5c88c1c95f5e558612a725450d2452813ddad5e58fdb1a53b1209b78",
      "PASSWORD=",
      "PASSWORD=$PASSWORD",
      "DB_PASSWORD=${DB_PASSWORD}",
      "DB_PASSWORD_FILE=/run/secrets/db",
      "TOKEN=/run/secrets/token",
      "ALLOW_EMPTY_PASSWORD=yes",
      "REQUIRE_TOKEN='true'",
      "USE_SECRET=0",
      "RUN --mount=type=secret,id=npm npm ci",
      "RUN curl https://example.com:8443/x",
      "RUN git clone https://$USER:$TOKEN@git.example/x",
      "tokenizer=bert",
      "RUN echo password",
      "AKIA1234",
      "-----BEGIN PUBLIC KEY-----",
  }));
  CAPTURE(text);
  CHECK_FALSE(find_secret(text));
}

}  // namespace touchstone::judge

#include "formats/signing_config.h"

#include <catch2/catch.hpp>

#include "base/limits.h"

namespace touchstone::formats {
namespace {

constexpr Instant now{std::chrono::seconds(1'800'000'000)};  // 2027-01-15

std::string service(const std::string& url, int version = 1, const std::string& operator_name = "",
                    const std::string& start = "2024-01-01T00:00:00Z",
                    const std::string& end = "") {
  return R"({"url":")" + url + R"(","majorApiVersion":)" + std::to_string(version) +
         R"(,"validFor":{"start":")" + start + "\"" +
         (end.empty() ? "" : R"(,"end":")" + end + "\"") + "}" +
         (operator_name.empty() ? "" : R"(,"operator":")" + operator_name + "\"") + "}";
}

std::string config(const std::string& members) {
  return R"({"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json")" +
         (members.empty() ? "" : "," + members) + "}";
}

std::string logs(const std::string& services, const std::string& selection) {
  return config(R"("rekorTlogUrls":[)" + services + R"(],"rekorTlogConfig":)" + selection);
}

std::vector<std::string> selected_logs(const std::string& text) {
  const auto parsed = SigningConfig::parse(as_bytes(text));
  if (!parsed) FAIL(parsed.error().message);
  const auto selected = parsed->select(now);
  if (!selected) return {"error " + std::string(slug(selected.error().code))};
  std::vector<std::string> urls;
  for (const Service& log : selected->logs) urls.push_back(log.url);
  return urls;
}

TEST_CASE("SigningConfig::parse reads every member", "[signing-config]") {
  const std::string text =
      config(R"("caUrls":[)" + service("https://ca.example", 1, "a") + R"(],"oidcUrls":[)" +
             service("https://login.example") + R"(],"rekorTlogUrls":[)" +
             service("https://log.example", 2) + R"(],"tsaUrls":[)" +
             service("https://tsa.example/api/v1/timestamp", 1, "b", "2024-01-01T00:00:00Z",
                     "2030-01-01T00:00:00Z") +
             R"(],"rekorTlogConfig":{"selector":"EXACT","count":1},"tsaConfig":{"selector":2})");
  const auto parsed = SigningConfig::parse(as_bytes(text));
  REQUIRE(parsed);
  CHECK(parsed->authorities.at(0).operator_name == "a");
  CHECK(parsed->issuers.at(0).url == "https://login.example");
  CHECK(parsed->logs.at(0).api_version == 2);
  CHECK(parsed->timestamp_authorities.at(0).validity.end);
  CHECK(parsed->log_selection.kind == ServiceSelection::Kind::exact);
  CHECK(parsed->log_selection.count == 1);
  CHECK(parsed->timestamp_selection.kind == ServiceSelection::Kind::any);
  const auto selected = parsed->select(now);
  REQUIRE(selected);
  CHECK(selected->authority->url == "https://ca.example");
  CHECK(selected->timestamp_authorities.at(0).url == "https://tsa.example/api/v1/timestamp");
}

TEST_CASE("a signing configuration without services is one", "[signing-config]") {
  const auto parsed = SigningConfig::parse(as_bytes(config("")));
  REQUIRE(parsed);
  const auto selected = parsed->select(now);
  REQUIRE(selected);
  CHECK_FALSE(selected->authority);
  CHECK(selected->logs.empty());
  CHECK(selected->timestamp_authorities.empty());
}

TEST_CASE("a client trust configuration holds a signing configuration", "[signing-config]") {
  const std::string head =
      R"({"mediaType":"application/vnd.dev.sigstore.clienttrustconfig.v0.1+json")";
  const auto parsed = SigningConfig::parse(
      as_bytes(head + R"(,"trustedRoot":{},"signingConfig":)" +
               logs(service("https://log.example"), R"({"selector":"ANY"})") + "}"));
  REQUIRE(parsed);
  CHECK(parsed->logs.size() == 1);
  const auto without = SigningConfig::parse(as_bytes(head + "}"));
  REQUIRE_FALSE(without);
  CHECK(without.error().code == Code::format_file);
}

TEST_CASE("SigningConfig::parse refuses what is not whole", "[signing-config]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const std::string any = R"({"selector":"ANY"})";
  const auto row = GENERATE_COPY(values<Row>({
      {"empty", ""},
      {"no object", "[]"},
      {"no media type", "{}"},
      {"version 0.1", R"({"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.1+json"})"},
      {"unknown member", config(R"("logUrls":[])")},
      {"a member twice", config(R"("caUrls":[],"ca_urls":[])")},
      {"no url", logs(service(""), any)},
      {"no version", logs(service("https://log.example", 0), any)},
      {"negative version", logs(service("https://log.example", -1), any)},
      {"no validity", logs(R"({"url":"https://log.example","majorApiVersion":1})", any)},
      {"no start", logs(R"({"url":"https://log.example","majorApiVersion":1,"validFor":{}})", any)},
      {"start is no time", logs(service("https://log.example", 1, "", "2024"), any)},
      {"ends before it begins",
       logs(service("https://log.example", 1, "", "2024-01-01T00:00:00Z", "2023-01-01T00:00:00Z"),
            any)},
      {"unknown member of a service",
       logs(R"({"uri":"https://log.example","majorApiVersion":1})", any)},
      {"no selector", logs(service("https://log.example"), "{}")},
      {"no selection", config(R"("tsaUrls":[)" + service("https://tsa.example") + "]")},
      {"unknown selector", logs(service("https://log.example"), R"({"selector":"SOME"})")},
      {"exactly none", logs(service("https://log.example"), R"({"selector":"EXACT"})")},
      {"trailing data", config("") + "{}"},
  }));
  CAPTURE(row.why, row.text);
  const auto parsed = SigningConfig::parse(as_bytes(row.text));
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == Code::format_file);
}

TEST_CASE("SigningConfig::parse limits the services", "[signing-config]") {
  std::string many = service("https://log.example");
  for (std::size_t i = 0; i < limits::max_root_instances; ++i) {
    many += "," + service("https://log.example");
  }
  const auto parsed = SigningConfig::parse(as_bytes(logs(many, R"({"selector":"ALL"})")));
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == Code::limit_count);
}

TEST_CASE("SigningConfig::select chooses as the client specification says", "[signing-config]") {
  using Urls = std::vector<std::string>;
  const std::string a1 = service("a1", 1, "a");
  const std::string a1_newer = service("a1n", 1, "a", "2025-01-01T00:00:00Z");
  const std::string b1 = service("b1", 1, "b", "2024-06-01T00:00:00Z");
  const std::string a2 = service("a2", 2, "a");
  const std::string future2 = service("f2", 2, "a", "2030-01-01T00:00:00Z");
  const std::string ended2 = service("e2", 2, "a", "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z");
  const std::string a3 = service("a3", 3, "a");
  const std::string nobody = service("n1") + "," + service("n2");
  struct Row {
    const char* why;
    std::string services;
    const char* selection;
    Urls wanted;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"all", a1 + "," + b1, R"({"selector":"ALL"})", {"b1", "a1"}},
      {"any: the newest", a1 + "," + b1, R"({"selector":"ANY"})", {"b1"}},
      {"one an operator, its newest",
       a1 + "," + a1_newer + "," + b1,
       R"({"selector":"ALL"})",
       {"a1n", "b1"}},
      {"no operator is nobody's twin", nobody, R"({"selector":"ALL"})", {"n1", "n2"}},
      {"the highest version alone", a1 + "," + b1 + "," + a2, R"({"selector":"ALL"})", {"a2"}},
      {"one that is not yet valid", a1 + "," + future2, R"({"selector":"ANY"})", {"a1"}},
      {"one that is over", a1 + "," + ended2, R"({"selector":"ANY"})", {"a1"}},
      {"a version that nobody knows", a1 + "," + a3, R"({"selector":"ANY"})", {"a1"}},
      {"exactly two", a1 + "," + b1, R"({"selector":"EXACT","count":2})", {"b1", "a1"}},
      {"exactly one", a1 + "," + b1, R"({"selector":"EXACT","count":1})", {"b1"}},
      {"too few",
       a1 + "," + a1_newer,
       R"({"selector":"EXACT","count":2})",
       {"error usage.arguments"}},
      {"more than there can be",
       a1,
       R"({"selector":"EXACT","count":"9223372036854775807"})",
       {"error usage.arguments"}},
      {"none that counts", ended2, R"({"selector":"ALL"})", {"error usage.arguments"}},
      {"none that is known", a3, R"({"selector":"ANY"})", {"error usage.arguments"}},
      {"exactly one of none", "", R"({"selector":"EXACT","count":1})", {"error usage.arguments"}},
      {"any of none", "", R"({"selector":"ANY"})", {}},
      {"bounds belong to it",
       service("at", 1, "", "2027-01-15T08:00:00Z", "2027-01-15T08:00:00Z"),
       R"({"selector":"ANY"})",
       {"at"}},
  }));
  CAPTURE(row.why);
  CHECK(selected_logs(logs(row.services, row.selection)) == row.wanted);
}

}  // namespace
}  // namespace touchstone::formats

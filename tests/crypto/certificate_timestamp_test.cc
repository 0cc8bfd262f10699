// Timestamps of certificate logs: pretend ones with each fault, and those that Fulcio embeds.
#include "crypto/certificate_timestamp.h"

#include <catch2/catch.hpp>
#include <functional>
#include <iostream>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/certificate_chain.h"
#include "tests/support/certificate_log.h"
#include "tests/support/conformance.h"

namespace touchstone::crypto {
namespace {

using namespace std::chrono_literals;
using test::CertificateText;
using test::Entity;
using test::issue;
using Log = test::CertificateLog;
using Text = test::CertificateLog::Text;

const Log& the_log() {
  static const Log made;
  return made;
}
const Entity& root() {
  static const Entity made = issue(CertificateText::authority("Root"), nullptr);
  return made;
}
const Entity& middle() {
  static const Entity made = issue(CertificateText::authority("Middle"), &root());
  return made;
}

// A leaf as the log sees it, and the same with a list of timestamps in it.
struct Pair {
  CertificateText text = CertificateText::leaf();
  Entity seen = issue(text, &middle());

  explicit Pair(const CertificateText& leaf = CertificateText::leaf()) : text(leaf) {
    seen = issue(text, &middle());
  }
  Bytes stamp(const Text& of = {}, const Log& by = the_log()) const {
    return by.stamp(test::to_be_signed(seen.der), middle().certificate().key(), of);
  }
  Certificate with_list(ByteView list) const {
    return issue(test::with_timestamps(text, list), &middle(), &seen).certificate();
  }
  Certificate with(const std::vector<Bytes>& timestamps) const {
    return with_list(test::timestamp_list(timestamps));
  }
};

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Result<std::size_t> count(const Certificate& leaf,
                          const std::vector<crypto::CertificateLog>& logs = {the_log().trusted()}) {
  return count_certificate_logs(leaf, middle().certificate(), logs);
}

Code code_of(const Result<std::size_t>& counted) {
  REQUIRE_FALSE(counted);
  return counted.error().code;
}

std::size_t number(const Result<std::size_t>& counted) {
  if (!counted) INFO(counted.error().message);
  REQUIRE(counted);
  return *counted;
}

}  // namespace

TEST_CASE("a log's timestamp in a certificate counts", "[sct]") {
  const Pair pair;
  CHECK(number(count(pair.with({pair.stamp()}))) == 1);
}

TEST_CASE("the extension may stand between others, or alone", "[sct]") {
  CertificateText between = CertificateText::leaf();
  between.more_extensions = {{"1.2.3.4", "DER:0500"}, {"1.2.3.5", "DER:0500"}};
  const Pair pair(between);
  CHECK(number(count(pair.with({pair.stamp()}))) == 1);
  CertificateText alone;
  const Pair bare(alone);
  CHECK(number(count(bare.with({bare.stamp()}))) == 1);
}

TEST_CASE("what a timestamp adds is part of what is signed", "[sct][SIG-24]") {
  const Pair pair;
  Text text;
  text.extensions = *from_hex("0000050000000001");
  Bytes stamped = pair.stamp(text);
  CHECK(number(count(pair.with({stamped}))) == 1);
  stamped[1 + 32 + 8 + 2 + 7] ^= 1;
  CHECK(code_of(count(pair.with({stamped}))) == Code::certificate_transparency);
}

TEST_CASE("RSA logs count as well", "[sct]") {
  const Log rsa(KeyKind::rsa);
  const Pair pair;
  Text text;
  text.signature_algorithm = 1;
  CHECK(number(count(pair.with({pair.stamp(text, rsa)}), {rsa.trusted()})) == 1);
  text.signature_algorithm = 3;
  CHECK(code_of(count(pair.with({pair.stamp(text, rsa)}), {rsa.trusted()})) ==
        Code::certificate_transparency);
}

TEST_CASE("a certificate without a timestamp that counts is refused", "[sct][SIG-23]") {
  const Pair pair;
  const auto of = [&](const std::function<void(Text&)>& change) {
    Text text;
    change(text);
    return pair.stamp(text);
  };
  Bytes flipped = pair.stamp();
  flipped.back() ^= 1;
  const Log stranger;
  const Pair other(CertificateText::leaf().with("1.2.3.4", "DER:0500"));
  const Bytes tbs = test::to_be_signed(pair.seen.der);
  struct Row {
    const char* why;
    Bytes timestamp;
  };
  const std::vector<Row> rows = {
      {"an unknown log", pair.stamp({}, stranger)},
      {"another log's key under this log's name",
       stranger.stamp(tbs, middle().certificate().key(), {.log_id = the_log().id()})},
      {"this log's signature under another's name", pair.stamp({.log_id = stranger.id()})},
      {"a flipped bit", flipped},
      {"for another certificate", other.stamp()},
      {"for the root's key hash", the_log().stamp(tbs, root().certificate().key())},
      {"over the certificate with the list",
       the_log().stamp(test::to_be_signed(pair.with({pair.stamp()}).der()),
                       middle().certificate().key())},
      {"another hash", of([](Text& t) { t.hash_algorithm = 2; })},
      {"another kind of signature", of([](Text& t) { t.signature_algorithm = 1; })},
      {"an unknown version", of([](Text& t) { t.version = 1; })},
      {"before the log counts", of([](Text& t) { t.milliseconds = 1'699'999'999'999; })},
      {"in a time beyond all clocks", of([](Text& t) { t.milliseconds = ~std::uint64_t{0}; })},
      {"that would be now, were it cut to 64 bits of microseconds",
       of([](Text& t) { t.milliseconds = (std::uint64_t{1} << 61) + 1'800'000'000'000; })},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    CHECK(code_of(count(pair.with({row.timestamp}))) == Code::certificate_transparency);
    // It does no harm beside a good one.
    CHECK(number(count(pair.with({row.timestamp, pair.stamp()}))) == 1);
    CHECK(number(count(pair.with({pair.stamp(), row.timestamp}))) == 1);
  }
  CHECK(code_of(count(pair.seen.certificate())) == Code::certificate_transparency);
  CHECK(code_of(count(pair.with({pair.stamp()}), {})) == Code::certificate_transparency);
}

TEST_CASE("the error says why no timestamp counts", "[sct]") {
  const Pair pair;
  const auto message = [&](const Result<std::size_t>& counted) { return counted.error().message; };
  CHECK(message(count(pair.seen.certificate())).find("carries no timestamp") != std::string::npos);
  CHECK(message(count(pair.with({pair.stamp()}), {})).find("not trusted") != std::string::npos);
  Bytes flipped = pair.stamp();
  flipped.back() ^= 1;
  const std::string wrong = message(count(pair.with({flipped})));
  CHECK(wrong.find(to_hex(the_log().id())) != std::string::npos);
  CHECK(wrong.find("did not sign") != std::string::npos);
  CHECK(message(count(pair.with({pair.stamp({.milliseconds = 1})}))).find("at the time") !=
        std::string::npos);
}

TEST_CASE("a log's window is closed, to the millisecond", "[sct][SIG-22]") {
  const Pair pair;
  crypto::CertificateLog window = the_log().trusted();
  window.not_before = crypto::CertificateLog::Time(1'800'000'000'000ms);
  window.not_after = crypto::CertificateLog::Time(1'800'000'059'999ms);
  const auto at = [&](std::uint64_t milliseconds) {
    return static_cast<bool>(
        count(pair.with({pair.stamp({.milliseconds = milliseconds})}), {window}));
  };
  CHECK_FALSE(at(1'799'999'999'999));
  CHECK(at(1'800'000'000'000));
  CHECK(at(1'800'000'059'999));
  CHECK_FALSE(at(1'800'000'060'000));
  // The same log with two windows: one of them fits.
  crypto::CertificateLog later = the_log().trusted();
  later.not_before = crypto::CertificateLog::Time(1'900'000'000'000ms);
  CHECK(count(pair.with({pair.stamp()}), {window, later}));
  CHECK(count(pair.with({pair.stamp()}), {later, window}));
}

TEST_CASE("each log is counted once", "[sct][SIG-21]") {
  const Pair pair;
  const Log second;
  const std::vector<crypto::CertificateLog> both = {the_log().trusted(), second.trusted()};
  CHECK(number(count(pair.with({pair.stamp(), pair.stamp({.milliseconds = 1'800'000'000'001})}),
                     both)) == 1);
  CHECK(number(count(pair.with({pair.stamp()}), {the_log().trusted(), the_log().trusted()})) == 1);
  CHECK(number(count(pair.with({pair.stamp(), pair.stamp({}, second)}), both)) == 2);
}

TEST_CASE("a list of timestamps has one shape", "[sct]") {
  const Pair pair;
  const Bytes good = pair.stamp();
  const Bytes list = test::timestamp_list({good});
  Bytes cut = list;
  cut.pop_back();
  Bytes longer = list;
  longer.push_back(0);
  Bytes short_one = good;
  short_one.pop_back();
  struct Row {
    const char* why;
    Bytes list;
  };
  const std::vector<Row> rows = {
      {"nothing", {}},
      {"an empty list", {0, 0}},
      {"cut off", cut},
      {"followed by a byte", longer},
      {"an empty timestamp", test::timestamp_list({good, {}})},
      {"a timestamp that is cut off", test::timestamp_list({short_one})},
      {"a timestamp with something after it", test::timestamp_list({pair.stamp({.after = {0}})})},
      {"a timestamp of a version alone", test::timestamp_list({{0}})},
      {"a timestamp whose log would be what follows",
       test::timestamp_list({joined({Bytes(1 + 8 + 2), {4, 3, 0, 17}, Bytes(17)})})},
      {"a timestamp without time",
       test::timestamp_list({joined({Bytes(1 + 32 + 2), {4, 3, 0, 0}})})},
      {"a timestamp whose additions are not there",
       test::timestamp_list({joined({Bytes(1 + 32 + 8), {0xFF, 0xFF, 4, 3, 0, 0}})})},
      {"half a length", {0, 1, 0}},
      {"a timestamp longer than the list", {0, 3, 0, 9, 0}},
      {"more than a certificate may carry",
       test::timestamp_list(std::vector<Bytes>(limits::max_certificate_timestamps + 1, good))},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    CHECK(code_of(count(pair.with_list(row.list))) == Code::certificate_malformed);
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes begun(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(code_of(count(pair.with({begun}))) == Code::certificate_malformed);
  }
  CHECK(number(count(pair.with(std::vector<Bytes>(limits::max_certificate_timestamps, good)))) ==
        1);

  // The list lies in an OCTET STRING of its own.
  CertificateText bare = pair.text;
  bare.more_extensions = {{"1.3.6.1.4.1.11129.2.4.2", "DER:"}};
  CHECK(code_of(count(issue(bare, &middle(), &pair.seen).certificate())) ==
        Code::certificate_malformed);
  bare.more_extensions = {{"1.3.6.1.4.1.11129.2.4.2", "DER:" + to_hex(list)}};
  CHECK(code_of(count(issue(bare, &middle(), &pair.seen).certificate())) ==
        Code::certificate_malformed);
  bare.more_extensions = {
      {"1.3.6.1.4.1.11129.2.4.2", "DER:" + to_hex(der::element(der::octet_string, {list})) + "00"}};
  CHECK(code_of(count(issue(bare, &middle(), &pair.seen).certificate())) ==
        Code::certificate_malformed);
}

TEST_CASE("a precertificate is none, even when its poison is not critical", "[sct][X509-31]") {
  for (const char* value : {"critical,DER:0500", "DER:0500"}) {
    const Pair pair(CertificateText::leaf().with("1.3.6.1.4.1.11129.2.4.3", value));
    CHECK(code_of(count(pair.with({pair.stamp()}))) == Code::certificate_malformed);
  }
}

TEST_CASE("the certificates of Fulcio's that peers verify carry good timestamps",
          "[sct][vectors]") {
  const std::vector<std::string> names = test::conformance_names();
  if (names.empty()) std::cout << "skipped: no conformance vectors beside the project\n";
  std::size_t counted = 0;
  for (const std::string& name : names) {
    CAPTURE(name);
    const auto one = test::conformance_case(name);
    if (!one || one->certificates.empty()) continue;
    const auto leaf = Certificate::from_der(one->certificates[0]);
    if (!leaf) continue;
    for (const auto& authority : one->authorities) {
      const auto path =
          find_path(*leaf, std::span(authority).first(authority.size() - 1),
                    std::span(authority).last(1), Purpose::code_signing, leaf->not_before());
      if (!path) continue;
      const auto result =
          count_certificate_logs(*leaf, path->certificates[1], one->certificate_logs);
      if (name == "invalid-ct-key_fail") {
        CHECK(code_of(result) == Code::certificate_transparency);
      } else {
        CHECK(number(result) == 1);
      }
      ++counted;
    }
  }
  CHECK((names.empty() || counted > 50));
}

}  // namespace touchstone::crypto

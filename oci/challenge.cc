#include "oci/challenge.h"

#include <algorithm>
#include <map>

#include "base/limits.h"
#include "base/text.h"

namespace touchstone::oci {
namespace {

bool is_token_character(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         others.find(c) != std::string_view::npos;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// A cursor over a header's value.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  bool skip(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    while (skip(' ')) {
    }
  }
  std::string token() {
    std::string out;
    while (!text_.empty() && is_token_character(text_.front())) {
      out += text_.front();
      text_.remove_prefix(1);
    }
    return out;
  }
  // A token or the content of a quoted string; absent when it is empty or does not end.
  std::optional<std::string> value() {
    std::optional<std::string> out = text_.starts_with('"') ? quoted() : token();
    if (out && out->empty()) return std::nullopt;
    return out;
  }
  // Everything up to one of `ends`.
  std::string until(std::string_view ends) {
    const std::size_t end = std::min(text_.find_first_of(ends), text_.size());
    std::string out(text_.substr(0, end));
    text_.remove_prefix(end);
    return out;
  }

 private:
  std::optional<std::string> quoted() {
    std::string out;
    skip('"');
    while (!text_.empty()) {
      char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return out;
      if (c == '\\') {
        if (text_.empty()) return std::nullopt;
        c = text_.front();
        text_.remove_prefix(1);
      }
      out += c;
    }
    return std::nullopt;
  }

  std::string_view text_;
};

Error bad_challenge(std::string_view why) {
  return Error{Code::auth_challenge, "the login challenge is malformed: " + std::string(why), ""};
}

// Parameters up to the end. Absent: malformed. A challenge of another scheme after a comma ends
// the list; it has no '=' after its name.
Result<std::map<std::string, std::string>> parameters(Scanner& scanner) {
  std::map<std::string, std::string> values;
  while (true) {
    scanner.skip_blanks();
    if (scanner.at_end()) return values;
    const std::string name = ascii_lower(scanner.token());
    if (name.empty()) return bad_challenge("a parameter without a name");
    if (!scanner.skip('=')) return values;
    const std::optional<std::string> value = scanner.value();
    if (!value) return bad_challenge("a parameter without a value");
    if (!values.emplace(name, *value).second) return bad_challenge("\"" + name + "\" stands twice");
    scanner.skip_blanks();
    if (!scanner.at_end() && !scanner.skip(',')) return bad_challenge("no comma where one is due");
  }
}

// The first challenge of a header. Parameters of schemes that are not known here are not read.
struct Challenge {
  std::string scheme;  // in lower case
  std::map<std::string, std::string> values;

  std::string value(const char* name) const {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  }
};

Result<Challenge> first_challenge(std::string_view header) {
  if (header.size() > limits::max_challenge_bytes) return bad_challenge("it is too long");
  if (std::ranges::any_of(header, is_control)) return bad_challenge("it holds control characters");
  Scanner scanner(header);
  scanner.skip_blanks();
  Challenge challenge;
  challenge.scheme = ascii_lower(scanner.token());
  if (challenge.scheme.empty()) return bad_challenge("it names no scheme");
  if (challenge.scheme != "bearer" && challenge.scheme != "basic") return challenge;
  TS_TRY(challenge.values, parameters(scanner));
  if (challenge.value("realm").empty()) return bad_challenge("it names no realm");
  return challenge;
}

}  // namespace

Result<std::optional<BearerChallenge>> parse_challenge(std::string_view header) {
  TS_TRY(const Challenge challenge, first_challenge(header));
  if (challenge.scheme != "bearer") return std::optional<BearerChallenge>();
  return std::optional(BearerChallenge{challenge.value("realm"), challenge.value("service"),
                                       challenge.value("scope")});
}

Result<std::optional<BearerChallenge>> bearer_challenge(const HttpResponse& response) {
  std::optional<BearerChallenge> found;
  for (const HttpHeader& header : response.headers) {
    if (header.name != "www-authenticate") continue;
    TS_TRY(auto challenge, parse_challenge(header.value));
    if (challenge && found) return bad_challenge("there are two Bearer challenges");
    if (challenge) found = std::move(challenge);
  }
  return found;
}

Result<bool> asks_for_basic(const HttpResponse& response) {
  bool found = false;
  for (const HttpHeader& header : response.headers) {
    if (header.name != "www-authenticate") continue;
    TS_TRY(const Challenge challenge, first_challenge(header.value));
    found = found || challenge.scheme == "basic";
  }
  return found;
}

Result<std::optional<std::string>> parse_next_link(std::string_view header) {
  const Error malformed{Code::network_protocol, "the Link header is malformed", ""};
  if (header.size() > limits::max_challenge_bytes || std::ranges::any_of(header, is_control)) {
    return malformed;
  }
  Scanner scanner(header);
  while (true) {
    scanner.skip_blanks();
    if (scanner.at_end()) return std::optional<std::string>();
    if (!scanner.skip('<')) return malformed;
    std::string target = scanner.until(">");
    if (!scanner.skip('>') || target.empty()) return malformed;
    bool is_next = false;
    scanner.skip_blanks();
    while (scanner.skip(';')) {
      scanner.skip_blanks();
      const std::string name = ascii_lower(scanner.token());
      if (name.empty()) return malformed;
      std::optional<std::string> value;
      if (scanner.skip('=')) {
        value = scanner.value();
        if (!value) return malformed;
      }
      if (name == "rel" && value && ascii_lower(*value) == "next") is_next = true;
      scanner.skip_blanks();
    }
    if (is_next) return std::optional<std::string>(std::move(target));
    if (!scanner.at_end() && !scanner.skip(',')) return malformed;
  }
}

Result<std::optional<std::string>> next_link(const HttpResponse& response) {
  const auto header = response.header("link");
  if (!header) return std::optional<std::string>();
  return parse_next_link(*header);
}

}  // namespace touchstone::oci

#include "formats/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/limits.h"
#include "base/text.h"

namespace touchstone::formats {
namespace {

// Builds a Json from the events of nlohmann's parser, and stops it at the first thing that the
// library would let pass.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::optional<Error> failure;
  Json root;

  bool null() override { return add(Json()); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(number_integer_t value) override {
    // The lexer calls this for a leading minus only, so 0 was written "-0".
    if (value == 0) return refuse(Code::format_json, "-0 is not an integer here");
    return add(Json(static_cast<std::int64_t>(value)));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return add(Json(static_cast<std::uint64_t>(value)));
  }
  bool number_float(number_float_t value, const string_t& text) override {
    // The library turns integers over 64 bits into floating point without a word.
    if (text.find_first_of(".eE") == string_t::npos) {
      return refuse(Code::format_json, "\"" + printable(text) + "\" is over 64 bits");
    }
    return add(Json(value));
  }
  bool string(string_t& value) override {
    if (value.find('\0') != string_t::npos) return refuse(Code::format_json, "a string holds NUL");
    return add(Json(std::move(value)));
  }
  bool binary(binary_t&) override { return refuse(Code::format_json, "binary data"); }
  bool start_object(std::size_t) override { return open(Json(Json::Object())); }
  bool start_array(std::size_t) override { return open(Json(Json::Array())); }
  bool key(string_t& name) override {
    if (name.find('\0') != string_t::npos) return refuse(Code::format_json, "a name holds NUL");
    stack_.back()->object()->emplace_back(std::move(name), Json());
    return true;
  }
  bool end_object() override {
    std::vector<std::string_view> names;
    names.reserve(stack_.back()->object()->size());
    for (const Json::Member& member : *stack_.back()->object()) names.push_back(member.first);
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
      return refuse(Code::format_json, "member \"" + printable(*twice) + "\" stands twice");
    }
    stack_.pop_back();
    return true;
  }
  bool end_array() override {
    stack_.pop_back();
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return refuse(Code::format_json, "malformed at offset " + std::to_string(position));
  }

 private:
  bool refuse(Code code, std::string message) {
    if (!failure) failure = Error{code, std::move(message), ""};
    return false;
  }

  // Puts a value where it belongs and returns its place; null when there are too many.
  Json* place(Json value) {
    if (++count_ > limits::max_json_values) {
      refuse(Code::limit_count, "more than " + std::to_string(limits::max_json_values) + " values");
      return nullptr;
    }
    if (stack_.empty()) {
      root = std::move(value);
      return &root;
    }
    if (Json::Array* array = stack_.back()->array()) {
      array->push_back(std::move(value));
      return &array->back();
    }
    Json& slot = stack_.back()->object()->back().second;
    slot = std::move(value);
    return &slot;
  }

  bool add(Json value) { return place(std::move(value)) != nullptr; }

  bool open(Json container) {
    if (stack_.size() == limits::max_json_depth) {
      return refuse(Code::limit_depth,
                    "nested deeper than " + std::to_string(limits::max_json_depth));
    }
    // A container's place stays valid while it is open: only the innermost one grows.
    Json* placed = place(std::move(container));
    if (placed == nullptr) return false;
    stack_.push_back(placed);
    return true;
  }

  std::vector<Json*> stack_;
  std::size_t count_ = 0;
};

void write_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (u < 0x20) {
      out += "\\u00";
      out += digits[u >> 4];
      out += digits[u & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void write(std::string& out, const Json& value) {
  if (value.is_null()) out += "null";
  if (const bool* b = value.boolean()) out += *b ? "true" : "false";
  if (const auto* i = value.negative()) out += std::to_string(*i);
  if (const auto* u = value.unsigned_integer()) out += std::to_string(*u);
  if (const auto* d = value.fraction()) {
    std::array<char, 32> digits{};
    const std::string_view text(
        digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), *d).ptr);
    out += text;
    if (text.find_first_of(".e") == std::string_view::npos) out += ".0";  // no integer
  }
  if (const auto* s = value.string()) write_string(out, *s);
  if (const auto* array = value.array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ',';
      write(out, (*array)[i]);
    }
    out += ']';
  }
  if (const auto* object = value.object()) {
    out += '{';
    for (std::size_t i = 0; i < object->size(); ++i) {
      if (i > 0) out += ',';
      write_string(out, (*object)[i].first);
      out += ':';
      write(out, (*object)[i].second);
    }
    out += '}';
  }
}

}  // namespace

const Json* Json::find(std::string_view name) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  const auto found = std::ranges::find(*members, name, &Member::first);
  return found == members->end() ? nullptr : &found->second;
}

void Json::set(std::string_view name, Json value) {
  if (is_null()) value_ = Object();
  Object& members = std::get<Object>(value_);
  const auto found = std::ranges::find(members, name, &Member::first);
  if (found != members.end()) {
    found->second = std::move(value);
  } else {
    members.emplace_back(std::string(name), std::move(value));
  }
}

std::string_view Json::kind_name() const {
  constexpr std::array<std::string_view, 8> names = {
      "null",     "a boolean", "an integer", "an integer", "a number with a fraction or exponent",
      "a string", "an array",  "an object"};
  return names[value_.index()];
}

Result<Json> parse_json(ByteView bytes, std::uint64_t max_bytes) {
  if (bytes.size() > max_bytes) {
    return Error{
        Code::limit_size,
        "JSON of " + std::to_string(bytes.size()) + " bytes, over " + std::to_string(max_bytes),
        ""};
  }
  const std::string_view text = as_text(bytes);
  // The library skips a byte order mark and takes a raw NUL for the end of input.
  if (text.starts_with("\xEF\xBB\xBF")) {
    return Error{Code::format_json, "begins with a byte order mark", ""};
  }
  if (text.find('\0') != std::string_view::npos) {
    return Error{Code::format_json, "holds a NUL byte", ""};
  }
  Builder builder;
  bool whole = false;
  try {
    whole = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  } catch (const nlohmann::json::exception&) {
    builder.failure = Error{Code::format_json, "malformed", ""};
  }
  if (builder.failure) return std::move(*builder.failure);
  if (!whole) return Error{Code::format_json, "malformed", ""};
  return std::move(builder.root);
}

std::string to_text(const Json& value) {
  std::string out;
  write(out, value);
  return out;
}

}  // namespace touchstone::formats

#include "formats/yaml.h"

#include <libfyaml.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "formats/yaml_text.h"

namespace touchstone::formats {
namespace {

constexpr std::int64_t max_integer = (std::int64_t{1} << 53) - 1;  // RFC 7493 section 2.2

struct Free {
  fy_parser* parser = nullptr;  // of an event
  void operator()(fy_diag* diagnostics) const noexcept { fy_diag_unref(diagnostics); }
  void operator()(fy_parser* handle) const noexcept { fy_parser_destroy(handle); }
  void operator()(fy_token_iter* pieces) const noexcept { fy_token_iter_destroy(pieces); }
  void operator()(fy_event* event) const noexcept { fy_parser_event_free(parser, event); }
};

using Diagnostics = std::unique_ptr<fy_diag, Free>;
using Parser = std::unique_ptr<fy_parser, Free>;
using Event = std::unique_ptr<fy_event, Free>;

// Piece by piece, for the library's function for the whole leaks memory where a quoted text has
// many escapes.
std::string text_of(fy_token* token) {
  std::string text;
  if (token == nullptr) return text;
  const std::unique_ptr<fy_token_iter, Free> pieces(fy_token_iter_create(token));
  int failure = 0;
  const fy_iter_chunk* piece = fy_token_iter_chunk_next(pieces.get(), nullptr, &failure);
  for (; piece != nullptr; piece = fy_token_iter_chunk_next(pieces.get(), piece, &failure)) {
    text.append(piece->str, piece->len);
  }
  return text;
}

// The library's events, one after another. It prints nothing: what it would print is kept. (It can
// collect its errors as well, but leaks memory for some.)
class Events {
 public:
  explicit Events(std::string_view text) : text_(text) {
    fy_diag_cfg quiet{};
    fy_diag_cfg_default(&quiet);
    quiet.fp = nullptr;
    quiet.output_fn = keep;
    quiet.user = &printed_;
    quiet.level = FYET_ERROR;
    quiet.colorize = false;
    diagnostics_.reset(fy_diag_create(&quiet));
    fy_parse_cfg configuration{};
    configuration.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_JSON_NONE);
    configuration.diag = diagnostics_.get();
    parser_.reset(fy_parser_create(&configuration));
    fy_parser_set_string(parser_.get(), text.data(), text.size());
  }

  Result<Event> next() {
    Event event(fy_parser_parse(parser_.get()), Free{parser_.get()});
    if (event == nullptr || event->type == FYET_NONE) return failure();
    // The library must have read all of it.
    if (event->type == FYET_STREAM_END && place_offset(*event) < text_.size()) return failure();
    return event;
  }

 private:
  static std::size_t place_offset(fy_event& event) {
    const fy_mark* mark = fy_event_start_mark(&event);
    return mark == nullptr ? 0 : mark->input_pos;
  }

  static void keep(fy_diag*, void* printed, const char* text, std::size_t length) {
    constexpr std::size_t enough = 4096;
    auto& kept = *static_cast<std::string*>(printed);
    kept.append(text, std::min(length, enough - std::min(enough, kept.size())));
  }

  // "NAME:2:1: error: what is wrong", and a picture of it.
  Error failure() const {
    constexpr std::string_view mark = ": error: ";
    const std::size_t end = printed_.find(mark);
    if (end == printed_.npos) return yaml_error({}, "this is no YAML");
    const std::string_view before = std::string_view(printed_).substr(0, end);
    const auto parts = split(before, ':');
    std::string_view why = std::string_view(printed_).substr(end + mark.size());
    why = why.substr(0, why.find('\n'));
    if (parts.size() < 3) return yaml_error({}, printable(why));
    return yaml_error({number(parts[parts.size() - 2]), number(parts.back())}, printable(why));
  }

  static std::size_t number(std::string_view digits) {
    std::size_t value = 1;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return std::max<std::size_t>(value, 1);
  }

  std::string_view text_;
  std::string printed_;
  Diagnostics diagnostics_;
  Parser parser_;
};

// Makes trees of the events.
class Loader {
 public:
  Loader(std::string_view text, YamlDialect dialect, const YamlLimits& limits)
      : text_(text), dialect_(dialect), limits_(limits), events_(text) {}

  Result<std::vector<Yaml>> load();

 private:
  // A node that has an anchor, and what a copy of it costs.
  struct Anchored {
    Yaml node;
    std::size_t values;
    std::uint64_t bytes;
  };

  bool restricted() const { return dialect_ == YamlDialect::restricted; }
  Result<Yaml> document();
  // `fallback`: where a value that is absent is said to be.
  Result<Yaml> node(fy_event& event, TextPlace fallback);
  Result<Yaml> contents(fy_event& event, TextPlace place);
  Result<Yaml> scalar(fy_token* token, TextPlace place);
  Result<Yaml> sequence(TextPlace place);
  Result<Yaml> mapping(TextPlace place);
  Result<YamlMember> member(fy_event& key);
  Result<Yaml> alias(fy_event& event, TextPlace place);
  Status check_key(fy_event& key, TextPlace place) const;
  Status check_duplicates(const Yaml::Mapping& members) const;
  Status merge(Yaml::Mapping& members) const;
  Status charge(std::size_t values, std::uint64_t bytes, TextPlace place);

  std::string_view text_;
  YamlDialect dialect_;
  YamlLimits limits_;
  Events events_;
  std::map<std::string, Anchored> anchors_;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  std::uint64_t bytes_ = 0;
};

bool is_quoted(fy_token* token) {
  return token != nullptr && fy_token_scalar_style(token) != FYSS_PLAIN;
}

// The library's marks stand behind an opening quote, and behind an alias's star.
TextPlace place_of(fy_event& event, TextPlace fallback) {
  const fy_mark* mark = fy_event_start_mark(&event);
  if (mark == nullptr || mark->line < 0 || mark->column < 0) return fallback;
  TextPlace place{static_cast<std::size_t>(mark->line) + 1,
                  static_cast<std::size_t>(mark->column) + 1};
  if (event.type == FYET_ALIAS) place.column -= 1;
  if (event.type != FYET_SCALAR || event.scalar.value == nullptr) return place;
  const fy_scalar_style style = fy_token_scalar_style(event.scalar.value);
  if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) place.column -= 1;
  return place;
}

struct Properties {
  fy_token* anchor = nullptr;
  fy_token* tag = nullptr;
};

Properties properties_of(const fy_event& event) {
  switch (event.type) {
    case FYET_SCALAR:
      return {event.scalar.anchor, event.scalar.tag};
    case FYET_SEQUENCE_START:
      return {event.sequence_start.anchor, event.sequence_start.tag};
    case FYET_MAPPING_START:
      return {event.mapping_start.anchor, event.mapping_start.tag};
    default:
      return {};
  }
}

// As JSON writes integers; -0 is none.
std::optional<std::string_view> integer_digits(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  const bool all_digits = !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
  if (!all_digits || (digits.starts_with('0') && text != "0")) return std::nullopt;
  return text;
}

std::optional<std::int64_t> small_integer(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failure != std::errc() || value > max_integer || value < -max_integer) return std::nullopt;
  return value;
}

std::optional<Yaml::Value> plain_word(std::string_view text, YamlDialect dialect) {
  if (text.empty() || text == "null") return Yaml::Value();
  if (text == "true" || text == "false") return Yaml::Value(text == "true");
  if (dialect == YamlDialect::restricted) return std::nullopt;
  if (text == "~" || text == "Null" || text == "NULL") return Yaml::Value();
  if (text == "True" || text == "TRUE") return Yaml::Value(true);
  if (text == "False" || text == "FALSE") return Yaml::Value(false);
  return std::nullopt;
}

Result<std::vector<Yaml>> Loader::load() {
  std::vector<Yaml> documents;
  while (true) {
    TS_TRY(const Event event, events_.next());
    if (event->type == FYET_STREAM_END) return documents;
    if (event->type != FYET_DOCUMENT_START) continue;  // the stream's start, a document's end
    const TextPlace place = place_of(*event, {});
    if (restricted() && !documents.empty()) return yaml_error(place, "a second document");
    TS_TRY(Yaml root, document());
    if (restricted() || !root.is_null()) documents.push_back(std::move(root));
  }
}

Result<Yaml> Loader::document() {
  anchors_.clear();
  TS_TRY(const Event event, events_.next());
  return node(*event, {});
}

Result<Yaml> Loader::node(fy_event& event, TextPlace fallback) {
  const TextPlace place = place_of(event, fallback);
  const auto [anchor, tag] = properties_of(event);
  if (restricted() && anchor != nullptr) return yaml_error(place, "an anchor (&...) is not taken");
  if (restricted() && tag != nullptr) return yaml_error(place, "a tag (!...) is not taken");
  const std::size_t values_before = values_;
  const std::uint64_t bytes_before = bytes_;
  TS_CHECK(charge(1, 0, place));
  TS_TRY(Yaml made, contents(event, place));
  if (anchor == nullptr) return made;
  const std::size_t values = values_ - values_before;
  const std::uint64_t bytes = bytes_ - bytes_before;
  TS_CHECK(charge(values, bytes, place));  // it is kept a second time
  anchors_.insert_or_assign(text_of(anchor), Anchored{made, values, bytes});
  return made;
}

Result<Yaml> Loader::contents(fy_event& event, TextPlace place) {
  switch (event.type) {
    case FYET_SCALAR:
      return scalar(event.scalar.value, place);
    case FYET_SEQUENCE_START:
      return sequence(place);
    case FYET_MAPPING_START:
      return mapping(place);
    case FYET_ALIAS:
      return alias(event, place);
    default:
      return yaml_error(place, "this is no YAML");
  }
}

Result<Yaml> Loader::scalar(fy_token* token, TextPlace place) {
  std::string text = text_of(token);
  TS_CHECK(charge(0, text.size(), place));
  if (text.find('\0') != text.npos) return yaml_error(place, "a text holds NUL");
  if (is_quoted(token)) return Yaml(std::move(text), place, true);
  if (auto word = plain_word(text, dialect_)) return Yaml(*std::move(word), place);
  const auto digits = integer_digits(text);
  if (!digits) return Yaml(std::move(text), place);
  if (const auto value = small_integer(*digits)) return Yaml(*value, place);
  if (restricted()) return yaml_error(place, "the integer " + printable(text) + " is over 2^53");
  return Yaml(std::move(text), place);
}

Result<Yaml> Loader::sequence(TextPlace place) {
  if (++depth_ > limits_.max_depth) return yaml_error(place, "nested too deep", Code::limit_depth);
  Yaml::Sequence items;
  while (true) {
    TS_TRY(const Event event, events_.next());
    if (event->type == FYET_SEQUENCE_END) break;
    TS_TRY(Yaml item, node(*event, place));
    items.push_back(std::move(item));
  }
  --depth_;
  return Yaml(std::move(items), place);
}

Result<Yaml> Loader::mapping(TextPlace place) {
  if (++depth_ > limits_.max_depth) return yaml_error(place, "nested too deep", Code::limit_depth);
  Yaml::Mapping members;
  while (true) {
    TS_TRY(const Event event, events_.next());
    if (event->type == FYET_MAPPING_END) break;
    TS_TRY(YamlMember next, member(*event));
    members.push_back(std::move(next));
  }
  --depth_;
  TS_CHECK(check_duplicates(members));
  if (!restricted()) TS_CHECK(merge(members));
  return Yaml(std::move(members), place);
}

Result<YamlMember> Loader::member(fy_event& key) {
  const TextPlace place = place_of(key, {});
  if (key.type != FYET_SCALAR) return yaml_error(place, "a key that is no text");
  TS_CHECK(check_key(key, place));
  std::string name = text_of(key.scalar.value);
  TS_CHECK(charge(0, name.size(), place));
  TS_TRY(const Event event, events_.next());
  TS_TRY(Yaml value, node(*event, place));
  return YamlMember{std::move(name), place, std::move(value)};
}

Status Loader::check_key(fy_event& key, TextPlace place) const {
  const std::string name = text_of(key.scalar.value);
  if (name.empty()) return yaml_error(place, "an empty key");
  if (name.find('\0') != name.npos) return yaml_error(place, "a key holds NUL");
  if (!restricted()) return ok();
  if (key.scalar.anchor != nullptr || key.scalar.tag != nullptr) {
    return yaml_error(place, "a key with an anchor or a tag");
  }
  if (name == "<<") return yaml_error(place, "a merge key (<<) is not taken");
  // A key that is written with `?`, or lacks its value in braces, has no colon on its line.
  std::size_t end = fy_token_end_mark(key.scalar.value)->input_pos;
  if (is_quoted(key.scalar.value)) ++end;
  end = text_.find_first_not_of(' ', end);
  if (end == text_.npos || text_[end] != ':') {
    return yaml_error(place, "the key \"" + printable(name) + "\" without a colon after it");
  }
  return ok();
}

Status Loader::check_duplicates(const Yaml::Mapping& members) const {
  std::vector<const YamlMember*> sorted;
  sorted.reserve(members.size());
  for (const YamlMember& each : members) sorted.push_back(&each);
  std::ranges::sort(sorted, [](const YamlMember* a, const YamlMember* b) {
    return std::tie(a->key, a->place) < std::tie(b->key, b->place);
  });
  const auto same_key = [](const YamlMember* a, const YamlMember* b) { return a->key == b->key; };
  const auto twice = std::ranges::adjacent_find(sorted, same_key);
  if (twice == sorted.end()) return ok();
  const YamlMember* again = *std::next(twice);
  return yaml_error(again->place, "the key \"" + printable(again->key) +
                                      "\" stands twice; first in line " +
                                      std::to_string((*twice)->place.line));
}

// YAML 1.1's merge key: the members of one mapping, or of several, that are not there already.
Status Loader::merge(Yaml::Mapping& members) const {
  const auto found = std::ranges::find(members, "<<", &YamlMember::key);
  if (found == members.end()) return ok();
  const YamlMember merged = std::move(*found);
  members.erase(found);
  Yaml::Sequence sources;
  if (const auto* several = merged.value.sequence()) {
    sources = *several;
  } else {
    sources.push_back(merged.value);
  }
  std::map<std::string_view, bool> known;
  for (const YamlMember& each : members) known.emplace(each.key, true);
  std::vector<YamlMember> more;
  for (const Yaml& source : sources) {
    const Yaml::Mapping* mapping = source.mapping();
    if (mapping == nullptr) return yaml_error(merged.place, "<< merges mappings alone");
    for (const YamlMember& each : *mapping) {
      if (known.emplace(each.key, true).second) more.push_back(each);
    }
  }
  std::ranges::move(more, std::back_inserter(members));
  return ok();
}

Result<Yaml> Loader::alias(fy_event& event, TextPlace place) {
  if (restricted()) return yaml_error(place, "an alias (*...) is not taken");
  const std::string name = text_of(event.alias.anchor);
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) {
    return yaml_error(place, "the alias *" + printable(name) + " stands for nothing before it");
  }
  TS_CHECK(charge(found->second.values, found->second.bytes, place));
  return found->second.node;
}

Status Loader::charge(std::size_t values, std::uint64_t bytes, TextPlace place) {
  if (values > limits_.max_values - values_) {
    return yaml_error(place, "more than " + std::to_string(limits_.max_values) + " values",
                      Code::limit_count);
  }
  if (bytes > limits_.max_bytes - bytes_) {
    return yaml_error(place, "aliases expand to too much", Code::limit_size);
  }
  values_ += values;
  bytes_ += bytes;
  return ok();
}

Result<std::vector<Yaml>> load(ByteView bytes, YamlDialect dialect, const YamlLimits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return Error{Code::limit_size,
                 "YAML of " + std::to_string(bytes.size()) + " bytes, over " +
                     std::to_string(limits.max_bytes),
                 ""};
  }
  std::string_view text = as_text(bytes);
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (dialect == YamlDialect::general && text.starts_with(byte_order_mark)) {
    text.remove_prefix(byte_order_mark.size());
  }
  TS_CHECK(check_yaml_text(text, dialect));
  return Loader(text, dialect, limits).load();
}

}  // namespace

std::string to_string(TextPlace place) {
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

Yaml::Yaml(Value value, TextPlace place, bool quoted)
    : value_(std::move(value)), place_(place), quoted_(quoted) {}

const YamlMember* Yaml::find(std::string_view key) const {
  const Mapping* members = mapping();
  if (members == nullptr) return nullptr;
  const auto found = std::ranges::find(*members, key, &YamlMember::key);
  return found == members->end() ? nullptr : &*found;
}

std::string Yaml::describe() const {
  if (const bool* value = boolean()) return *value ? "true" : "false";
  if (const std::int64_t* value = integer()) return "the integer " + std::to_string(*value);
  if (const std::string* value = string()) return "the text \"" + printable(*value) + "\"";
  if (sequence() != nullptr) return "a list";
  if (mapping() != nullptr) return "a mapping";
  return "nothing";
}

Json Yaml::to_json() const {
  if (const bool* value = boolean()) return Json(*value);
  if (const std::int64_t* value = integer()) {
    return *value < 0 ? Json(*value) : Json(static_cast<std::uint64_t>(*value));
  }
  if (const std::string* value = string()) return Json(*value);
  if (const Sequence* items = sequence()) {
    Json::Array array;
    for (const Yaml& item : *items) array.push_back(item.to_json());
    return Json(std::move(array));
  }
  if (const Mapping* members = mapping()) {
    Json::Object object;
    for (const YamlMember& each : *members) object.emplace_back(each.key, each.value.to_json());
    return Json(std::move(object));
  }
  return Json();
}

Result<Yaml> parse_restricted_yaml(ByteView bytes, const YamlLimits& limits) {
  TS_TRY(std::vector<Yaml> documents, load(bytes, YamlDialect::restricted, limits));
  return documents.empty() ? Yaml() : std::move(documents.front());
}

Result<std::vector<Yaml>> parse_yaml(ByteView bytes, const YamlLimits& limits) {
  return load(bytes, YamlDialect::general, limits);
}

}  // namespace touchstone::formats

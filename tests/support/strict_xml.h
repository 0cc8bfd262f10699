// XML 1.0 as our writers write it, read strictly: elements, attributes in double quotes, text, the
// five references and &#39;. No comments, sections, instructions or types but the declaration;
// every character is one that XML has. HTML that is written alike is read too, after its doctype.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace touchstone::test {

struct XmlElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  // its own, not that of its children
  std::size_t depth = 0;
};

class StrictXml {
 public:
  // The elements in the order in which they open; nothing when it is not well-formed.
  static std::optional<std::vector<XmlElement>> parse(std::string_view text) {
    StrictXml reader(text);
    if (!reader.read()) return std::nullopt;
    return std::move(reader.elements_);
  }

 private:
  explicit StrictXml(std::string_view text) : rest_(text) {}

  bool read() {
    if (!is_valid_utf8(rest_)) return false;
    for (const char c : rest_) {
      if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') return false;
    }
    if (rest_.contains("\xEF\xBF\xBE") || rest_.contains("\xEF\xBF\xBF")) return false;
    take("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    take("<!DOCTYPE html>");
    while (!rest_.empty()) {
      if (!(rest_.front() == '<' ? read_tag() : read_text())) return false;
    }
    return open_.empty() && !elements_.empty();
  }

  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  std::string take_name() {
    const std::size_t end =
        rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    std::string name(rest_.substr(0, end));
    rest_.remove_prefix(name.size());
    return name;
  }

  void take_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) {
      rest_.remove_prefix(1);
    }
  }

  bool read_text() {
    const std::size_t end = rest_.find('<');
    const std::string_view raw = rest_.substr(0, end);
    rest_.remove_prefix(raw.size());
    const auto text = plain(raw);
    if (!text) return false;
    if (open_.empty()) return text->find_first_not_of(" \n") == std::string::npos;
    elements_[open_.back()].text += *text;
    return true;
  }

  bool read_tag() {
    if (take("</")) {
      const std::string name = take_name();
      if (open_.empty() || elements_[open_.back()].name != name) return false;
      open_.pop_back();
      return take(">");
    }
    if (!take("<")) return false;
    XmlElement element;
    element.name = take_name();
    element.depth = open_.size();
    if (element.name.empty() || (open_.empty() && !elements_.empty())) return false;
    while (true) {
      take_blanks();
      if (take("/>")) {
        elements_.push_back(std::move(element));
        return true;
      }
      if (take(">")) {
        open_.push_back(elements_.size());
        elements_.push_back(std::move(element));
        return true;
      }
      if (!read_attribute(element)) return false;
    }
  }

  bool read_attribute(XmlElement& element) {
    const std::string name = take_name();
    if (name.empty() || !take("=\"")) return false;
    const std::size_t end = rest_.find('"');
    if (end == std::string_view::npos) return false;
    const auto value = plain(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return value && element.attributes.emplace(name, *value).second;
  }

  // Without references; nothing for a stray '&' or '<'.
  static std::optional<std::string> plain(std::string_view raw) {
    static const std::map<std::string_view, char> references = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
    std::string text;
    while (!raw.empty()) {
      if (raw.front() == '<') return std::nullopt;
      if (raw.front() != '&') {
        text += raw.front();
        raw.remove_prefix(1);
        continue;
      }
      const auto found = references.find(raw.substr(0, raw.find(';') + 1));
      if (found == references.end()) return std::nullopt;
      text += found->second;
      raw.remove_prefix(found->first.size());
    }
    return text;
  }

  std::string_view rest_;
  std::vector<XmlElement> elements_;
  std::vector<std::size_t> open_;
};

}  // namespace touchstone::test

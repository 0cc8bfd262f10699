#include "report/chain_picture.h"

#include "base/text.h"
#include "base/time.h"
#include "report/markup.h"
#include "report/words.h"

namespace touchstone::report {
namespace {

using judge::EvidenceNote;

// All lengths in the picture's own units.
constexpr int box_width = 184;
constexpr int box_height = 84;
constexpr int gap = 36;
constexpr int row_height = box_height + 18;
constexpr int margin = 4;
constexpr int columns = 5;
constexpr int line_height = 15;
constexpr std::size_t line_characters = 25;
constexpr std::size_t max_lines = 4;
constexpr std::size_t max_rows = 8;

int left_of(int column) { return margin + column * (box_width + gap); }
int top_of(std::size_t row) { return margin + static_cast<int>(row) * row_height; }
int middle_of(int top) { return top + box_height / 2; }

struct Box {
  std::string_view caption;
  std::vector<std::string> texts;
  std::string_view look = "";  // a class beside "box": "good", "bad", "none"
};

std::string number(std::string_view name, int value) {
  return " " + std::string(name) + "=\"" + std::to_string(value) + "\"";
}

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// How many bytes the first `count` characters take.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (begins_character(text[i]) && count-- == 0) break;
  }
  return i;
}

// Lines of at most line_characters, broken behind punctuation where there is some.
std::vector<std::string> wrapped(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    std::size_t end = bytes_of(text, line_characters);
    if (end < text.size()) {
      const std::size_t good = text.substr(0, end).find_last_of(" /@,:-");
      if (good != std::string_view::npos && good > end / 2) end = good + 1;
    }
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::vector<std::string> lines_of(const Box& box) {
  std::vector<std::string> lines;
  for (const std::string& text : box.texts) {
    for (std::string& line : wrapped(printable(text))) lines.push_back(std::move(line));
  }
  if (lines.size() > max_lines) {
    lines.resize(max_lines);
    lines.back() += "…";
  }
  return lines;
}

// An inner <svg> cuts off what is wider than it was thought.
std::string draw(const Box& box, int column, int top) {
  std::string svg =
      "<svg class=\"box " + std::string(box.look) + "\"" + number("x", left_of(column)) +
      number("y", top) + number("width", box_width) + number("height", box_height) + "><title>" +
      markup_text(std::string(box.caption) + ": " + join(box.texts, "; ")) +
      "</title><rect x=\"1\" y=\"1\"" + number("width", box_width - 2) +
      number("height", box_height - 2) + " rx=\"6\"/><text class=\"caption\"" + number("x", 10) +
      number("y", line_height) + ">" + markup_text(box.caption) + "</text>";
  int y = 2 * line_height + 1;
  for (const std::string& line : lines_of(box)) {
    svg += "<text" + number("x", 10) + number("y", y) + ">" + markup_text(line) + "</text>";
    y += line_height;
  }
  return svg + "</svg>";
}

// From the right side of a box to the left side of one in the next column.
std::string draw_arrow(int from_column, int from_top, int to_top, std::string_view look) {
  const int x1 = left_of(from_column) + box_width;
  const int x2 = left_of(from_column + 1);
  const int y1 = middle_of(from_top);
  const int y2 = middle_of(to_top);
  const int bend = (x1 + x2) / 2;
  const auto point = [](int x, int y) { return std::to_string(x) + " " + std::to_string(y); };
  return "<path class=\"arrow " + std::string(look) + "\" d=\"M" + point(x1, y1) + " C" +
         point(bend, y1) + " " + point(bend, y2) + " " + point(x2, y2) + " M" +
         point(x2 - 6, y2 - 4) + " L" + point(x2, y2) + " L" + point(x2 - 6, y2 + 4) + "\"/>";
}

bool counts(const EvidenceNote& note) { return note.result == "ok"; }

Box signature_box(const EvidenceNote& note) {
  Box box{note.kind, {}, counts(note) ? "good" : "bad"};
  if (!note.type.empty()) box.texts.push_back(note.type);
  if (!note.format.empty()) box.texts.push_back("format " + note.format);
  if (note.time) box.texts.push_back(to_rfc3339(*note.time));
  if (!note.logs.empty()) box.texts.push_back("in log " + join(note.logs, ", "));
  if (!counts(note)) box.texts.push_back(note.origin);
  return box;
}

Box key_box(const EvidenceNote& note) {
  if (note.certificate.empty()) return {"key", {note.signer, note.key}, "good"};
  Box box{"certificate", {note.certificate}, "good"};
  // Where the next box is a device, who vouched stands here.
  if (!note.device.empty() && !note.issuer.empty()) box.texts.push_back("by " + note.issuer);
  return box;
}

Box holder_box(const EvidenceNote& note) {
  if (!note.device.empty()) return {"device", {note.device}, "good"};
  if (!note.issuer.empty()) return {"issuer", {note.issuer}, "good"};
  return {"device", {"none is attested"}, "none"};
}

// What stands in the place of the boxes for evidence that does not count.
Box refusal_box(const EvidenceNote& note) {
  return {"does not count", {note.result, note.message}, "bad"};
}

// What there is room for: what counts, then what does not.
std::vector<const EvidenceNote*> drawn(const std::vector<EvidenceNote>& evidence) {
  std::vector<const EvidenceNote*> notes;
  for (const bool wanted : {true, false}) {
    for (const EvidenceNote& note : evidence) {
      if (counts(note) == wanted && notes.size() < max_rows) notes.push_back(&note);
    }
  }
  return notes;
}

std::string draw_row(const EvidenceNote& note, std::size_t row, int image_top) {
  const int top = top_of(row);
  const std::string_view look = counts(note) ? "good" : "bad";
  std::string svg = draw_arrow(0, image_top, top, look) + draw(signature_box(note), 1, top) +
                    draw_arrow(1, top, top, look);
  if (!counts(note)) return svg + draw(refusal_box(note), 2, top);
  return svg + draw(key_box(note), 2, top) + draw_arrow(2, top, top, look) +
         draw(holder_box(note), 3, top) + draw_arrow(3, top, top, look) +
         draw({"root", {note.root}, "good"}, 4, top);
}

}  // namespace

std::string chain_picture(const judge::ImageVerdict& image) {
  const std::vector<const EvidenceNote*> notes = drawn(image.verdict.evidence);
  if (notes.empty()) return "";

  const int width = left_of(columns - 1) + box_width + margin;
  const int height = top_of(notes.size() - 1) + box_height + margin;
  const int image_top = (height - box_height) / 2;
  std::string svg =
      "<svg class=\"chain\" role=\"img\" aria-label=\"How the image is trusted; the "
      "table below says the same\" viewBox=\"0 0 " +
      std::to_string(width) + " " + std::to_string(height) + "\"" + number("width", width) +
      number("height", height) + ">";
  svg += draw({"image", {shown_name(image)}, standing_name(standing(image.verdict))}, 0, image_top);
  for (std::size_t row = 0; row < notes.size(); ++row) {
    svg += draw_row(*notes[row], row, image_top);
  }
  return svg + "</svg>";
}

}  // namespace touchstone::report

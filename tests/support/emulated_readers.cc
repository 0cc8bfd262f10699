#include "tests/support/emulated_readers.h"

#include <algorithm>
#include <cstdlib>

namespace touchstone::test {
namespace {

constexpr std::size_t max_piece_bytes = 255;

class EmulatedLink : public hsm::CardLink {
 public:
  explicit EmulatedLink(EmulatedCard& card) : card_(card) {}
  ~EmulatedLink() override {
    if (reset_at_end_ && !card_.card.removed()) card_.card.power("reset");
  }

  Result<Hold> lock() override {
    if (card_.card.removed() || std::exchange(card_.stale, false)) return Hold::stale;
    return Hold::held;
  }
  void unlock() override {}
  void reset_at_end() override { reset_at_end_ = true; }

  Result<hsm::CardAnswer> transmit(const hsm::CardCommand& command) override {
    ByteView left = command.data;
    while (left.size() > max_piece_bytes) {
      TS_TRY(const auto piece, exchange(0x10, command, left.first(max_piece_bytes)));
      if (!piece.good()) return piece;
      left = left.subspan(max_piece_bytes);
    }
    TS_TRY(auto answer, exchange(0x00, command, left));
    while (answer.status >> 8 == 0x61) {
      TS_TRY(const auto more, exchange(0x00, {piv_card::ins::get_response, 0, 0, {}}, {}));
      answer.data.insert(answer.data.end(), more.data.begin(), more.data.end());
      answer.status = more.status;
    }
    return answer;
  }

 private:
  Result<hsm::CardAnswer> exchange(std::uint8_t cla, const hsm::CardCommand& command,
                                   ByteView data) {
    Bytes apdu = {cla, command.instruction, command.p1, command.p2,
                  static_cast<std::uint8_t>(data.size())};
    apdu.insert(apdu.end(), data.begin(), data.end());
    auto response = card_.card.exchange(apdu);
    if (!response) return Error{Code::device_removed, "the card was removed", ""};
    const auto status = static_cast<std::uint16_t>(*(response->end() - 2) << 8 | response->back());
    response->erase(response->end() - 2, response->end());
    return hsm::CardAnswer{*std::move(response), status};
  }

  EmulatedCard& card_;
  bool reset_at_end_ = false;
};

}  // namespace

EmulatedCard::EmulatedCard(std::string name, const std::vector<std::string>& control)
    : reader(std::move(name)) {
  for (const std::string& line : control) obey(line);
}

void EmulatedCard::obey(const std::string& line) {
  if (!card.control(line)) std::abort();
}

std::string EmulatedCard::commands() {
  std::string names;
  for (const std::string& line : std::exchange(log, {})) {
    names += (names.empty() ? "" : " ") + line.substr(0, line.find(' '));
  }
  return names;
}

EmulatedCard& EmulatedReaders::add(const std::string& reader,
                                   const std::vector<std::string>& control) {
  cards_.push_back(std::make_unique<EmulatedCard>(reader, control));
  return *cards_.back();
}

Result<std::vector<std::string>> EmulatedReaders::names() {
  std::vector<std::string> names;
  for (const auto& card : cards_) names.push_back(card->reader);
  return names;
}

Result<std::unique_ptr<hsm::CardLink>> EmulatedReaders::connect(const std::string& reader) {
  const auto found =
      std::ranges::find_if(cards_, [&](const auto& card) { return card->reader == reader; });
  if (found == cards_.end() || (*found)->card.removed()) {
    return Error{Code::device_not_found, "there is no card in the reader", ""};
  }
  if ((*found)->exclusive) return Error{Code::device_busy, "another program holds the card", ""};
  return std::unique_ptr<hsm::CardLink>(std::make_unique<EmulatedLink>(**found));
}

}  // namespace touchstone::test

#include "cli/shared/progress.h"

#include <chrono>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "cli/shared/output.h"

namespace touchstone::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 1s;  // what is done sooner needs no word
constexpr auto rhythm = 250ms;

}  // namespace

Progress::Progress(std::string verb, std::size_t total) : verb_(std::move(verb)), total_(total) {
  if (!is_terminal()) return;
  try {
    thread_ = std::thread([this] { show_until_the_end(); });
  } catch (const std::system_error&) {  // no thread, no progress
  }
}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Progress::next(const std::string& name) {
  const std::lock_guard lock(mutex_);
  ++number_;
  name_ = printable(name);
}

std::string Progress::line(long seconds) const {
  std::string text = verb_;
  if (total_ > 1 && number_ > 0) {
    text += " " + std::to_string(number_) + " of " + std::to_string(total_);
  }
  text += " (" + std::to_string(seconds) + " s)";
  return name_.empty() ? text : text + ": " + name_;
}

void Progress::show_until_the_end() {
  const auto begun = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, patience, [this] { return ended_; })) return;
  while (!ended_) {
    const auto waited = std::chrono::steady_clock::now() - begun;
    show_status(line(static_cast<long>(std::chrono::floor<std::chrono::seconds>(waited).count())));
    changed_.wait_for(lock, rhythm, [this] { return ended_; });
  }
  show_status("");
}

}  // namespace touchstone::cli

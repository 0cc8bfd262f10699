// What is being waited for, on a terminal, when it takes longer than a second.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace touchstone::cli {

// For the time that it lives: "verifying 3 of 20 (4 s): registry.example/shop/api:1.4", one line
// that is rewritten and goes at the end. Where standard error is no terminal it does nothing, and
// starts no thread. Nobody may be asked for anything meanwhile.
class Progress {
 public:
  // `total` 1 counts nothing.
  Progress(std::string verb, std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // The next one begins; its name is the user's or from outside.
  void next(const std::string& name);

 private:
  void show_until_the_end();
  std::string line(long seconds) const;

  const std::string verb_;
  const std::size_t total_;
  std::size_t number_ = 0;
  std::string name_;
  bool ended_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace touchstone::cli

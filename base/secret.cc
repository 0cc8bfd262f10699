#include "base/secret.h"

#include <string.h>  // explicit_bzero
#include <sys/mman.h>

#include <new>
#include <utility>

namespace touchstone {
namespace {

// Whole pages, with room for the NUL after the text.
std::size_t mapped_bytes(std::size_t characters) {
  constexpr std::size_t page_bytes = 4096;
  return (characters / page_bytes + 1) * page_bytes;
}

}  // namespace

Secret::Secret() : Secret(capacity) {}

Secret::Secret(std::size_t wanted) : capacity_(wanted) {
  const std::size_t bytes = mapped_bytes(wanted);
  void* page = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  page_ = static_cast<char*>(page);
  // Best effort each: a low RLIMIT_MEMLOCK must not stop somebody from signing.
  (void)mlock(page_, bytes);
  (void)madvise(page_, bytes, MADV_DONTDUMP);
  (void)madvise(page_, bytes, MADV_WIPEONFORK);
}

Secret::Secret(std::string_view text) : Secret() {
  for (const char c : text) {
    if (!append(c)) break;
  }
}

Secret Secret::holding(std::string_view text) {
  Secret secret(text.size());
  for (const char c : text) (void)secret.append(c);
  return secret;
}

Secret::~Secret() { release(); }

Secret::Secret(Secret&& other) noexcept
    : page_(std::exchange(other.page_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)),
      size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    release();
    page_ = std::exchange(other.page_, nullptr);
    capacity_ = std::exchange(other.capacity_, 0);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

bool Secret::append(char c) {
  if (page_ == nullptr || size_ == capacity_) return false;
  page_[size_++] = c;
  return true;
}

void Secret::remove_last() {
  if (size_ > 0) page_[--size_] = '\0';
}

std::string_view Secret::reveal() const { return {page_ == nullptr ? "" : page_, size_}; }

const char* Secret::reveal_c_string() const { return page_ == nullptr ? "" : page_; }

void Secret::release() noexcept {
  if (page_ == nullptr) return;
  explicit_bzero(page_, mapped_bytes(capacity_));
  munmap(page_, mapped_bytes(capacity_));
  page_ = nullptr;
  size_ = 0;
}

void wipe(std::string& text) noexcept {
  explicit_bzero(text.data(), text.size());
  text.clear();
}

void wipe(Bytes& bytes) noexcept {
  if (bytes.empty()) return;  // data() may be null then, which explicit_bzero must not be given
  explicit_bzero(bytes.data(), bytes.size());
  bytes.clear();
}

}  // namespace touchstone

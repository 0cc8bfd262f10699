#include "base/secret.h"

#include <string.h>  // explicit_bzero
#include <sys/mman.h>

#include <new>
#include <utility>

namespace touchstone {
namespace {

constexpr std::size_t page_bytes = 4096;
static_assert(Secret::capacity < page_bytes);

}  // namespace

Secret::Secret() {
  void* page =
      mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  page_ = static_cast<char*>(page);
  // Best effort each: a low RLIMIT_MEMLOCK must not stop somebody from signing.
  (void)mlock(page_, page_bytes);
  (void)madvise(page_, page_bytes, MADV_DONTDUMP);
  (void)madvise(page_, page_bytes, MADV_WIPEONFORK);
}

Secret::Secret(std::string_view text) : Secret() {
  for (const char c : text) {
    if (!append(c)) break;
  }
}

Secret::~Secret() { release(); }

Secret::Secret(Secret&& other) noexcept
    : page_(std::exchange(other.page_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    release();
    page_ = std::exchange(other.page_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

bool Secret::append(char c) {
  if (page_ == nullptr || size_ == capacity) return false;
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
  explicit_bzero(page_, page_bytes);
  munmap(page_, page_bytes);
  page_ = nullptr;
  size_ = 0;
}

}  // namespace touchstone

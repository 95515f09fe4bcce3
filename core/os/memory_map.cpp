#include "core/os/memory_map.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>

namespace tg::os {

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;

std::byte* map(std::size_t bytes) {
  void* where =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (where == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(where);
}

// Where a huge page can begin; what is mapped beyond goes back.
std::byte* map_aligned(std::size_t bytes) {
  std::byte* const all = map(bytes + huge_page);
  std::byte* const end = all + bytes + huge_page;
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(all) % huge_page;
  std::byte* const data = all + before;
  if (before != 0) ::munmap(all, before);
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t used = (bytes + page - 1) / page * page;
  if (data + used != end) ::munmap(data + used, static_cast<std::size_t>(end - (data + used)));
  return data;
}

}  // namespace

memory_map::memory_map(std::size_t bytes) : size_(bytes) {
  if (bytes < huge_page) {
    data_ = map(bytes);
    return;
  }
  data_ = map_aligned(bytes);
  // Without effect where the administrator has forbidden it.
  ::madvise(data_, bytes, MADV_HUGEPAGE);
}

memory_map::memory_map(memory_map&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

memory_map& memory_map::operator=(memory_map&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

memory_map::~memory_map() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

void memory_map::populate(std::size_t bytes) noexcept {
  // By the kernel, because others may be using the memory: what they wrote stays, and no access of ours can race.
  const std::size_t size = std::min(bytes, size_);
  constexpr int populate_write = 23;  // MADV_POPULATE_WRITE, since Linux 5.14; older headers do not name it
  if (::madvise(data_, size, populate_write) == 0) return;
  if (::mlock(data_, size) == 0) ::munlock(data_, size);
}

}  // namespace tg::os

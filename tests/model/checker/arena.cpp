#include "tests/model/checker/arena.h"

#include <sys/mman.h>

#include <new>

namespace model::arena {
namespace {

constexpr std::size_t size = std::size_t{1} << 32;
constexpr std::size_t page = 4096;
std::size_t used = 0;

}  // namespace

std::byte* begin() {
  static std::byte* const where = [] {
    void* mapped =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    return static_cast<std::byte*>(mapped);
  }();
  return where;
}

const std::byte* end() { return begin() + used; }

void begin_schedule() { used = 0; }

std::byte* take(std::size_t bytes) {
  const std::size_t rounded = (bytes + page - 1) / page * page;
  if (rounded > size - used) throw std::bad_alloc();
  std::byte* const where = begin() + used;
  used += rounded;
  return where;
}

}  // namespace model::arena

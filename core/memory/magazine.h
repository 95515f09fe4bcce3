// A handful of record numbers that one thread keeps at hand; full ones travel between threads as a whole.
// (Bonwick and Adams, "Magazines and Vmem", USENIX 2001.)
#pragma once

#include <array>
#include <cstdint>

namespace tg::memory {

struct magazine {
  static constexpr std::uint32_t capacity = 32;

  std::uint32_t count = 0;
  std::array<std::uint32_t, capacity> items;

  bool empty() const noexcept { return count == 0; }
  bool full() const noexcept { return count == capacity; }
  void push(std::uint32_t item) noexcept { items[count++] = item; }
  std::uint32_t pop() noexcept { return items[--count]; }
};

}  // namespace tg::memory

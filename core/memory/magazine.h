// A handful of record numbers that one thread keeps at hand; full ones travel between threads as a whole.
// (Bonwick and Adams, "Magazines and Vmem", USENIX 2001.)
#pragma once

#include <array>
#include <cstdint>

namespace tg::memory {

struct magazine {
  static constexpr std::uint32_t capacity = 32;

  std::uint32_t count = 0;
  std::uint32_t far =
      0;  // so many of them, at the bottom, have come from elsewhere and may be in no cache of this core
  std::array<std::uint32_t, capacity> items;

  bool empty() const noexcept { return count == 0; }
  bool full() const noexcept { return count == capacity; }
  void push(std::uint32_t item) noexcept { items[count++] = item; }
  std::uint32_t pop() noexcept {
    const std::uint32_t item = items[--count];
    if (count < far) far = count;
    return item;
  }
};

}  // namespace tg::memory

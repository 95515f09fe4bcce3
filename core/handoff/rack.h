// The few values that were given last, to be taken again while they are in the caches: before an exchange, which hands
// out first what it was given first.
//
// Any thread. try_put and try_take are lock-free: they fail where another one is just at work. No heap.
#pragma once

#include "core/base/atomic.h"
#include "core/base/cpu.h"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace tg::handoff {

template <class T>
class rack {
 public:
  static constexpr std::size_t max_places = 32;

  explicit rack(std::size_t places) noexcept
      : usable_(places >= max_places ? UINT32_MAX : (std::uint32_t{1} << places) - 1) {}

  bool try_put(const T& item) noexcept {
    // relaxed: a hint; the place's state decides
    const std::uint32_t empty = usable_ & ~filled_.load(base::relaxed);
    if (empty == 0) return false;
    const std::uint32_t bit = empty & -empty;
    place& at = places_[std::countr_zero(bit)];
    if (!at.turns(state::empty, state::busy)) return false;
    filled_.fetch_or(bit, base::relaxed);  // relaxed: as above; nobody else changes the bit of a busy place
    at.item = item;
    // [X4] release: the item; pairs with [X5]
    at.now.store(state::full, base::release);
    return true;
  }

  bool try_take(T& item) noexcept {
    const std::uint32_t full = filled_.load(base::relaxed);  // relaxed: as in try_put
    if (full == 0) return false;
    const std::uint32_t bit = std::bit_floor(full);
    place& at = places_[std::countr_zero(bit)];
    if (!at.turns(state::full, state::busy)) return false;
    item = at.item;
    filled_.fetch_and(~bit, base::relaxed);  // relaxed: as in try_put
    // [X6] release: the item was read; pairs with [X5]
    at.now.store(state::empty, base::release);
    return true;
  }

  // Values that can be taken now, about.
  std::size_t size() const noexcept {
    return static_cast<std::size_t>(std::popcount(filled_.load(base::relaxed)));  // relaxed: a figure
  }

 private:
  enum class state : std::uint32_t { empty, busy, full };

  struct alignas(base::cache_line) place {
    base::atomic<state> now{state::empty};
    T item;

    bool turns(state from, state to) noexcept {
      // [X5] acquire: the item as it was put, or that it was read; pairs with [X4], [X6]
      return now.compare_exchange(from, to, base::acquire, base::relaxed);
    }
  };

  const std::uint32_t usable_;  // a bit for each place
  alignas(base::cache_line) base::atomic<std::uint32_t> filled_{0};
  place places_[max_places];
};

}  // namespace tg::handoff

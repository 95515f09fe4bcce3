// The library's only door to std::atomic: every operation names its memory order, so that none is
// sequentially consistent by forgetting. All protocols go through this type. Always inlined: an order that
// is an argument is chosen while the program runs, and the model tests would not know whose operation it is.
#pragma once

#include <atomic>
#include <cstdint>

namespace tg::base {

inline constexpr std::memory_order relaxed = std::memory_order_relaxed;
inline constexpr std::memory_order acquire = std::memory_order_acquire;
inline constexpr std::memory_order release = std::memory_order_release;
inline constexpr std::memory_order acq_rel = std::memory_order_acq_rel;
inline constexpr std::memory_order seq_cst = std::memory_order_seq_cst;

template <class T>
class atomic {
 public:
  constexpr atomic() noexcept = default;
  constexpr explicit atomic(T value) noexcept : value_(value) {}
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

  [[gnu::always_inline]] T load(std::memory_order order) const noexcept { return value_.load(order); }
  [[gnu::always_inline]] void store(T value, std::memory_order order) noexcept { value_.store(value, order); }
  [[gnu::always_inline]] T exchange(T value, std::memory_order order) noexcept {
    return value_.exchange(value, order);
  }

  // On failure `expected` receives what was seen.
  [[gnu::always_inline]] bool compare_exchange(T& expected, T desired, std::memory_order success,
                                               std::memory_order failure) noexcept {
    return value_.compare_exchange_strong(expected, desired, success, failure);
  }

  [[gnu::always_inline]] T fetch_add(T by, std::memory_order order) noexcept {
    return value_.fetch_add(by, order);
  }
  [[gnu::always_inline]] T fetch_sub(T by, std::memory_order order) noexcept {
    return value_.fetch_sub(by, order);
  }
  [[gnu::always_inline]] T fetch_or(T bits, std::memory_order order) noexcept {
    return value_.fetch_or(bits, order);
  }
  [[gnu::always_inline]] T fetch_and(T bits, std::memory_order order) noexcept {
    return value_.fetch_and(bits, order);
  }

  // Where the value lives, for the kernel's futex.
  const void* address() const noexcept { return &value_; }

 private:
  std::atomic<T> value_{};
  static_assert(std::atomic<T>::is_always_lock_free);
};

}  // namespace tg::base

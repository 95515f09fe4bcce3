// The part of a group's event that a check reads: one word, whose lowest bit says "set".
#pragma once

#include <threadgroup/detail/atomic.h>
#include <threadgroup/detail/export.h>

namespace tg::detail {

struct event_flag {
  static constexpr std::uint64_t set_bit = 1;

  // Written by setters, resetters and the birth of a group; read by everybody.
  base::atomic<std::uint64_t> word;

  bool is_set() const noexcept {
    // [V1] acquire: what happened before the set, or before the reset, is visible to who sees it; pairs with [V2], [R8]
    return (word.load(base::acquire) & set_bit) != 0;
  }
};

// The event of code that runs in no task.
THREADGROUP_API extern const event_flag never_set;

}  // namespace tg::detail

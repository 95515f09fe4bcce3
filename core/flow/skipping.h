// That this thread skips tasks of a group. Who is skipped may add to that group, set it again, or clear it: such calls skip,
// too, but only so deep that the stack does not grow with the number of tasks.
//
// On the stack of the thread; nobody else looks at it.
#pragma once

#include "core/flow/stages.h"
#include "core/task/this_thread.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace tg::flow {

class skipping {
 public:
  explicit skipping(const slot& group) noexcept
      : group_(group), outer_(std::exchange(task::self.skips, this)) {}
  skipping(const skipping&) = delete;
  skipping& operator=(const skipping&) = delete;
  ~skipping() { task::self.skips = outer_; }

  // The innermost of the group, if no more should be nested in it; else nullptr.
  static skipping* too_deep(const slot& group) noexcept {
    skipping* innermost = nullptr;
    int depth = 0;
    for (skipping* at = task::self.skips; at != nullptr; at = at->outer_) {
      if (&at->group_ != &group) continue;
      if (innermost == nullptr) innermost = at;
      if (++depth == deepest) return innermost;
    }
    return nullptr;
  }

  // Who clears ends what was queued before the bound, which those nested in it may move on; who skips a backlog ends all.
  void reach(std::uint64_t bound) noexcept { bound_ = std::max(bound_, bound); }
  const std::uint64_t& bound() const noexcept { return bound_; }

 private:
  static constexpr int deepest = 8;

  const slot& group_;
  skipping* const outer_;
  std::uint64_t bound_ = 0;
};

// Of somebody assigned: at most one task that this call has claimed is none that runs. It is raised before the claim, where
// that is known, and lowered after the task is counted: a figure misses one that runs, and has none that is being skipped.
class not_running {
 public:
  explicit not_running(slot& group) noexcept : group_(group) {
    group_.skippers.fetch_add(1, base::relaxed);  // relaxed: who sees the claim sees this; else a figure
  }
  not_running(const not_running&) = delete;
  not_running& operator=(const not_running&) = delete;
  ~not_running() {
    // [A9] release: the count of what was skipped; pairs with [A10]
    group_.skippers.fetch_sub(1, base::release);
  }

 private:
  slot& group_;
};

}  // namespace tg::flow

// That this thread skips tasks of a group. Who is skipped may add to that group, or set it again: such calls skip, too, but
// only so deep that the stack does not grow with the number of tasks.
//
// On the stack of the thread; nobody else looks at it.
#pragma once

#include "core/flow/stages.h"
#include "core/task/this_thread.h"

#include <utility>

namespace tg::flow {

class skipping {
 public:
  explicit skipping(const slot& group) noexcept
      : group_(group), outer_(std::exchange(task::self.skips, this)) {}
  skipping(const skipping&) = delete;
  skipping& operator=(const skipping&) = delete;
  ~skipping() { task::self.skips = outer_; }

  static bool is_deep(const slot& group) noexcept {
    int depth = 0;
    for (const skipping* at = task::self.skips; at != nullptr; at = at->outer_) {
      if (&at->group_ == &group && ++depth == deepest) return true;
    }
    return false;
  }

 private:
  static constexpr int deepest = 8;

  const slot& group_;
  skipping* const outer_;
};

}  // namespace tg::flow

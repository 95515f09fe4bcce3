// The runtimes that live in this process, in the order they came.
//
// Any thread. Waits for whoever else is at it: a runtime that comes or goes, or somebody who looks at all. In a forked
// child it begins empty: its parent's runtimes are not the child's.
#pragma once

#include "core/group/engine.h"
#include "core/trace/turn.h"

namespace tg::groups {

class roster {
 public:
  static void enter(engine& born) noexcept;
  // Afterwards nobody looks at it by way of the roster.
  static void leave(engine& dying) noexcept;

  // visit(engine&) for each; none of them goes meanwhile.
  template <class Visit>
  static void for_each(Visit&& visit) {
    const tracing::turn::mine now(turn_);
    for (engine* at = first_; at != nullptr; at = at->next_living) visit(*at);
  }

 private:
  static void begin_anew_in_children() noexcept;

  static tracing::turn turn_;
  static engine* first_;  // in one's turn
};

}  // namespace tg::groups

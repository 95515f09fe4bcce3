// The runtimes that live in this process, in the order they came, and their numbers.
//
// Any thread. Waits for whoever else is at it: a runtime that comes or goes, or somebody who looks at all. In a forked
// child it begins empty: its parent's runtimes are not the child's.
#pragma once

#include "core/group/engine.h"
#include "core/trace/turn.h"

namespace tg::groups {

class roster {
 public:
  // Before the first runtime's threads.
  static void begin_anew_in_children() noexcept;
  // The lowest that no other runtime has, below max_numbers; if all are out, any.
  static std::uint32_t take_number() noexcept;
  static void give_number(std::uint32_t number) noexcept;
  static constexpr std::uint32_t max_numbers = 256;

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
  static tracing::turn turn_;
  // In one's turn:
  static engine* first_;
  static std::uint64_t numbers_out_[max_numbers / 64];
};

}  // namespace tg::groups

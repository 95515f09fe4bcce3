// What became of a group's tasks: counts, kept exceptions, and when all have ended.
//
// Any thread. Counting is lock-free; reports are made by one thread at a time, the others wait for it.
#pragma once

#include "core/group/engine.h"

#include <exception>
#include <optional>

namespace tg::groups {

// Of all tenants of a slot together. A task is counted once, in one word, when it has ended: no figure is ever less than at
// an earlier look, or more than there is.
struct counts {
  std::uint64_t ended;  // with those below
  std::uint64_t failed;
  std::uint64_t skipped;
};

// By a watcher that has made itself known: a task whose end wakes nobody has ended before, and is seen.
void see_ends(const slot& of) noexcept;

// All that was claimed has ended and nothing is queued, at one moment during the call: the number of ended tasks never
// passes that of the claims, so that as many ended before as are claimed at a look that finds nothing queued are all of
// them. Lock-free.
std::optional<counts> drained_counts(slot& of) noexcept;
inline bool is_drained(slot& of) noexcept { return drained_counts(of).has_value(); }

// nullptr: it is not kept. Who keeps it says, right before the task is counted, that it may be told.
failure_node* keep_failure(slot& of, task_id id, const std::exception_ptr& what) noexcept;
void may_be_told(failure_node& kept) noexcept;

group_stats stats_of(const slot& of) noexcept;
// Running, pending and limit alone: of a slot whose tenant may end meanwhile.
group_stats load_of(const slot& of) noexcept;

// Takes the outcomes since the last complete join; of overlapping joins one gets them.
join_report complete_report(slot& of, const counts& drained);
// Looks at them.
join_report incomplete_report(slot& of);
// At the group's end, of failures that nobody has asked for.
void drop_failures(slot& of) noexcept;

}  // namespace tg::groups

// A thread waits for a group's own tasks, and takes what they have left.
#include "core/flow/stages.h"
#include "core/task/this_thread.h"

#include <threadgroup/error.h>

namespace tg::flow {
namespace {

void check_join(const engine& runtime, const slot& group) {
  runtime.check_fork();
  if (!runs_inside(group)) return;
  throw would_deadlock("threadgroup: group '" + std::string(group.name()) +
                       "' is joined by one of its own tasks or of a descendant's");
}

}  // namespace

bool runs_inside(const slot& group) noexcept {
  const slot* const here = task::self.current;
  if (here == nullptr || here->depth <= group.depth) return here == &group;
  // Those above that have ended may be merged away meanwhile.
  const event::forest::walk_guard looking(here->owner->trees);
  return groups::is_within(here, group);
}

join_report join(engine& runtime, slot& group) {
  check_join(runtime, group);
  static_cast<void>(runtime.mine());  // whatever that allocates is allocated before anything is done
  for (;;) {
    if (const auto drained = groups::drained_counts(group)) return groups::complete_report(group, *drained);
    if (!help(runtime, group)) wait_for_end_or_work(group);
  }
}

join_report join_until(engine& runtime, slot& group, deadline_ns until) {
  check_join(runtime, group);
  auto drained = groups::drained_counts(group);
  if (!drained) drained = wait_for_end(group, until);
  return drained ? groups::complete_report(group, *drained) : groups::incomplete_report(group);
}

}  // namespace tg::flow

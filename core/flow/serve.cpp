// A worker, or a joiner that helps, comes to a group and runs its tasks until there is no reason to stay.
//
// Protocol: core/limiter/README.md, the worker's side.
#include "core/flow/skipping.h"
#include "core/flow/stages.h"
#include "core/flow/tally.h"
#include "core/group/traced.h"
#include "core/task/outcome.h"
#include "core/task/prefetch.h"
#include "core/task/this_thread.h"

namespace tg::flow {
namespace {

// After so long a worker goes on to other groups that wait. bench/service
constexpr std::uint64_t slice_us = 20;
// A task that runs for long and neither joins nor blocks may have left a ticket in its mailbox.
constexpr std::uint32_t tasks_between_mailboxes = 64;
// How long a worker looks for one more task of its group before it leaves: a stream of tasks that comes a little
// slower than it is worked off would otherwise have it leave and be called again for every task. bench/task
constexpr int linger_looks = 24;
constexpr int pauses_per_look = 16;
// A worker that comes near the end of a stream of short tasks lets some more come: each that it claims right
// after it was added costs both sides a cache miss or two. Not more often than after so many tasks.
constexpr std::uint32_t tasks_between_breaths = 64;
constexpr int pauses_of_a_breath = 128;

void pause_for(int pauses) noexcept {
  for (int i = 0; i < pauses; ++i) base::pause();
}

void prefetch_upcoming(engine& runtime, const queue::fifo::claimed& claimed) noexcept {
  if (claimed.upcoming != memory::no_record) task::prefetch(runtime.record_at(claimed.upcoming));
}

// A worker beyond a lowered limit claims nothing more: who has paused the group and adds then finds it paused.
bool claim(engine& runtime, slot& group, groups::local::share& mine, queue::fifo::claimed& claimed) noexcept {
  const auto may = [&](std::uint64_t) { return !group.limits.is_over(); };
  return group.tasks.claim(runtime.segments, mine.segments, claimed, may);
}

void run_claimed(engine& runtime, slot& group, const queue::fifo::claimed& claimed, tally& ends) noexcept {
  ends.claimed();
  task_record& record = runtime.record_at(claimed.item);
  const task_id id = claimed.number - group.first_number + 1;
  const event_cause why = decide_to_skip(group);
  if (why == event_cause::none) return ends.ended(run_task(group, record, id));
  const not_running skipper(group);
  ends.ended(skip_task(group, record, id, why));
}

// Of a visit that began then.
bool slice_is_over(std::uint64_t began) noexcept {
  return base::ticks() - began > slice_us * base::ticks_per_us();
}

bool others_wait(engine& runtime, const slot& group) noexcept {
  const std::uint32_t own = group.limits.glance().has_ticket() ? 1 : 0;
  return runtime.crew.load().ready() > own;
}

// True: one more task has come.
bool linger(engine& runtime, slot& group) noexcept {
  for (int look = 0; look < linger_looks; ++look) {
    if (group.limits.is_over() || runtime.crew.has_too_many()) return false;
    pause_for(pauses_per_look);
    if (group.tasks.has_items(runtime.segments)) return true;
    if (runtime.crew.others_wait()) return false;
    if (group.limits.glance().is_dead()) return false;
  }
  return false;
}

void work(engine& runtime, slot& group, limiter::seat as) noexcept {
  groups::local::share& mine = runtime.mine();
  const task::acting_for tasks_of(&group, group);
  tally ends(group, as);
  queue::fifo::claimed claimed{};
  const std::uint64_t began = base::ticks();
  std::uint32_t served = 0;
  std::uint32_t breath_at = tasks_between_breaths;
  for (bool first = true;; first = false) {
    if (!claim(runtime, group, mine, claimed)) {
      if (first) return;
      ends.settle();
      if (!linger(runtime, group)) return;
      continue;
    }
    // More waits and may run beside this one: the next worker is called before the task, a chain and no
    // storm.
    if (first && group.tasks.has_items(runtime.segments)) send_for_workers(runtime, group);
    prefetch_upcoming(runtime, claimed);
    run_claimed(runtime, group, claimed, ends);
    runtime.crew.announce_left(mine.offers);
    if (++served % tasks_between_mailboxes == 0) runtime.crew.announce_all();
    if (runtime.crew.should_yield()) {
      ends.settle();
      runtime.crew.yield();
    }
    if (others_wait(runtime, group) && slice_is_over(began)) return;
    if (claimed.near_end && served >= breath_at) {
      pause_for(pauses_of_a_breath);
      breath_at = served + tasks_between_breaths;
    }
  }
}

// The rest of the group is offered to others before the first task, and taken back after the last.
void help_out(engine& runtime, slot& group, limiter::seat as) noexcept {
  groups::local::share& mine = runtime.mine();
  const task::acting_for tasks_of(&group, group);
  tally ends(group, as);
  queue::fifo::claimed claimed{};
  for (bool first = true; claim(runtime, group, mine, claimed); first = false) {
    if (first && group.tasks.has_items(runtime.segments)) offer_to_workers(runtime, group);
    prefetch_upcoming(runtime, claimed);
    run_claimed(runtime, group, claimed, ends);
  }
  if (mine.offers.take_back(group.index)) group.limits.give_up_ticket();
}

using manner = void (*)(engine&, slot&, limiter::seat) noexcept;

// That the last place was taken, or is given up; seen from one that has a place.
void tell_if_full(slot& group, tracing::kind what) noexcept {
  const limiter::limit_word now = group.limits.glance();
  if (!now.has_room()) groups::emit(group, {what, 0, now.limit()});
}

// False: the event is not set any more, or it was that of the tenant before.
bool drain_what_is_queued(engine& runtime, slot& group, limiter::seat as) noexcept {
  const std::uint64_t bound = group.tasks.pushes(runtime.segments);
  if (!group.tasks.has_items(runtime.segments)) return true;
  // After the bound: what is before it was queued while the event was set, or before.
  const event_cause why = decide_to_skip(group);
  if (why == event_cause::none) return false;
  drain(runtime, group, as, bound, why);
  return true;
}

// Assigned: skips all that is queued, or runs it in the given manner.
void stay(engine& runtime, slot& group, limiter::seat as, manner run) noexcept {
  if (tracing::is_on()) [[unlikely]]
    tell_if_full(group, tracing::kind::limiter_full);
  if (!skips(group) || !drain_what_is_queued(runtime, group, as)) {
    run(runtime, group, as);
  }
  if (tracing::is_on()) [[unlikely]]
    tell_if_full(group, tracing::kind::limiter_freed);
  leave(runtime, group, as);
}

void enter_by_ticket(engine& runtime, slot& group, manner run) {
  using entry = limiter::limiter::entry;
  limiter::seat as = limiter::seat::none;
  switch (group.limits.enter_by_ticket(skips(group), as)) {
    case entry::gone:
      return;
    case entry::gone_last:
      return release_slot(runtime, group);
    case entry::full:
      if (group.tasks.has_items(runtime.segments)) send_for_workers(runtime, group);
      return;
    case entry::entered:
      return stay(runtime, group, as, run);
  }
}

}  // namespace

bool has_backlog(engine& runtime, const slot& group) noexcept {
  return skips(group) && group.tasks.has_items(runtime.segments);
}

void skip_backlog(engine& runtime, slot& group) noexcept {
  if (skipping::too_deep(group) != nullptr) return send_for_workers(runtime, group);
  const skipping here(group);
  // Again, if the bound of the first time was an old one, or who was skipped deep down has added.
  while (has_backlog(runtime, group)) {
    const limiter::seat as = group.limits.enter(true);
    if (as == limiter::seat::none) return;
    drain_what_is_queued(runtime, group, as);
    leave(runtime, group, as);
  }
}

void skip_before_waiting(slot& group) noexcept {
  engine& runtime = *group.owner;
  if (has_backlog(runtime, group) && runtime.try_mine() != nullptr) skip_backlog(runtime, group);
}

void leave(engine& runtime, slot& group, limiter::seat as) noexcept {
  const limiter::duty duty = group.limits.leave(as);
  wake_who_waits_for_ends(group);
  switch (duty) {
    case limiter::duty::free:
      release_slot(runtime, group);
      return;
    case limiter::duty::look:
      if (group.tasks.has_items(runtime.segments)) send_for_workers(runtime, group);
      return;
    case limiter::duty::none:
      return;
  }
}

void serve(engine& runtime, slot& group) { enter_by_ticket(runtime, group, &work); }

bool help(engine& runtime, slot& group) {
  if (runtime.mine().offers.take_back(group.index)) {
    enter_by_ticket(runtime, group, &help_out);
    return true;
  }
  if (!group.tasks.has_items(runtime.segments)) return false;
  const limiter::seat as = group.limits.enter(skips(group));
  if (as == limiter::seat::none) return false;
  stay(runtime, group, as, &help_out);
  return true;
}

}  // namespace tg::flow

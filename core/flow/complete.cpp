// A task ends: outcome made, callable destroyed, outcome published, place released, counted, waiters woken.
//
// Whoever runs it. Lock-free but for the task itself. After the count nothing belongs to the group's user any
// more; the slot stays as long as somebody is assigned.
#include "core/flow/skipping.h"
#include "core/flow/stages.h"
#include "core/flow/tally.h"
#include "core/group/traced.h"
#include "core/os/futex.h"
#include "core/task/outcome.h"
#include "core/task/this_thread.h"

#include <threadgroup/error.h>

namespace tg::flow {
namespace {

using groups::closed_word;
using groups::flight_word;
using groups::waiting_word;

void free_record(engine& runtime, task_record& record) noexcept {
  runtime.tasks.give(runtime.mine().tasks, record.index);
}

void publish(engine& runtime, task_record& record, task::phase ended) noexcept {
  if (!task::is_submitted(record)) return free_record(runtime, record);
  if (!task::publish(record, ended)) return;
  // The future has gone: nobody else will end what it would have fetched.
  task::destroy_outcome(record);
  free_record(runtime, record);
}

end end_as_skipped(slot& group, task_record& record, event_cause why) noexcept {
  if (task::is_submitted(record)) task::keep_skipped(record, why);
  publish(*group.owner, record, task::phase::skipped);
  return end::skipped;
}

end end_as_failed(slot& group, task_record& record, task_id id, std::exception_ptr what) noexcept {
  engine& runtime = *group.owner;
  std::uint32_t left = 0;
  if (group.fails_fast) left = set_and_wake(runtime, group, event_cause::failure).left;
  groups::failure_node* const kept = groups::keep_failure(group, id, what);
  if (task::is_submitted(record)) task::keep_exception(record, std::move(what));
  publish(runtime, record, task::phase::exception);
  // Callbacks, and who is skipped, may wait for the outcome. The group is there until the task is counted.
  follow_up(runtime, group, left, setter::thread);
  if (kept != nullptr) groups::may_be_told(*kept);
  return end::failed;
}

// Compiled twice, so that it costs one branch while nobody records.
template <class Traced>
end run_as(slot& group, task_record& record, task_id id) noexcept {
  Traced traced(group, record, id);
  if (task::is_submitted(record)) task::mark_running(record);
  try {
    record.body(record, detail::task_step::run);
    traced.ended(tracing::outcome::value);
    publish(*group.owner, record, task::phase::value);
    return end::succeeded;
  } catch (const task_skipped& given_up) {
    traced.gave_up(given_up.cause());
    return end_as_skipped(group, record, given_up.cause());
  } catch (...) {
    traced.ended(tracing::outcome::exception);
    return end_as_failed(group, record, id, std::current_exception());
  }
}

// Not inlined: run_task would have to save more registers for what it hardly ever does.
[[gnu::noinline]] end run_traced(slot& group, task_record& record, task_id id) noexcept {
  return run_as<groups::traced_run>(group, record, id);
}

}  // namespace

namespace {

event_cause reason_of(const slot& group, event::event_word word) noexcept {
  // relaxed: set before the event; and who adds from inside after that has seen it, and is seen by the claim
  if ((group.closed.load(base::relaxed) & closed_word::abandoned) != 0) return event_cause::abandoned;
  if (!word.is_set()) return event_cause::none;
  // relaxed: fixed at birth
  return group.on_event.load(base::relaxed) == pending_policy::skip ? word.cause() : event_cause::none;
}

// Of an event that may be about to be reset.
[[gnu::noinline]] event_cause keep_reason(slot& group) noexcept {
  for (;;) {
    const event::event_word word = event::look(group);
    const event_cause why = reason_of(group, word);
    if (why == event_cause::none || !word.is_resetting() || event::cancel_reset(group, word)) return why;
  }
}

}  // namespace

bool skips(const slot& group) noexcept { return reason_of(group, event::look(group)) != event_cause::none; }

event_cause decide_to_skip(slot& group) noexcept {
  return skips(group) ? keep_reason(group) : event_cause::none;
}

end run_task(slot& group, task_record& record, task_id id) noexcept {
  if (tracing::is_on()) [[unlikely]]
    return run_traced(group, record, id);
  return run_as<groups::untraced_run>(group, record, id);
}

end skip_task(slot& group, task_record& record, task_id id, event_cause why) noexcept {
  groups::emit(group, {tracing::kind::task_skipped, 0, id, 0, groups::detail_of(why)});
  record.body(record, detail::task_step::drop);
  return end_as_skipped(group, record, why);
}

std::size_t drain(engine& runtime, slot& group, limiter::seat as, const std::uint64_t& bound,
                  event_cause why) noexcept {
  std::size_t count = 0;
  queue::fifo::claimed claimed{};
  const task::acting_for tasks_of(&group, group);
  tally ends(group, as);
  const not_running skipper(group);
  const auto was_queued = [&bound](std::uint64_t number) { return number < bound; };
  while (group.tasks.claim(runtime.segments, runtime.mine().segments, claimed, was_queued)) {
    ends.claimed();
    ends.ended(
        skip_task(group, runtime.record_at(claimed.item), claimed.number - group.first_number + 1, why));
    ++count;
  }
  return count;
}

void tally::ended(end how) noexcept {
  if (is_bounded(group_)) {
    // [D4] seq_cst: room, before the look for who waits; pairs with [D3]
    group_.in_flight.fetch_sub(flight_word::one_claimed + flight_word::one_added, base::seq_cst);
  }
  if (how == end::failed) return count(group_.failed, 1);
  if (how == end::skipped) return count(group_.skipped, 1);
  if (!leads_) return count(group_.tasks.succeeded, 1);
  auto& word = group_.tasks.succeeded_by_lead;
  // [A8] release: publishes all that the task did; relaxed: nobody else writes it; pairs with [A1]
  word.store(word.load(base::relaxed) + 1, base::release);
  owes_look_ = true;
}

// What is claimed beyond a limit that was lowered is not pending any more, which makes room. Of this and a producer, who
// looks at the limit and then at what is in flight, one sees the other.
void tally::count_claim() noexcept {
  // [D5] seq_cst: before the looks at the limit and for who waits; pairs with [D3]
  const std::uint64_t before = group_.in_flight.fetch_add(flight_word::one_claimed, base::seq_cst);
  if (flight_word::claimed(before) >= group_.limits.read().limit()) look_for_waiters();
}

void tally::count(base::atomic<std::uint64_t>& ends, std::uint64_t how_many) noexcept {
  // [A2] seq_cst: publishes all that the tasks did to joiners; of this and a waiter's mark, and of the looks
  // that follow each, one sees the other: forbidden is a waiter whom nobody wakes; pairs with [A1], [A7]
  ends.fetch_add(how_many, base::seq_cst);
  look_for_waiters();
}

void wake_who_waits_for_ends(slot& group) noexcept {
  // [W4] seq_cst: after the count, or after a claim or the leaving that followed it; pairs with [W3], [W5]
  const std::uint32_t waiting = group.waiting.load(base::seq_cst);
  if (waiting == 0) return;
  if (waiting_word::watchers(waiting) || groups::is_drained(group)) wake_waiters(group);
}

void wake_waiters(slot& group) noexcept {
  // [W2] release: what the waiters will look at; pairs with [W1]. Beyond the model: a number that is read before what
  // was changed earlier
  group.wait_seq.fetch_add(1, base::release);
  os::futex_wake_all(group.wait_seq);
}

}  // namespace tg::flow

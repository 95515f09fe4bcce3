// Threads wait: for an event, for the end of a group's tasks, for a predicate.
//
// Each wait follows one pattern: read the futex word, make oneself known, look, sleep on the word that was
// read. Inside a task it counts as blocking: another worker runs meanwhile. No heap.
#include "core/flow/stages.h"
#include "core/group/callbacks.h"
#include "core/group/traced.h"
#include "core/os/futex.h"
#include "core/os/process.h"

#include <threadgroup/error.h>

#include <algorithm>
#include <utility>

namespace tg::flow {
namespace {

using groups::waiting_word;

// bench/short_group
constexpr int joiner_looks = 16;
constexpr int pauses_between_looks = 8;

// Another worker may run meanwhile.
class blocking {
 public:
  explicit blocking(tracing::wait what, slot* for_whom = nullptr) noexcept : traced_(what, for_whom) {
    arena::crew::block();
  }
  ~blocking() { arena::crew::unblock(); }
  blocking(const blocking&) = delete;
  blocking& operator=(const blocking&) = delete;

  void ends(tracing::wait_end how) noexcept { traced_.ends(how); }

 private:
  groups::traced_wait traced_;
};

// Known to those who end tasks, as long as it lives.
class registered {
 public:
  registered(slot& group, std::uint32_t one) noexcept : group_(group), one_(one) {
    // [W5] seq_cst: of this and the end of a task, and of the looks that follow each, one sees the other;
    // pairs with [W4], [W6]
    group_.waiting.fetch_add(one_, base::seq_cst);
  }
  ~registered() { leave(); }
  void leave() noexcept {
    if (one_ == 0) return;
    group_.waiting.fetch_sub(std::exchange(one_, 0), base::relaxed);  // relaxed: a needless wake does no harm
  }
  registered(const registered&) = delete;
  registered& operator=(const registered&) = delete;

 private:
  slot& group_;
  std::uint32_t one_;
};

// Asks the slot, which stays: the runtime may be gone.
void check_fork(const slot& group) {
  // relaxed: changes only in a child with one thread
  if (os::fork_count.load(base::relaxed) != group.fork_count) [[unlikely]]
    throw forked_runtime();
}

// Of no group: nothing but the time ends it.
bool plain_sleep(deadline_ns until) noexcept {
  const base::atomic<std::uint32_t> nobody{0};
  if (until == 0) return true;
  const blocking meanwhile(tracing::wait::sleep);
  while (os::futex_wait(nobody, 0, until) != os::wake_up::timed_out) {
  }
  return true;
}

bool can_help(engine& runtime, slot& group) noexcept {
  if (!group.tasks.has_items(runtime.segments)) return false;
  return group.limits.read().has_room() || skips(group);
}

// A task that another thread has begun is often about to end: a futex wake would cost more than it.
bool comes_to_an_end(slot& group) noexcept {
  for (int look = 0; look < joiner_looks; ++look) {
    for (int i = 0; i < pauses_between_looks; ++i) base::pause();
    if (groups::is_drained(group) || can_help(*group.owner, group)) return true;
  }
  return false;
}

bool time_is_over(deadline_ns until) noexcept {
  return until != detail::for_ever && detail::now_ns() >= until;
}

deadline_ns earlier(deadline_ns until, std::int64_t poll_ns) noexcept {
  const deadline_ns now = detail::now_ns();
  return poll_ns > detail::for_ever - now ? until : std::min(until, now + poll_ns);
}

// An end of wait_for_condition that the predicate has no part in.
struct other_end {
  condition how;
  std::uint64_t ended = 0;  // drained after so many tasks
};

// The event, looked at last, comes first: it may be what has drained the group.
std::optional<other_end> look_for_end(slot& group, std::uint64_t entry_epoch, deadline_ns until) noexcept {
  const bool late = time_is_over(until);
  const auto drained = groups::drained_counts(group);
  if (groups::was_set_since(group, entry_epoch)) {
    groups::emit_heard(group, tracing::wait::condition);
    return other_end{condition::event_set};
  }
  if (drained) return other_end{condition::drained, drained->ended};
  if (late) return other_end{condition::timed_out};
  return std::nullopt;
}

// False if, during the predicate's last look, the event was set or tasks were added: it may hold when they have ended.
bool holds_still(slot& group, std::uint64_t entry_epoch, const other_end& seen) noexcept {
  if (seen.how == condition::event_set) return true;
  if (groups::was_set_since(group, entry_epoch)) return false;
  if (seen.how == condition::timed_out) return true;
  const auto drained = groups::drained_counts(group);
  return drained && drained->ended == seen.ended;
}

}  // namespace

// Of the group's memory only the slot is touched: the view may have outlived the group and its runtime.
bool sleep(const detail::event_flag& flag, deadline_ns until) {
  if (&flag == &detail::never_set) return plain_sleep(until);
  auto& at = static_cast<event::place&>(const_cast<detail::event_flag&>(flag));
  check_fork(groups::slot_of(at));
  const event::event_word entry = event::look(at);
  if (entry.is_set()) return false;
  if (until == 0) return true;
  blocking meanwhile(tracing::wait::sleep);
  // Set and re-armed before this thread came to look: it was set during the sleep all the same.
  const auto is_over = [&] {
    const event::event_word now = event::look(at);
    if (!now.is_set() && now.epoch() == entry.epoch()) return false;
    meanwhile.ends(tracing::wait_end::event_set);
    groups::emit_heard(groups::slot_of(at), tracing::wait::sleep);
    return true;
  };
  for (;;) {
    // [E7] acquire: before the look at the word; pairs with [E6]. Beyond the model, as there
    const std::uint32_t seq = at.sleep_seq.load(base::acquire);
    event::raise(at, event::sleepers);
    // The event, looked at last, comes first.
    const bool late = time_is_over(until);
    if (is_over()) return false;
    if (late) return true;
    os::futex_wait(at.sleep_seq, seq, until);
    // Before the hint is raised again, which takes the line away from a setter who is still at work.
    if (is_over()) return false;
  }
}

std::optional<groups::counts> wait_for_end(slot& group, deadline_ns until) noexcept {
  skip_before_waiting(group);
  blocking meanwhile(tracing::wait::join, &group);
  for (;;) {
    const std::uint32_t seq = group.wait_seq.load(base::acquire);  // as [W1]; beyond the model, too
    const registered here(group, waiting_word::one_joiner);
    // Looked at last, the end comes first.
    const bool late = time_is_over(until);
    if (auto drained = groups::drained_counts(group)) return drained;
    if (late) {
      meanwhile.ends(tracing::wait_end::timed_out);
      return std::nullopt;
    }
    os::futex_wait(group.wait_seq, seq, until);
  }
}

void wait_for_end_or_work(slot& group) noexcept {
  if (comes_to_an_end(group)) return;
  const blocking meanwhile(tracing::wait::join, &group);
  for (;;) {
    const std::uint32_t seq = group.wait_seq.load(base::acquire);  // as [W1]; beyond the model, too
    const registered here(group, waiting_word::one_joiner);
    if (groups::is_drained(group) || can_help(*group.owner, group)) return;
    os::futex_wait(group.wait_seq, seq, detail::for_ever);
  }
}

condition wait_for_condition(slot& group, bool (*look)(void*), void* pred, deadline_ns until,
                             std::int64_t poll_ns) {
  engine& runtime = *group.owner;
  runtime.check_fork();
  const event::event_word entry = event::look(group);
  const auto met = [&](registered& here) {
    here.leave();  // nobody need be woken who is awake
    set_event(runtime, group, event_cause::condition_met, setter::thread);
    return condition::met;
  };
  for (;;) {
    const std::uint32_t seq = group.wait_seq.load(base::acquire);  // as [W1]; beyond the model, too
    registered here(group, waiting_word::one_watcher);
    event::raise(group, event::waiters);
    groups::see_ends(group);
    if (look(pred)) return met(here);
    if (const auto end = look_for_end(group, entry.epoch(), until)) {
      const bool late = time_is_over(until);
      if (look(pred)) return met(here);
      if (holds_still(group, entry.epoch(), *end)) return end->how;
      if (late && !groups::was_set_since(group, entry.epoch())) return condition::timed_out;
      continue;
    }
    const blocking meanwhile(tracing::wait::condition, &group);
    os::futex_wait(group.wait_seq, seq, earlier(until, poll_ns));
  }
}

}  // namespace tg::flow

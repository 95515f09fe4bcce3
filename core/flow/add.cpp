// A task comes into its group: admitted, built by the caller, committed.
//
// Any thread. Lock-free, but for the wait of a producer when max_pending tasks are queued, and for destructors of what is
// skipped; no heap while the pools are large enough. Protocol: core/limiter/README.md, the adder's side.
#include "core/flow/stages.h"
#include "core/group/traced.h"
#include "core/os/futex.h"
#include "core/task/outcome.h"
#include "core/task/prefetch.h"
#include "core/task/this_thread.h"

#include <threadgroup/detail/admission.h>
#include <threadgroup/error.h>

#include <algorithm>
#include <new>

namespace tg::flow {
namespace {

using groups::closed_word;
using groups::flight_word;
using groups::waiting_word;

// Records come back from other cores; a line is on its way for about as long as so many additions take.
constexpr std::uint32_t takes_ahead = 24;

// A task that runs, beyond a lowered limit, too, or can start at once does not count against max_pending.
bool is_full(const slot& group, std::uint32_t limit, std::uint64_t flight) noexcept {
  const std::uint64_t at_once = std::max<std::uint64_t>(limit, flight_word::claimed(flight));
  const std::uint64_t in_flight = flight_word::in_flight(flight);
  return in_flight >= at_once && in_flight - at_once >= group.max_pending;
}

bool reserve_room(slot& group) noexcept {
  for (;;) {
    // As [L1], and before what is in flight: who claims later finds this limit, or a newer one, and the producer's mark.
    const std::uint32_t limit = group.limits.read().limit();
    // [D3] seq_cst: after a waiting producer's mark, one order with claims and ends of tasks; pairs with [D4], [D5]
    std::uint64_t seen = group.in_flight.load(base::seq_cst);
    if (is_full(group, limit, seen)) {
      // With a limit that was raised meanwhile there may always have been room.
      if (group.limits.read().limit() == limit) return false;  // as [L1]
      continue;
    }
    // relaxed: what is added makes no room, so nobody waits for it; who fails looks again from the beginning
    if (group.in_flight.compare_exchange(seen, seen + flight_word::one_added, base::relaxed, base::relaxed))
      return true;
  }
}

void throw_if_closed(const slot& group) {
  // [D1] acquire: pairs with [D2]
  const std::uint32_t closed = group.closed.load(base::acquire);
  if (closed == closed_word::closed) throw group_closed(group.name());
}

void reserve_without_room(slot& group) noexcept {
  group.in_flight.fetch_add(flight_word::one_added, base::relaxed);  // relaxed: a count
}

// A producer in its wait is adding a task, though it has not reserved yet.
class waiting_producer {
 public:
  explicit waiting_producer(slot& group) noexcept : group_(group) {
    group_.producers.fetch_add(1, base::relaxed);  // relaxed: for who knows that it waits
  }
  waiting_producer(const waiting_producer&) = delete;
  waiting_producer& operator=(const waiting_producer&) = delete;
  ~waiting_producer() {
    // [D6] release: what it has reserved; pairs with [D7]
    group_.producers.fetch_sub(1, base::release);
  }

 private:
  slot& group_;
};

// Wakes on room, event and close: each of them changes what is looked at, and then moves wait_seq. A set event ends the
// wait of those who come later, too, also where tasks run all the same: nobody may be there to make room for them.
void wait_for_room(slot& group) {
  if (runs_inside(group)) return reserve_without_room(group);
  const waiting_producer adding(group);
  const std::uint64_t epoch = event::look(group).epoch();
  for (;;) {
    // [W1] acquire: before the looks below; pairs with [W2]. Beyond the model, as there
    const std::uint32_t seq = group.wait_seq.load(base::acquire);
    // [W3] seq_cst: of this and the end of a task, or a higher limit, one sees the other; pairs with [W4], [W6]
    group.waiting.fetch_add(waiting_word::one_watcher, base::seq_cst);
    event::raise(group, event::waiters);
    const bool has_room = reserve_room(group);
    const event::event_word word = event::look(group);
    // Set and re-armed before this thread came to look: it was set during the wait all the same.
    const bool is_set = word.is_set() || word.epoch() != epoch;
    // as [D1]; weaker would do: close() moves wait_seq after it, and a refusal looks again
    const bool is_closed = group.closed.load(base::acquire) != 0;
    if (!has_room && !is_set && !is_closed) {
      const groups::traced_wait traced(tracing::wait::full_queue, &group);
      arena::crew::block();
      os::futex_wait(group.wait_seq, seq, detail::for_ever);
      arena::crew::unblock();
    }
    group.waiting.fetch_sub(waiting_word::one_watcher,
                            base::relaxed);  // relaxed: a needless wake does no harm
    if (has_room) return;
    throw_if_closed(group);
    if (is_set) {
      groups::emit_heard(group, tracing::wait::full_queue);
      return reserve_without_room(group);
    }
  }
}

using groups::local;

// A segment at hand for the group's queue, so that a commit cannot fail for want of memory. Those of admissions that are
// still open on this thread come on top: an argument's copy may add as well.
bool has_segment(engine& runtime, local::share& mine, memory::pool::when_empty then) {
  return runtime.segments.keep_at_hand(mine.segments, mine.pledged + 1, then);
}

task_record& prepare(engine& runtime, local::share& mine, std::uint32_t index) noexcept {
  ++mine.pledged;
  task_record& record = runtime.record_at(index);
  record.index = index;
  task::mark_added(record);
  const std::uint32_t upcoming = runtime.tasks.upcoming(mine.tasks, takes_ahead);
  if (upcoming != memory::no_record) task::prefetch(runtime.record_at(upcoming));
  return record;
}

// To whichever group: it constructs a callable.
bool adds_here(const engine& runtime) noexcept {
  const groups::local::share* const mine = groups::share_list::find(runtime);
  return mine != nullptr && mine->pledged != 0;
}

}  // namespace

void offer_to_workers(engine& runtime, slot& group) noexcept {
  if (group.limits.take_ticket(false)) runtime.crew.offer(group.index, runtime.mine().offers);
}

bool is_being_added_to(const slot& group) noexcept {
  if (!is_bounded(group)) return adds_here(*group.owner);
  // [D7] acquire: who waits no more has reserved; pairs with [D6]
  if (group.producers.load(base::acquire) != 0) return true;
  return group.in_flight.load(base::relaxed) != 0;  // relaxed: who adds later is later
}

void send_for_workers(engine& runtime, slot& group) noexcept {
  // Who sets the event relies on a ticket that is out; this one may just have given it up.
  if (group.limits.take_ticket(skips(group))) runtime.crew.announce(group.index);
}

}  // namespace tg::flow

namespace tg::detail {

using namespace tg::flow;

task_record& admit(slot& home) {
  engine& runtime = *home.owner;
  runtime.check_fork();
  throw_if_closed(home);
  auto& mine = runtime.mine();
  has_segment(runtime, mine, memory::pool::when_empty::grow);
  const std::uint32_t index = runtime.tasks.take_or_grow(mine.tasks);
  if (is_bounded(home) && !reserve_room(home)) {
    try {
      wait_for_room(home);
    } catch (...) {
      runtime.tasks.give(mine.tasks, index);
      throw;
    }
  }
  return prepare(runtime, mine, index);
}

task_record* try_admit(slot& home) {
  engine& runtime = *home.owner;
  runtime.check_fork();
  const std::uint32_t closed = home.closed.load(base::acquire);  // as [D1]
  if (closed == groups::closed_word::closed) return nullptr;
  local::share* const mine = runtime.try_mine();
  if (mine == nullptr) return nullptr;
  if (!has_segment(runtime, *mine, memory::pool::when_empty::refuse)) return nullptr;
  const std::uint32_t index = runtime.tasks.take(mine->tasks);
  if (index == memory::no_record) return nullptr;
  if (is_bounded(home) && !reserve_room(home)) {
    if (!skips(home)) {
      runtime.tasks.give(mine->tasks, index);
      return nullptr;
    }
    reserve_without_room(home);  // what is going to be skipped needs no room
  }
  return &prepare(runtime, *mine, index);
}

namespace {

// Not inlined: commit would have to save more registers for what it hardly ever does.
[[gnu::noinline]] void skip_if_set(engine& runtime, slot& home) noexcept {
  skip_backlog(runtime, home);
  // Tasks are not skipped, or the event has been re-armed.
  if (!skips(home)) offer_to_workers(runtime, home);
}

// What was added is skipped here if the event is set by now; who sets it later finds the hint, and skips it.
void skip_or_offer(engine& runtime, slot& home) noexcept {
  event::raise(home, event::backlog);
  if (event::look(home).is_set()) [[unlikely]]
    return skip_if_set(runtime, home);
  offer_to_workers(runtime, home);
}

// Not inlined: commit would have to save more registers for what it hardly ever does.
[[gnu::noinline]] task_id commit_traced(engine& runtime, slot& home, task_record& record) noexcept {
  groups::traced_add traced(home, record);
  local::share& mine = runtime.mine();
  const std::uint64_t number = home.tasks.push(runtime.segments, mine.segments, record.index);
  --mine.pledged;
  const task_id id = number - home.first_number + 1;
  traced.done(id);
  skip_or_offer(runtime, home);
  return id;
}

}  // namespace

task_id commit(slot& home, task_record& record) noexcept {
  engine& runtime = *home.owner;
  if (tracing::is_on()) [[unlikely]]
    return commit_traced(runtime, home, record);
  local::share& mine = runtime.mine();
  const std::uint64_t number = home.tasks.push(runtime.segments, mine.segments, record.index);
  --mine.pledged;
  skip_or_offer(runtime, home);
  return number - home.first_number + 1;
}

void share_with_future(slot& home, task_record& record) noexcept {
  record.home = &home;
  task::mark_submitted(record);
}

void withdraw(slot& home, task_record& record) noexcept {
  engine& runtime = *home.owner;
  if (is_bounded(home)) home.in_flight.fetch_sub(flight_word::one_added, base::relaxed);  // relaxed: a count
  local::share& mine = runtime.mine();
  --mine.pledged;
  runtime.tasks.give(mine.tasks, record.index);
  wake_waiters(home);
}

}  // namespace tg::detail

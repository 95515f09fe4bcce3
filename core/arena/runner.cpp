// The life of a runner: it serves, looks for more, sleeps until it is called, leaves; and is replaced while its task waits.
#include "core/arena/crew.h"

#include "core/os/backoff.h"
#include "core/os/futex.h"
#include "core/os/thread.h"
#include "core/task/this_thread.h"
#include "core/trace/recorder.h"

#include <algorithm>
#include <new>

namespace tg::arena {
namespace {

// How long an idle runner looks at the load before it sleeps: a futex wake costs about as much.
// bench/cold_start
constexpr std::int64_t spin_ns = 20'000;
// While tickets come and go in mailboxes, to be called again and again would cost their owners more.
constexpr std::int64_t longest_spin_ns = 1'000'000;
// A look into a mailbox takes its line away from the owner. So mailboxes are looked at less often than the load word, and
// seldom where one look finds another ticket than the one before: there somebody adds and joins, again and again.
constexpr int looks_before_mailboxes = 32;
constexpr int looks_before_lively_mailboxes = 256;
// So often a runner yields, while tasks wait, to who of them may be back. core/design/0013
constexpr std::uint64_t us_between_yields = 50;

}  // namespace

void crew::run_runner(void* self) noexcept { static_cast<crew*>(self)->run(); }

// A runner arrives idle, as it was counted by who called it.
void crew::run() noexcept {
  try {
    static_cast<void>(above_.segments(above_.context));  // whatever that allocates is allocated now
  } catch (const std::bad_alloc&) {
    return muster_.turn_back();
  }
  task::self.crew = this;
  tell_arrival();
  tracing::emit({tracing::kind::worker_came});
  std::uint32_t group = 0;
  while (idle(group)) {
    task::self.yielded_at = base::ticks();
    next_step step = next_step::serve;
    while (step == next_step::serve) {
      above_.serve(above_.context, group);
      step = after_work(group);
    }
    if (step == next_step::leave) break;
  }
  announce_all();
  tracing::emit({tracing::kind::worker_left});
  task::self.crew = nullptr;
  // as [C2]; weaker would do, and the wake could be left out: dismiss() looks again after a while
  if (closing_.load(base::acquire) != 0) os::futex_wake_all(closing_);
}

// A wait is no yield: who comes back from one, often with others, lets them end what they have before it begins anything.
bool crew::has_not_yielded_for_long() const noexcept {
  return base::ticks() - task::self.yielded_at > us_between_yields * base::ticks_per_us();
}

void crew::yield() const noexcept {
  os::yield();
  task::self.yielded_at = base::ticks();
}

// A wake only for who waits: each task that blocks brings a runner here.
void crew::tell_arrival() noexcept {
  // [C9] release: this runner is ready; pairs with [C10]
  const std::uint32_t before = arrivals_.fetch_add(one_arrival, base::release);
  if ((before & somebody_prewarms) == 0) return;
  arrivals_.fetch_and(~somebody_prewarms, base::relaxed);  // relaxed: who still waits raises it again
  os::futex_wake_all(arrivals_);
}

std::uint32_t crew::pop_ready() noexcept {
  task::self.inner_turn = !task::self.inner_turn;
  return ready_.pop(above_.segments(above_.context), task::self.inner_turn);
}

crew::next_step crew::after_work(std::uint32_t& group) noexcept {
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  for (;;) {
    const load_word load(seen);
    next_step step = next_step::idle;
    load_word next = load.more_idle();
    if (load.runners() > settings_.cap.at(load)) {
      step = next_step::leave;
      next = load.less_runners();
    } else if (load.ready() != 0) {
      step = next_step::serve;
      next = load.less_ready();
    }
    // [B7] seq_cst: goes idle or leaves before it looks into the mailboxes; also takes a counted entry, which
    // is in the queue; pairs with [B6], [C3]. Weaker would do: who goes idle parks by [B8] before it sleeps, and the
    // entry is waited for
    if (!load_.compare_exchange(seen, next.bits(), base::seq_cst, base::relaxed)) continue;
    if (step == next_step::serve) group = pop_ready();
    return step;
  }
}

// True: a group was found; false: the runner has left.
bool crew::idle(std::uint32_t& group) noexcept {
  for (;;) {
    if (find_work(group) || spin_for_work(group)) return true;
    if (!park()) return false;
  }
}

bool crew::find_work(std::uint32_t& group) noexcept {
  bool fresh = false;
  if (!take_ready()) return take_from_mailbox(mailboxes_.take_any_old(fresh), group);
  group = pop_ready();
  return true;
}

bool crew::take_ready() noexcept {
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  while (load_word(seen).ready() != 0) {
    const load_word next = load_word(seen).less_ready().less_idle();
    // [C4] seq_cst: a counted entry is in the queue; gets busy before it looks into the mailboxes; pairs with
    // [C3], [B6]
    if (!load_.compare_exchange(seen, next.bits(), base::seq_cst, base::relaxed)) continue;
    if (next.awake() == 0) announce_all();
    return true;
  }
  return false;
}

bool crew::take_from_mailbox(std::uint32_t found, std::uint32_t& group) noexcept {
  if (found == mailbox::nothing) return false;
  group = found;
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  call whom;
  load_word next(0);
  do {
    // An entry that was counted since this runner looked has relied on it.
    next = load_word(seen).less_idle();
    whom = call_for(next);
  } while (!load_.compare_exchange(seen, next.bits(), base::seq_cst, base::relaxed));  // as [C4]
  if (whom != call::nobody) carry_out(whom);
  if (next.awake() == 0) announce_all();
  return true;
}

// One looks, the others sleep: spinning is for the quick answer, not for throughput.
bool crew::spin_for_work(std::uint32_t& group) noexcept {
  if (load().awake() > 1) return false;
  const std::int64_t began = detail::now_ns();
  std::int64_t now = began;
  std::int64_t end = began + spin_ns;
  bool saw_fresh = false;
  int looks = looks_before_mailboxes;
  do {
    for (int i = 0; i < looks; ++i) {
      if (load().ready() != 0 && take_ready()) {
        group = pop_ready();
        return true;
      }
      base::pause();
    }
    // Who was blocked may come back for this processor, and is no runner that anybody has called.
    if (load().blocked() != 0) os::yield();
    bool fresh = false;
    if (take_from_mailbox(mailboxes_.take_any_old(fresh), group)) return true;
    looks = saw_fresh ? looks_before_lively_mailboxes : looks_before_mailboxes;
    saw_fresh = fresh && !saw_fresh;
    now = detail::now_ns();
    if (fresh) end = std::min(now + spin_ns, began + longest_spin_ns);
  } while (now < end);
  return false;
}

// True: awake again, and counted so; false: the runner has left.
bool crew::park() noexcept {
  // [C2] acquire: pairs with [C1]. Weaker would do, as there
  const bool closing = closing_.load(base::acquire) != 0;
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  for (;;) {
    const load_word load(seen);
    if (load.ready() != 0) return true;
    const load_word next = closing ? load.less_idle().less_runners() : load.more_parked();
    // [B8] seq_cst: parks beside an empty queue, and before the last look into the mailboxes; pairs with
    // [B6], [C3]
    if (load_.compare_exchange(seen, next.bits(), base::seq_cst, base::relaxed)) break;
  }
  if (closing) return false;
  if (!mailboxes_.put_away() && unpark()) return true;
  tracing::emit({tracing::kind::worker_parked});
  const bool called = sleep_until_called(detail::now_ns() + settings_.linger_ns);
  if (called) tracing::emit({tracing::kind::worker_woken});
  return called;
}

// True: this runner is awake again; false: all who sleep have been called, a permit is on the way here.
bool crew::unpark() noexcept {
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  while (load_word(seen).parked() != 0) {
    // as [C4]; weaker would do: a count
    if (load_.compare_exchange(seen, load_word(seen).less_parked().bits(), base::acq_rel, base::relaxed))
      return true;
  }
  return false;
}

bool crew::use_permit() noexcept {
  std::uint32_t permits = permits_.load(base::relaxed);  // relaxed: the exchange decides
  while (permits != 0) {
    // [C6] acquire: the entry that the call was for; pairs with [C5]. Weaker would do, as there
    if (permits_.compare_exchange(permits, permits - 1, base::acquire, base::relaxed)) return true;
  }
  return false;
}

bool crew::sleep_until_called(detail::deadline_ns until) noexcept {
  for (os::backoff wait;;) {
    if (use_permit()) return true;
    if (detail::now_ns() < until) {
      os::futex_wait(permits_, 0, until);
      continue;
    }
    // Nobody called: leaves, unless all who sleep have been called and one permit is on the way here.
    std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
    while (load_word(seen).parked() != 0) {
      const load_word next = load_word(seen).less_parked().less_idle().less_runners();
      // as [C4]; weaker would do: a count
      if (load_.compare_exchange(seen, next.bits(), base::acq_rel, base::relaxed)) return false;
    }
    wait.pause();
  }
}

void crew::block() noexcept {
  if (task::self.crew != nullptr && task::self.blocked_depth++ == 0) task::self.crew->block_runner();
}

void crew::unblock() noexcept {
  if (task::self.crew != nullptr && --task::self.blocked_depth == 0) task::self.crew->unblock_runner();
}

void crew::block_runner() noexcept {
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  call whom;
  load_word next(0);
  do {
    next = load_word(seen).more_blocked();
    whom = call_for(next);
    // [B9] seq_cst: blocks before it looks into the mailboxes; pairs with [B6]
  } while (!load_.compare_exchange(seen, next.bits(), base::seq_cst, base::relaxed));
  if (next.blocked() > settings_.cap.max_blocked) {
    cap_reached_.fetch_add(1, base::relaxed);  // relaxed: a figure
  }
  if (whom != call::nobody || next.blocked() >= settings_.cap.max_blocked) carry_out(whom);
  announce_all();
}

void crew::unblock_runner() noexcept {
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  // relaxed: a count; what the task sees afterwards is ordered by what it waited for
  while (!load_.compare_exchange(seen, load_word(seen).less_blocked().bits(), base::relaxed, base::relaxed)) {
  }
}

}  // namespace tg::arena

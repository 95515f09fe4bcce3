// Who is called for what becomes ready, and the crew as a whole: its beginning, its housekeeping, its end.
#include "core/arena/crew.h"

#include "core/os/futex.h"
#include "core/task/this_thread.h"

#include <algorithm>

namespace tg::arena {
namespace {

// Workers that do not come by then are not waited for: the runtime goes on with fewer.
constexpr std::int64_t prewarm_ns = 1'000'000'000;
constexpr std::int64_t stall_look_ns = 2'000'000;

}  // namespace

crew::crew(const crew_settings& settings, memory::pool& segments, const crew_callbacks& above)
    : settings_(settings),
      above_(above),
      ready_(segments),
      muster_({settings.cap.workers, settings.cap.max_blocked, settings.thread_name, settings.cpus},
              &crew::run_runner, this, above.call_housekeeper, above.context) {
  ready_.prepare(above.segments(above.context));  // a thread's share lists its mailbox here
}

void crew::dismiss() noexcept {
  // [C1] seq_cst: no runner parks any more once it has seen this; pairs with [C2]. Weaker would do: the loop below looks
  // again after a while
  closing_.store(1, base::seq_cst);
  while (load().runners() != 0) {
    while (call_a_sleeper()) {
    }
    tend(detail::now_ns());
    os::futex_wait(closing_, 1, detail::now_ns() + 1'000'000);
  }
  muster_.disband();
}

// Whom an entry beyond those that somebody is coming for needs; takes the called one into account.
crew::call crew::call_for(load_word& load) const noexcept {
  if (load.awake() >= load.ready()) return call::nobody;
  if (load.parked() != 0) {
    load = load.less_parked();
    return call::sleeper;
  }
  if (load.runners() < settings_.cap.at(load)) {
    load = load.more_runners().more_idle();
    return call::newcomer;
  }
  return call::nobody;
}

void crew::carry_out(call whom) noexcept {
  if (whom == call::sleeper) {
    // [C5] release: the sleeper sees the entry it was called for; pairs with [C6]. Weaker would do: the entry is taken by
    // [C4]
    permits_.fetch_add(1, base::release);
    os::futex_wake_one(permits_);
  } else if (whom == call::newcomer) {
    if (!muster_.call_one()) above_.call_housekeeper(above_.context);
  } else if (stalled()) {
    above_.call_housekeeper(above_.context);
  }
}

load_word crew::enqueue(std::uint32_t group, call& whom) noexcept {
  ready_.push(above_.segments(above_.context), group, above_.is_inner(above_.context, group));
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  load_word next(0);
  do {
    next = load_word(seen).more_ready();
    whom = call_for(next);
    // [C3] acq_rel: the entry is in the queue before it is counted; pairs with [C4], [B7], [B8]. Weaker would do: who
    // takes it waits until it is seen
  } while (!load_.compare_exchange(seen, next.bits(), base::acq_rel, base::relaxed));
  return next;
}

void crew::announce(std::uint32_t group) noexcept {
  call whom;
  const load_word load = enqueue(group, whom);
  if (whom != call::nobody || load.blocked() >= settings_.cap.max_blocked) carry_out(whom);
}

// True: an awake runner looks into all mailboxes before it sleeps, and the last one that is awake before it
// gets busy; a busy one looks into its own after every task, and into all before it goes idle, leaves or
// blocks. From outside the arena a busy one is not relied on: its task may run for long.
bool crew::somebody_will_look(load_word load) const noexcept {
  if (load.awake() != 0) return true;
  return task::self.crew == this && load.idle() == 0 && load.runners() >= settings_.cap.at(load);
}

void crew::offer(std::uint32_t group, mailbox& mine) noexcept {
  if (!somebody_will_look(load())) return announce(group);
  const std::uint32_t before = mine.put(group);
  if (before != mailbox::nothing) announce(before);
  // [B6] seq_cst: after the ticket was put; pairs with [B7], [B8], [B9], [C4], [C8]
  if (somebody_will_look(load_word(load_.load(base::seq_cst)))) return;
  if (mine.take_back(group)) announce(group);
}

void crew::announce_left(mailbox& mine) noexcept {
  const std::uint32_t left = mine.take();
  if (left != mailbox::nothing) announce(left);
}

void crew::announce_all() noexcept {
  for (std::uint32_t group; (group = mailboxes_.take_any()) != mailbox::nothing;) announce(group);
}

bool crew::stalled() const noexcept {
  const load_word now = load();
  return now.ready() != 0 && now.idle() == 0 && now.blocked() >= settings_.cap.max_blocked &&
         now.runners() >= settings_.cap.at(now);
}

// True: one of those who sleep was told to look.
bool crew::call_a_sleeper() noexcept {
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  while (load_word(seen).parked() != 0) {
    // as [C4]; weaker would do: a count
    if (!load_.compare_exchange(seen, load_word(seen).less_parked().bits(), base::acq_rel, base::relaxed))
      continue;
    carry_out(call::sleeper);
    return true;
  }
  return false;
}

detail::deadline_ns crew::tend(detail::deadline_ns now) {
  // relaxed: a hint; dismissal looks again
  const bool wanted = others_wait() || !mailboxes_.all_empty() || closing_.load(base::relaxed) != 0;
  const muster::outcome done = muster_.tend(now, wanted);
  for (std::uint32_t i = 0; i < done.not_coming; ++i) {
    std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
    load_word next(0);
    do {
      next = load_word(seen).less_runners().less_idle();
      // [C8] seq_cst: nobody is awake in its place, before the look into the mailboxes; pairs with [B6]. Not in the model,
      // where a thread can always be made
    } while (!load_.compare_exchange(seen, next.bits(), base::seq_cst, base::relaxed));
  }
  if (done.not_coming != 0 || done.try_again) {
    announce_all();
    start_again();
  }
  if (stalled()) return std::min(done.next_look, now + stall_look_ns);
  return done.next_look;
}

// Some of those who were counted on could not be had: whoever else there is, now; the rest at the next look.
void crew::start_again() noexcept {
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  for (;;) {
    load_word next(seen);
    const call whom = call_for(next);
    if (whom == call::nobody) return;
    if (whom == call::newcomer && !muster_.may_try()) return;
    // as [C4]; not in the model, as [C8]
    if (!load_.compare_exchange(seen, next.bits(), base::acq_rel, base::relaxed)) continue;
    carry_out(whom);
    seen = next.bits();
  }
}

bool crew::take_entry() noexcept {
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  while (load_word(seen).ready() != 0) {
    // as [C4]; weaker would do: the entry is waited for
    if (load_.compare_exchange(seen, load_word(seen).less_ready().bits(), base::acq_rel, base::relaxed))
      return true;
  }
  return false;
}

bool crew::rotate_one(bool inner, std::uint32_t& group) noexcept {
  if (!take_entry()) return false;
  group = ready_.pop(above_.segments(above_.context), inner);
  call whom;
  enqueue(group, whom);
  if (whom != call::nobody) carry_out(whom);
  return true;
}

void crew::prewarm() noexcept {
  const std::uint32_t before = arrivals_.load(base::relaxed) & ~somebody_prewarms;  // relaxed: a count
  std::uint32_t called = 0;
  std::uint64_t seen = load_.load(base::relaxed);  // relaxed: the exchange decides
  while (load_word(seen).runners() < settings_.cap.workers) {
    const load_word next = load_word(seen).more_runners().more_idle();
    // as [C4]; weaker would do: a count
    if (!load_.compare_exchange(seen, next.bits(), base::acq_rel, base::relaxed)) continue;
    carry_out(call::newcomer);
    ++called;
    seen = next.bits();
  }
  const detail::deadline_ns end = detail::now_ns() + prewarm_ns;
  for (;;) {
    // [C10] acquire: who has arrived is ready; pairs with [C9]
    std::uint32_t now = arrivals_.load(base::acquire);
    if (((now & ~somebody_prewarms) - before) / one_arrival >= called) return;
    // relaxed: told by the number
    if (!arrivals_.compare_exchange(now, now | somebody_prewarms, base::relaxed, base::relaxed)) continue;
    now |= somebody_prewarms;
    if (os::futex_wait(arrivals_, now, end) == os::wake_up::timed_out) return;
  }
}

}  // namespace tg::arena

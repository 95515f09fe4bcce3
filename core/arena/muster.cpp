#include "core/arena/muster.h"

#include "core/os/futex.h"
#include "core/task/this_thread.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

namespace tg::arena {
namespace {

constexpr detail::deadline_ns millisecond = 1'000'000;
// A worker asked of oneTBB that has not come by then may never come.
constexpr detail::deadline_ns arrival_time = 2 * millisecond;
// Idle spares go one by one after this time; the last one stays, to be woken quickly.
constexpr detail::deadline_ns spare_life = 2'000 * millisecond;
constexpr detail::deadline_ns retry_time = 100 * millisecond;

std::size_t parallelism_for(std::uint32_t workers) {
  using control = oneapi::tbb::global_control;
  // Never less than the program has without us.
  return std::max<std::size_t>(workers + 1, control::active_value(control::max_allowed_parallelism));
}

// The smallest control alive wins, and somebody else's may be smaller than ours.
std::uint32_t workers_of_tbb(std::uint32_t wanted) {
  using control = oneapi::tbb::global_control;
  const std::size_t allowed = control::active_value(control::max_allowed_parallelism) - 1;
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(allowed, 1, wanted));
}

// Library threads enter the arena by slots of their own.
unsigned spares_for(const muster_settings& settings) { return settings.workers + settings.max_blocked + 1; }

}  // namespace

struct muster::tbb_side {
  explicit tbb_side(const muster_settings& settings)
      : parallelism(oneapi::tbb::global_control::max_allowed_parallelism, parallelism_for(settings.workers)),
        workers(workers_of_tbb(settings.workers)),
        arena(static_cast<int>(workers + spares_for(settings)), spares_for(settings)) {
    arena.initialize();
  }

  oneapi::tbb::global_control parallelism;
  const std::uint32_t workers;  // that oneTBB may give; the others are spares
  oneapi::tbb::task_arena arena;
};

// A functor that oneTBB has queued may run after a spare went in its place, and after the runtime has gone.
struct muster::gate {
  static constexpr std::uint32_t closed = 1u << 31;
  base::atomic<std::uint32_t> inside{0};  // functors in the muster now, and `closed`
  gate* next = nullptr;

  bool enter() noexcept {
    // [P5] acq_rel: of this and the end of the muster one sees the other; pairs with [P6]. Weaker would do: both change
    // one word, what is done inside comes before [P7], and who is turned away touches nothing but the gate
    if ((inside.fetch_add(1, base::acq_rel) & closed) == 0) return true;
    leave();
    return false;
  }
  void leave() noexcept {
    // [P7] release: the muster is not touched any more; pairs with [P6]
    inside.fetch_sub(1, base::release);
  }
  void close() noexcept {
    // as [P6]; weaker would do: that look follows and acquires for this, too, and who is turned away needs nothing
    inside.fetch_or(closed, base::acq_rel);
    for (;;) {
      // [P6] acquire: all who were inside have left; pairs with [P5], [P7]
      const std::uint32_t seen = inside.load(base::acquire);
      if (seen == closed) return;
      os::futex_wait(inside, seen, detail::now_ns() + millisecond);
    }
  }
};

// A functor that never runs never lets its gate go: gates, a few bytes a runtime, stay for ever, on this list.
muster::gate* muster::make_gate() {
  static constinit base::atomic<gate*> all{nullptr};
  auto fresh = std::make_unique<gate>();
  fresh->next = all.load(base::relaxed);  // relaxed: the exchange decides
  // relaxed: nobody reads the list
  while (!all.compare_exchange(fresh->next, fresh.get(), base::relaxed, base::relaxed)) {
  }
  return fresh.release();
}

muster::muster(const muster_settings& settings, run_fn runner, void* argument, void (*call)(void*),
               void* housekeeper)
    : settings_(settings),
      run_(runner),
      argument_(argument),
      call_(call),
      housekeeper_(housekeeper),
      max_spares_(spares_for(settings)),
      spares_(std::make_unique<spare[]>(max_spares_)),
      tbb_(std::make_unique<tbb_side>(settings)),
      gate_(make_gate()) {
  for (std::uint32_t i = 0; i < max_spares_; ++i) {
    spares_[i].owner = this;
    spares_[i].index = i;
  }
  // The first spare waits for the first task: waking it is quicker than anything else.
  start_spare(0);
}

muster::~muster() { disband(); }

bool muster::call_one() noexcept {
  if (wake_spare()) return true;
  wanted_.fetch_add(1, base::relaxed);  // relaxed: the housekeeper is called by a release of its own
  return false;
}

muster::spare* muster::pop_parked() noexcept {
  // [P1] acquire: the spare is parked as it was left, what is below it too; pairs with [P2]
  std::uint64_t seen = parked_.load(base::acquire);
  while (static_cast<std::uint32_t>(seen) != 0) {
    spare& top = spares_[static_cast<std::uint32_t>(seen) - 1];
    const std::uint64_t tag = (seen >> 32) + 1;
    const std::uint32_t below = top.below.load(base::relaxed);  // relaxed: the tag proves it was current
    // as [P1], also where it fails, before the next look at what is below; weaker would do where it succeeds: the tag proves
    // that it is what the look has acquired
    if (parked_.compare_exchange(seen, tag << 32 | below, base::acquire, base::acquire)) return &top;
  }
  return nullptr;
}

void muster::push_parked(spare& idle) noexcept {
  std::uint64_t seen = parked_.load(base::relaxed);  // relaxed: the exchange decides
  std::uint64_t wanted = 0;
  do {
    idle.below.store(static_cast<std::uint32_t>(seen), base::relaxed);  // relaxed: published by the exchange
    wanted = ((seen >> 32) + 1) << 32 | (idle.index + 1);
    // [P2] release: the spare is parked; pairs with [P1]
  } while (!parked_.compare_exchange(seen, wanted, base::release, base::relaxed));
}

void muster::tell(spare& whom, order what) noexcept {
  // [P3] release: what the caller has counted and queued; pairs with [P4]. Weaker would do: the runner takes it by [C4]
  whom.told.store(what, base::release);
  os::futex_wake_one(whom.told);
}

bool muster::wake_spare() noexcept {
  spare* const idle = pop_parked();
  if (idle == nullptr) return false;
  tell(*idle, run);
  return true;
}

void muster::run_spare(void* at) {
  spare& me = *static_cast<spare*>(at);
  me.owner->live(me);
}

void muster::live(spare& me) {
  if (!settings_.cpus.empty()) os::pin_this_thread(settings_.cpus);
  for (;;) {
    // [P4] acquire: what it was called for; pairs with [P3]. Weaker would do, as there
    const std::uint32_t told = me.told.load(base::acquire);
    if (told == quit) return;
    if (told == wait) {
      os::futex_wait(me.told, wait, detail::for_ever);
      continue;
    }
    try {
      tbb_->arena.execute([this] { run_(argument_); });
    } catch (const std::bad_alloc&) {
      turn_back();
    }
    me.told.store(wait, base::relaxed);  // relaxed: published by the push
    push_parked(me);
  }
}

bool muster::start_spare(detail::deadline_ns now) {
  for (std::uint32_t i = 0; i < max_spares_; ++i) {
    spare& at = spares_[i];
    if (at.thread.started()) continue;
    const bool called = now != 0;
    at.told.store(called ? run : wait, base::relaxed);  // relaxed: published by the start of the thread
    const int failure = at.thread.start(&muster::run_spare, &at, settings_.thread_name);
    if (failure != 0) {
      report_failure(failure, now);
      return false;
    }
    refused_.store(0, base::relaxed);      // relaxed: a figure
    threads_.fetch_add(1, base::relaxed);  // relaxed: a figure
    if (!called) push_parked(at);
    return true;
  }
  return false;
}

// One line a runtime: the attempts go on, and what came of them is told by runtime_stats.
void muster::report_failure(int failure, detail::deadline_ns now) noexcept {
  retry_at_ = now + retry_time;
  refused_.store(1, base::relaxed);  // relaxed: a figure
  if (std::exchange(reported_, true)) return;
  std::fprintf(stderr, "threadgroup: cannot create a worker thread (%s); going on with fewer\n",
               std::strerror(failure));
}

std::uint32_t muster::workers_to_be_had() const noexcept {
  // relaxed: figures
  if (refused_.load(base::relaxed) == 0) return settings_.workers;
  return std::min(settings_.workers, threads() + from_tbb_.load(base::relaxed));
}

bool muster::provide_one(detail::deadline_ns now) {
  if (wake_spare()) return true;
  // relaxed: only the housekeeper raises it
  if (from_tbb_.load(base::relaxed) < tbb_->workers && ask_tbb(now)) {
    asked_at_ = now;
    return true;
  }
  return start_spare(now);
}

// oneTBB creates threads from threads of its own, and where that fails the process ends. So it is only asked when
// all the threads that it may create could be created just before.
bool muster::tbb_has_threads(detail::deadline_ns now) noexcept {
  if (tbb_threads_ == tbb_threads::untried) {
    const int failure = os::try_threads(tbb_->workers, settings_.thread_name);
    if (failure != 0) report_failure(failure, now);
    tbb_threads_ = failure == 0 ? tbb_threads::granted : tbb_threads::refused;
  }
  return tbb_threads_ == tbb_threads::granted;
}

// False: oneTBB has no threads, and is not asked again, or no memory for the request.
bool muster::ask_tbb(detail::deadline_ns now) noexcept {
  if (!tbb_has_threads(now)) return false;
  from_tbb_.fetch_add(1, base::relaxed);   // relaxed: a count
  requested_.fetch_add(1, base::relaxed);  // relaxed: published by the enqueue
  try {
    tbb_->arena.enqueue([this, at = gate_]() noexcept {
      if (!at->enter()) return;
      arrive_from_tbb();
      at->leave();
    });
  } catch (const std::exception& problem) {
    // Memory may be had later; whatever else it says, it will say again.
    if (dynamic_cast<const std::bad_alloc*>(&problem) == nullptr) tbb_threads_ = tbb_threads::refused;
    // The functor may have been queued all the same; or a worker that was asked for before, and came late, has come in
    // its place.
    if (!take_request()) return true;
    from_tbb_.fetch_sub(1, base::relaxed);  // relaxed: a count
    return false;
  }
  return true;
}

void muster::turn_back() noexcept {
  turned_back_.fetch_add(1, base::relaxed);  // relaxed: published by the call
  call_(housekeeper_);
}

bool muster::take_request() noexcept {
  std::uint32_t seen = requested_.load(base::relaxed);  // relaxed: a count
  while (seen != 0) {
    // relaxed: a count
    if (requested_.compare_exchange(seen, seen - 1, base::relaxed, base::relaxed)) return true;
  }
  return false;
}

void muster::arrive_from_tbb() noexcept {
  if (!take_request()) return;  // a spare has gone in its place
  const bool nested = task::self.crew != nullptr || task::self.current != nullptr;
  if (nested) {
    // A task's own parallel algorithm has picked this up while it waits: not the place to serve others.
    handed_back_.fetch_add(1, base::relaxed);  // relaxed: published by the call
    call_(housekeeper_);
  } else {
    const os::pinned here(settings_.cpus);
    run_(argument_);
  }
  from_tbb_.fetch_sub(1, base::relaxed);  // relaxed: a count
}

muster::outcome muster::tend(detail::deadline_ns now, bool work_waits) {
  outcome out{detail::for_ever, 0, false};
  if (retry_at_ != 0 && now >= retry_at_) {
    retry_at_ = 0;
    out.try_again = true;
  }
  for (std::uint32_t open = wanted_.exchange(0, base::relaxed); open != 0; --open) {  // relaxed: a count
    if (!provide_one(now)) ++out.not_coming;
  }
  // Not asked of oneTBB again: the same thread would pick it up again, and again.
  for (std::uint32_t back = handed_back_.exchange(0, base::relaxed); back != 0; --back) {  // relaxed: a count
    if (!wake_spare() && !start_spare(now)) ++out.not_coming;
  }
  // relaxed: a count
  if (const std::uint32_t back = turned_back_.exchange(0, base::relaxed); back != 0) {
    report_failure(ENOMEM, now);
    out.not_coming += back;
  }
  replace_missing(now, work_waits, out);
  retire_idle(now);
  // relaxed: a count; a request is only made by this thread
  if (requested_.load(base::relaxed) != 0) out.next_look = std::min(out.next_look, now + arrival_time);
  if (retry_at_ != 0) out.next_look = std::min(out.next_look, retry_at_);
  if (retire_at_ != 0) out.next_look = std::min(out.next_look, retire_at_);
  return out;
}

void muster::replace_missing(detail::deadline_ns now, bool work_waits, outcome& out) {
  if (!work_waits || now - asked_at_ < arrival_time) return;
  while (take_request()) {
    from_tbb_.fetch_sub(1, base::relaxed);  // relaxed: a count
    if (!start_spare(now)) ++out.not_coming;
  }
}

// One idle spare at a time; whoever is called meanwhile puts it off.
void muster::retire_idle(detail::deadline_ns now) {
  if (threads() <= 1) {
    retire_at_ = 0;
    return;
  }
  if (retire_at_ == 0) retire_at_ = now + spare_life;
  if (now < retire_at_) return;
  retire_at_ = now + spare_life / 16;
  if (spare* idle = pop_parked()) {
    tell(*idle, quit);
    idle->thread.join();
    threads_.fetch_sub(1, base::relaxed);  // relaxed: a figure
  }
}

void muster::disband() noexcept {
  gate_->close();
  while (threads() != 0) {
    spare* idle = pop_parked();
    if (idle == nullptr) {
      // relaxed: only a pause
      os::futex_wait(wanted_, wanted_.load(base::relaxed), detail::now_ns() + millisecond);
      continue;
    }
    tell(*idle, quit);
    idle->thread.join();
    threads_.fetch_sub(1, base::relaxed);  // relaxed: a figure
  }
}

}  // namespace tg::arena

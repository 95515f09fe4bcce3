// Waits for conditions, results and deadlines.
#include "tests/soak/chores.h"

#include <stdexcept>

namespace soak {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

struct results {
  std::size_t values = 0, exceptions = 0, skipped = 0;
};

void fetch(tg::future<std::size_t>& from, std::size_t number, results& out) {
  try {
    holds(from.get() == number, "a future has another task's value");
    ++out.values;
  } catch (const tg::task_skipped&) {
    ++out.skipped;
  } catch (const std::runtime_error& thrown) {
    holds(thrown.what() == std::to_string(number), "a future has another task's exception");
    ++out.exceptions;
  }
}

std::size_t answer(account& of, std::size_t number) {
  of.enter();
  if (number % 5 == 3) {
    ++of.threw;
    throw std::runtime_error(std::to_string(number));
  }
  if (number % 7 == 5) {
    ++of.gave_up;
    throw tg::task_skipped(tg::event_cause::requested);
  }
  ++of.returned;
  return number;
}

}  // namespace

// Ends of tasks alone make the waiter look: its own poll comes after the soak.
void play_conditions(stage& at) {
  account of;
  count done{0};
  const group_ptr home = at.make("conditions", {.max_concurrent = 3});
  const std::size_t tasks = at.random.below(9), wanted = at.random.below(12);
  for (std::size_t i = 0; i < tasks; ++i) {
    home->add_task([&of, &done] {
      of.enter();
      ++done;
      ++of.returned;
    });
    ++of.added;
  }
  const bool is_short = at.random.one_in(4);
  const auto timeout =
      is_short ? std::chrono::nanoseconds(at.moment(300)) : std::chrono::nanoseconds(for_ever);
  tg::condition how{};
  {
    const vigil::wait here("a condition", *home);
    how = home->wait_for_condition([&] { return done >= wanted; }, timeout, for_ever);
  }
  ++counted.conditions;
  ++counted.wakes;
  if (how == tg::condition::met) holds(done >= wanted && home->event().is_set(), "met, and it is not");
  if (how == tg::condition::timed_out) holds(is_short, "a wait for hours timed out");
  if (at.calm() && !is_short) {
    holds(how == (wanted <= tasks ? tg::condition::met : tg::condition::drained),
          "a condition ended otherwise");
  }
  settle(at, *home, of);
}

namespace {

// The event alone wakes the waiter: nothing ends in a paused group that keeps what is queued.
void wait_for_the_event(stage& at) {
  account of;
  const group_ptr home =
      at.make("told by the event", {.max_concurrent = 0, .on_event = tg::pending_policy::run});
  add(*home, of, {&of, home.get(), chore::quick});
  std::thread setter = short_lived([&, pause = at.random.below(20'000)] {
    tg_test::spin(pause);
    set(*home);
  });
  {
    const vigil::wait here("the event, in a condition", *home);
    const tg::condition how = home->wait_for_condition([] { return false; }, for_ever, for_ever);
    holds(how == tg::condition::event_set, "a condition ended otherwise than by the event");
  }
  ++counted.conditions;
  ++counted.wakes;
  setter.join();
  home->set_max_concurrent(1);
  settle(at, *home, of);
}

}  // namespace

// Told from another thread; the waiter's poll comes after the soak.
void play_notify(stage& at) {
  if (at.random.one_in(2)) return wait_for_the_event(at);
  account of;
  std::atomic<bool> flag{false};
  const group_ptr home = at.make("notify");
  home->add_task([&of] {
    of.enter();
    const vigil::wait here("the end of a condition", tg::this_task::current_group().id());
    if (tg::this_task::event_aware_sleep(for_ever)) lose("a task slept through a condition that was met");
    ++of.returned;
  });
  ++of.added;
  std::thread notifier = short_lived([&, pause = at.random.below(20'000)] {
    tg_test::spin(pause);
    flag = true;
    home->notify();
  });
  tg::condition how{};
  {
    const vigil::wait here("a notified condition", *home);
    how = home->wait_for_condition([&] { return flag.load(); }, for_ever, for_ever);
  }
  ++counted.conditions;
  ++counted.wakes;
  holds(how == tg::condition::met || !at.calm(), "a notified condition was not met");
  notifier.join();
  settle(at, *home, of);
}

void play_futures(stage& at) {
  account of;
  group_ptr home = at.make("futures", {.max_concurrent = static_cast<std::uint32_t>(1 + at.random.below(4))});
  std::vector<std::pair<std::size_t, tg::future<std::size_t>>> kept;
  for (std::size_t number = 1 + at.random.below(40); number != 0; --number) {
    auto fresh = home->submit(&answer, std::ref(of), number);
    ++of.added;
    ++counted.futures;
    if (!at.random.one_in(4)) kept.emplace_back(number, std::move(fresh));
  }
  const bool outlive = at.random.one_in(2);
  if (at.random.one_in(3)) set(*home);
  const std::uint64_t id = home->id();
  if (outlive) {
    settle(at, *home, of);
    home.reset();
  }
  results found;
  for (auto& [number, future] : kept) {
    const vigil::wait here("a future", id);
    fetch(future, number, found);
    ++counted.wakes;
  }
  if (!outlive) settle(at, *home, of);
  holds(found.values <= of.returned && found.exceptions <= of.threw, "futures tell of more than there was");
  holds(found.values + found.exceptions + found.skipped == kept.size(), "a future told nothing");
}

void play_deadlines(stage& at) {
  account of;
  const auto when = steady_clock::now() + at.moment(3'000) - 200us;
  const group_ptr home = at.make("deadline", {.deadline = when});
  const group_ptr child = stage::make_under(*home, "inherits");
  for (tg::group* group : {home.get(), child.get()}) {
    group->add_task([&of] {
      of.enter();
      const vigil::wait here("a deadline, in a task", tg::this_task::current_group().id());
      if (tg::this_task::event_aware_sleep(for_ever)) lose("a task slept through its deadline");
      ++of.returned;
    });
  }
  {
    const vigil::wait here("a deadline", *child);
    child->event().wait();
  }
  ++counted.deadlines;
  ++counted.wakes;
  const tg::event_state state = child->state();
  if (at.calm()) {
    holds(state.cause == tg::event_cause::deadline && state.origin == home->id(),
          "not the deadline set the event");
    holds(steady_clock::now() >= when, "a deadline came early");
  }
  const tg::join_report own = at.join(*home), inherited = at.join(*child);
  holds(own.succeeded + inherited.succeeded == of.returned, "sleepers came back that nobody has counted");
  holds(own.succeeded + own.skipped == 1 && inherited.succeeded + inherited.skipped == 1,
        "a sleeper was not told");
  counted.added += 2;
  counted.succeeded += of.returned;
  counted.skipped += 2 - of.returned;
}

}  // namespace soak

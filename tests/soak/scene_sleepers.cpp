// All who sleep on an event wake when it is set, however it is set; then it is re-armed, and again.
#include "tests/soak/chores.h"

#include <stdexcept>

namespace soak {
namespace {

struct night {
  account tasks;
  count woken{0}, strangers{0};
};

// In any of the ways there are to sleep; true: slept it all.
bool sleep_on(const tg::event_view& event, std::size_t way) {
  switch (way) {
    case 0:
      event.wait();
      return false;
    case 1:
      return event.sleep_for(for_ever);
    default:
      return event.sleep_until(std::chrono::steady_clock::now() + for_ever);
  }
}

void sleep_in_task(night& of, std::size_t way) {
  of.tasks.enter();
  const vigil::wait here("the event, in a task", tg::this_task::current_group().id());
  const bool slept =
      way == 3 ? tg::this_task::event_aware_sleep(for_ever) : sleep_on(tg::this_task::this_event(), way);
  if (slept) lose("a task slept through its event");
  ++of.woken;
  ++counted.wakes;
  ++of.tasks.returned;
}

void sleep_outside(tg::group& group, night& of, std::size_t way) {
  const vigil::wait here("the event, on a thread", group);
  if (sleep_on(group.event(), way)) lose("a thread slept through the event");
  ++of.strangers;
  ++counted.wakes;
}

// By this thread, another, a task, or a task that fails.
void set_somehow(stage& at, tg::group& group, night& of) {
  switch (at.random.below(4)) {
    case 0:
      set(group);
      break;
    case 1:
      short_lived([&group] { set(group); }).join();
      break;
    case 2:
      add(group, of.tasks, {&of.tasks, &group, chore::sets});
      break;
    default:
      add(group, of.tasks, {&of.tasks, &group, chore::fails});
      break;
  }
}

}  // namespace

void play_sleepers(stage& at) {
  const group_ptr home =
      at.make("sleepers", {.max_concurrent = 16, .on_failure = tg::failure_policy::set_event});
  std::uint64_t ended = 0;
  for (std::size_t round = 1 + at.random.below(4); round != 0; --round) {
    night of;
    std::vector<std::thread> strangers;
    for (std::size_t left = 1 + at.random.below(5); left != 0; --left) {
      home->add_task([&of, way = at.random.below(4)] { sleep_in_task(of, way); });
      ++of.tasks.added;
    }
    const std::size_t threads = at.random.below(3);
    for (std::size_t i = 0; i < threads; ++i) {
      strangers.push_back(short_lived([&, way = at.random.below(3)] { sleep_outside(*home, of, way); }));
    }
    tg_test::spin(at.random.below(30'000));
    set_somehow(at, *home, of);
    const tg::join_report report = at.join(*home);
    for (std::thread& each : strangers) each.join();
    of.tasks.joined = true;
    holds(report.succeeded == of.tasks.returned && report.failed == of.tasks.threw,
          "the night's report is not what its sleepers have counted");
    holds(report.succeeded + report.failed + report.skipped == of.tasks.added,
          "the night's sums do not add up");
    holds(of.strangers == threads, "a thread did not come back from its sleep");
    counted.added += of.tasks.added;
    counted.succeeded += report.succeeded;
    counted.failed += report.failed;
    counted.skipped += report.skipped;
    ended += of.tasks.added;
    at.reset(*home);
  }
  const tg::group_stats rest = home->stats();
  holds(rest.succeeded + rest.failed + rest.skipped == ended, "the group's own figures do not add up");
}

}  // namespace soak

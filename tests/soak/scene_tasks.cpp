// Tasks come from several threads at once, while limits change, what is queued is cleared, producers wait for room,
// joiners overlap, and groups are closed.
#include "tests/soak/chores.h"

#include "tests/support/concurrency_meter.h"

#include <algorithm>
#include <mutex>

namespace soak {
namespace {

void add_many(stage& at, tg::group& group, account& of, std::uint64_t seed, std::size_t how_many) {
  tg_test::random_source random(seed);
  for (std::size_t i = 0; i < how_many; ++i) {
    const auto how = static_cast<chore::way>(random.below(at.calm() ? chore::sets : chore::sets + 1));
    const chore work{&of, &group, how};
    static_cast<void>(random.one_in(2) ? try_add(group, of, work) : add(group, of, work));
  }
}

// What may be done to a group from outside at any time. It ends with a limit that lets all tasks run.
void disturb(stage& at, tg::group& group) {
  for (std::size_t left = at.random.below(8); left != 0; --left) {
    switch (at.random.below(4)) {
      case 0:
        group.clear_pending_tasks();
        break;
      case 1:
        group.set_max_concurrent(0);
        break;
      case 2:
        static_cast<void>(group.stats());
        break;
      default:
        group.set_max_concurrent(static_cast<std::uint32_t>(at.random.below(5)));
        break;
    }
    tg_test::spin(at.random.below(3'000));
  }
  group.set_max_concurrent(static_cast<std::uint32_t>(1 + at.random.below(4)));
}

}  // namespace

void play_tasks(stage& at) {
  account of;
  tg::group_options options = random_options(at);
  if (at.random.one_in(3)) options.on_failure = tg::failure_policy::set_event;
  const group_ptr home = at.make("tasks", options);
  std::vector<std::thread> producers;
  for (std::size_t left = at.random.below(3); left != 0; --left) {
    producers.push_back(short_lived([&, seed = at.random.below(1'000'000), many = at.random.below(40)] {
      add_many(at, *home, of, seed, many);
    }));
  }
  const bool sets = at.random.one_in(3);
  disturb(at, *home);
  if (sets) set(*home);
  for (std::thread& each : producers) each.join();
  settle(at, *home, of);
}

// Waiting producers wake on room, on the event, and when the group is closed.
void play_producers(stage& at) {
  account of;
  // Under `run` the event ends no task: then it alone wakes them.
  tg::group_options options{.max_concurrent = 1, .max_pending = 1 + at.random.below(3)};
  if (at.random.one_in(2)) options.on_event = tg::pending_policy::run;
  const group_ptr home = at.make("producers", options);
  const std::size_t way = at.random.below(3);
  if (way != 0) home->set_max_concurrent(0);  // then only the event or the closing ends their waits
  std::vector<std::thread> producers;
  count refused{0};
  for (std::size_t left = 1 + at.random.below(3); left != 0; --left) {
    producers.push_back(short_lived([&] {
      for (int i = 0; i < 8; ++i) refused += add(*home, of, {&of, home.get(), chore::quick}) ? 0u : 1u;
      ++counted.wakes;
    }));
  }
  tg_test::spin(at.random.below(20'000));
  if (way == 1) set(*home);
  if (way == 2) home->close();
  for (std::thread& each : producers) each.join();
  holds(refused == 0 || way == 2, "a group that is not closed refused a task");
  home->set_max_concurrent(1);
  settle(at, *home, of);
}

// Never more at once than the highest limit there was.
void play_limits(stage& at) {
  account of;
  tg_test::concurrency_meter meter;
  std::uint32_t highest = static_cast<std::uint32_t>(1 + at.random.below(3));
  const group_ptr home = at.make("limits", {.max_concurrent = highest});
  for (std::size_t left = 5 + at.random.below(60); left != 0; --left) {
    home->add_task([&of, &meter] {
      of.enter();
      const tg_test::concurrency_meter::visit inside(meter);
      tg_test::spin(300);
      ++of.returned;
    });
    ++of.added;
    if (!at.random.one_in(8)) continue;
    const auto limit = static_cast<std::uint32_t>(at.random.below(5));
    highest = std::max(highest, limit);
    home->set_max_concurrent(limit);
    holds(home->stats().limit == limit, "the limit is not what it was set to");
  }
  if (home->stats().limit == 0) home->set_max_concurrent(1);
  settle(at, *home, of);
  holds(meter.highest() <= highest, "more tasks ran at once than any limit allowed");
}

// Of overlapping joins one receives the outcomes: together they have told everything once.
void play_joins(stage& at) {
  account of;
  const group_ptr home = at.make("joins", random_options(at));
  sums told;
  std::mutex mutex;
  const auto tell = [&](const tg::join_report& report) {
    const std::lock_guard lock(mutex);
    told += report;
  };
  std::vector<std::thread> joiners;
  for (std::size_t left = at.random.below(20); left != 0; --left) {
    add(*home, of, chore::quiet(at, of, *home));
    if (left % 8 != 0) continue;
    joiners.push_back(short_lived([&, timed = at.random.one_in(2)] {
      const vigil::wait here("an overlapping join", *home);
      if (timed) {
        const tg::join_report report = home->join_for(std::chrono::microseconds(200));
        if (report.complete) tell(report);
      } else {
        tell(home->join());
      }
      ++counted.wakes;
    }));
  }
  if (at.random.one_in(3)) set(*home);
  tell(at.join(*home));
  for (std::thread& each : joiners) each.join();
  check(*home, of, told);
}

}  // namespace soak

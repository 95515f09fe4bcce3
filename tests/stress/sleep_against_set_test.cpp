// Threads and tasks fall asleep on an event while it is being set: nobody stays asleep.
#include "tests/support/accounting.h"
#include "tests/support/stress.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <optional>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

TEST(sleep_against_set, of_threads_on_two_levels) {
  constexpr std::size_t sleepers = 3;
  const stress_box box;
  std::optional<tg::group> root;
  std::optional<tg::group> child;
  std::atomic<bool> more{true};
  std::atomic<std::size_t> came_before{0}, came_after{0}, slept_on{0};
  std::size_t rounds = 0;
  std::barrier begin(sleepers + 1, [&]() noexcept {
    more = box.goes_on();
    child.reset();
    root.reset();
    if (!more) return;
    root.emplace("root");
    child.emplace(*root, "child");
    ++rounds;
  });
  on_threads(sleepers + 1, [&](std::size_t index) {
    random_source random(index);
    for (;;) {
      begin.arrive_and_wait();
      if (!more) return;
      spin(random.below(3'000));
      if (index == sleepers) {
        root->set_event();
        continue;
      }
      const tg::event_view view = random.one_in(2) ? root->event() : child->event();
      ++(view.is_set() ? came_after : came_before);
      if (view.sleep_for(patience)) ++slept_on;
    }
  });
  print_reached("rounds", rounds);
  print_reached("sleeps begun before the set", came_before.load());
  print_reached("sleeps begun after it", came_after.load());
  EXPECT_EQ(slept_on.load(), 0u);
}

TEST(sleep_against_set, of_tasks) {
  const stress_box box;
  random_source random;
  std::size_t rounds = 0, slept = 0, skipped = 0;
  while (box.goes_on()) {
    tg::group root("root");
    tg::group group(root, "sleepers");
    const std::size_t count = 1 + random.below(8);
    std::atomic<std::size_t> slept_on{0};
    for (std::size_t i = 0; i < count; ++i) {
      group.add_task([&slept_on] {
        if (tg::this_task::event_aware_sleep(patience)) ++slept_on;
      });
    }
    spin(random.below(50'000));
    root.set_event();
    const tg::join_report report = group.join_for(patience);
    ASSERT_TRUE(report.complete);
    ASSERT_EQ(report.succeeded + report.skipped, count);
    ASSERT_EQ(slept_on.load(), 0u);
    slept += report.succeeded;
    skipped += report.skipped;
    ++rounds;
  }
  print_reached("rounds", rounds);
  print_reached("tasks that slept", slept);
  print_reached("tasks that were skipped", skipped);
}

}  // namespace

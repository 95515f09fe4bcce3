// A group is destroyed right after its last task has ended, however that was learned; or with tasks left.
// What touches it afterwards is seen by the sanitizers; here the sums have to be right.
#include "tests/support/accounting.h"
#include "tests/support/stress.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

struct counted {
  std::atomic<std::size_t>* alive;
  explicit counted(std::atomic<std::size_t>& count) : alive(&count) { ++*alive; }
  counted(const counted& other) : alive(other.alive) { ++*alive; }
  counted& operator=(const counted&) = delete;
  ~counted() { --*alive; }
};

// Learns in one of several ways that all tasks of the group have ended.
bool wait_in_some_way(tg::group& group, random_source& random) {
  switch (random.below(4)) {
    case 0:
      return group.join().complete;
    case 1:
      return group.join_for(patience).complete;
    case 2:
      return group.wait_for_condition([] { return false; }, patience) == tg::condition::drained;
    default:
      return group.submit([] {}).wait_for(patience) && group.join().complete;
  }
}

TEST(end_after_join, of_groups_of_two_threads) {
  const stress_box box;
  std::atomic<std::size_t> alive{0}, ran{0}, groups{0}, added{0};
  on_threads(2, [&](std::size_t index) {
    random_source random(index);
    while (box.goes_on()) {
      const std::size_t count = 1 + random.below(4);
      {
        tg::group group("short", {.max_concurrent = static_cast<std::uint32_t>(1 + random.below(3))});
        for (std::size_t i = 0; i < count; ++i) {
          group.add_task([&ran, held = counted(alive)] { ++ran; });
        }
        EXPECT_TRUE(wait_in_some_way(group, random));
      }
      added += count;
      ++groups;
    }
  });
  print_reached("groups", groups.load());
  EXPECT_EQ(ran.load(), added.load());
  EXPECT_EQ(alive.load(), 0u);
}

TEST(end_after_join, of_groups_with_tasks_left) {
  const stress_box box;
  std::atomic<std::size_t> alive{0}, ran{0};
  std::size_t added = 0, groups = 0;
  random_source random;
  while (box.goes_on()) {
    tg::group group("left", {.max_concurrent = static_cast<std::uint32_t>(random.below(3))});
    const std::size_t count = random.below(6);
    for (std::size_t i = 0; i < count; ++i) group.add_task([&ran, held = counted(alive)] { ++ran; });
    added += count;
    ++groups;
    spin(random.below(3'000));
  }
  print_reached("groups", groups);
  print_reached("tasks that ran", ran.load());
  print_reached("tasks that were skipped", added - ran.load());
  EXPECT_EQ(alive.load(), 0u) << "a task was neither run nor skipped before its group was gone";
  EXPECT_LE(ran.load(), added);
}

TEST(end_after_join, of_groups_inside_tasks) {
  const stress_box box;
  std::atomic<std::size_t> inner_runs{0};
  std::size_t rounds = 0;
  while (box.goes_on()) {
    tg::group outer("outer");
    for (int i = 0; i < 4; ++i) {
      outer.add_task([&inner_runs] {
        for (int k = 0; k < 5; ++k) {
          tg::group inner("inner");
          for (int m = 0; m < 3; ++m) inner.add_task([&inner_runs] { ++inner_runs; });
          EXPECT_EQ(inner.join().succeeded, 3u);
        }
      });
    }
    ASSERT_EQ(outer.join().succeeded, 4u);
    ++rounds;
  }
  print_reached("rounds", rounds);
  EXPECT_EQ(inner_runs.load(), rounds * 4 * 5 * 3);
}

}  // namespace

// Groups inside groups, deeper than there are workers, and more blocked tasks than workers.
#include "tests/support/accounting.h"
#include "tests/support/stress.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <cstddef>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

std::size_t tree_size(std::size_t depth, std::size_t fanout) {
  std::size_t size = 1;
  for (std::size_t level = 0, width = fanout; level < depth; ++level, width *= fanout) size += width;
  return size;
}

// One node: a group with a task for each child, joined.
void descend(std::size_t depth, std::size_t fanout, std::atomic<std::size_t>& nodes) {
  ++nodes;
  if (depth == 0) return;
  tg::group group("level");
  for (std::size_t i = 0; i < fanout; ++i) {
    group.add_task([depth, fanout, &nodes] { descend(depth - 1, fanout, nodes); });
  }
  const tg::join_report report = group.join();
  EXPECT_EQ(report.succeeded, fanout);
}

TEST(recursion, of_groups_far_deeper_than_the_workers) {
  const stress_box box;
  tg::runtime machinery({.workers = 2, .max_blocked = 4});
  random_source random;
  std::size_t rounds = 0;
  while (box.goes_on()) {
    const std::size_t fanout = 1 + random.below(3);
    const std::size_t depth = fanout == 1   ? 20 + random.below(40)
                              : fanout == 2 ? random.below(9)
                                            : random.below(6);
    tg::group root("root", {.on = &machinery});
    std::atomic<std::size_t> nodes{0};
    root.add_task([&] { descend(depth, fanout, nodes); });
    expect_joins(root, {.succeeded = 1});
    ASSERT_EQ(nodes.load(), tree_size(depth, fanout)) << "depth " << depth << " fanout " << fanout;
    ++rounds;
  }
  print_reached("rounds", rounds);
}

TEST(recursion, is_left_by_an_event_at_any_depth) {
  const stress_box box;
  random_source random;
  std::size_t rounds = 0, cut_short = 0;
  while (box.goes_on()) {
    std::atomic<std::size_t> begun{0}, ended{0};
    struct node {
      static void visit(std::size_t depth, std::atomic<std::size_t>& begins, std::atomic<std::size_t>& ends) {
        ++begins;
        if (depth != 0 && !tg::this_task::event_set()) {
          tg::group group("level");
          for (int i = 0; i < 2; ++i)
            group.add_task([depth, &begins, &ends] { visit(depth - 1, begins, ends); });
          const tg::join_report report = group.join();
          EXPECT_EQ(report.succeeded + report.skipped, 2u);
        }
        ++ends;
      }
    };
    tg::group root("root");
    root.add_task([&] { node::visit(7, begun, ended); });
    spin(random.below(100'000));
    root.set_event();
    const tg::join_report report = root.join_for(patience);
    ASSERT_TRUE(report.complete);
    ASSERT_EQ(report.succeeded + report.skipped, 1u);
    ASSERT_EQ(begun.load(), ended.load());
    cut_short += begun < tree_size(7, 2) ? 1u : 0u;
    ++rounds;
  }
  print_reached("rounds", rounds);
  print_reached("of which an event cut short", cut_short);
}

TEST(blocked, two_hundred_tasks_again_and_again) {
  constexpr std::size_t count = 200;
  const stress_box box;
  tg::runtime machinery({.workers = 2});
  random_source random;
  std::size_t rounds = 0;
  do {
    tg::group paused("paused", {.max_concurrent = 0, .on = &machinery});
    tg::group waiting("waiting", {.max_concurrent = count, .on = &machinery});
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t way = random.below(3);
      waiting.add_task([way, &paused] {
        if (way == 0) {
          EXPECT_FALSE(tg::this_task::event_aware_sleep(1h));
        }
        if (way == 1) {
          EXPECT_EQ(paused.submit([] {}).kind(), tg::outcome_kind::skipped);
        }
        if (way == 2) tg::this_task::this_event().wait();
      });
    }
    ASSERT_TRUE(eventually([&] { return machinery.stats().blocked == count; })) << machinery.stats().blocked;
    tg::group beside("beside", {.on = &machinery});
    auto runs = beside.submit([] { return 1; });
    ASSERT_TRUE(runs.wait_for(patience)) << "nothing runs beside the blocked tasks";
    paused.set_event();
    waiting.set_event();
    expect_joins(waiting, {.succeeded = count});
    expect_joins(beside, {.succeeded = 1});
    ++rounds;
  } while (box.goes_on());
  print_reached("rounds", rounds);
}

}  // namespace

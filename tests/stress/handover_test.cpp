// Work is handed over between joiners, workers and setters at the moments when it is easily forgotten.
#include <threadgroup/threadgroup.h>

#include "tests/support/bounded.h"
#include "tests/support/stress.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

using namespace std::chrono_literals;
using tg_test::stress_box;

// The joiner runs one of two tasks that wait for each other: somebody must come for the other one.
TEST(handover, a_joiner_leaves_the_rest_to_others) {
  stress_box box(0.5);
  std::size_t rounds = 0;
  for (; box.goes_on(); ++rounds) {
    std::atomic<int> met{0};
    const auto meet = [&] {
      ++met;
      EXPECT_TRUE(tg_test::eventually([&] { return met == 2; }));
    };
    tg::group both("both");
    both.add_task(meet);
    both.add_task(meet);
    const tg::join_report report = both.join();
    ASSERT_EQ(report.succeeded, 2u);
    ASSERT_EQ(met, 2);
  }
  std::cout << "[ reached  ] meetings " << rounds << '\n';
  EXPECT_GT(rounds, 0u);
}

// A worker may still linger in a child that has ended; only living descendants speak against a reset.
TEST(handover, a_parent_is_rearmed_as_soon_as_its_children_have_ended) {
  stress_box box(0.5);
  tg::group parent("parent");
  std::size_t rounds = 0;
  for (; box.goes_on(); ++rounds) {
    {
      tg::group child(parent, "child");
      for (int i = 0; i < 3; ++i) child.add_task([] {});
      ASSERT_EQ(child.join().succeeded, 3u);
    }
    ASSERT_TRUE(parent.set_event());
    ASSERT_TRUE(parent.reset_event()) << "round " << rounds;
  }
  std::cout << "[ reached  ] resets " << rounds << '\n';
  EXPECT_GT(rounds, 0u);
}

// A worker that came to skip what was queued under the old event must not skip what is added after the reset.
TEST(handover, what_is_added_after_a_reset_runs) {
  stress_box box(0.5);
  tg::group group("rearmed");
  std::size_t rounds = 0, skipped_before = 0;
  for (; box.goes_on(); ++rounds) {
    group.set_event();
    for (int i = 0; i < 4; ++i) group.add_task([] {});
    skipped_before += group.join().skipped;
    ASSERT_TRUE(tg_test::eventually([&] { return group.reset_event(); }));
    for (int i = 0; i < 2; ++i) group.add_task([] {});
    const tg::join_report report = group.join();
    ASSERT_EQ(report.succeeded, 2u) << "round " << rounds;
    ASSERT_EQ(report.skipped, 0u) << "round " << rounds;
  }
  std::cout << "[ reached  ] resets " << rounds << ", skipped before them " << skipped_before << '\n';
  EXPECT_EQ(skipped_before, rounds * 4);
}

// stop_token() and reset_event() may be called at the same time.
TEST(handover, stop_tokens_are_fetched_beside_resets) {
  stress_box box(0.5);
  tg::group group("tokens");
  std::atomic<bool> done{false};
  std::thread fetcher([&] {
    std::size_t stopped = 0, tokens = 0;
    for (; !done; ++tokens) stopped += group.stop_token().stop_requested() ? 1 : 0;
    std::cout << "[ reached  ] tokens " << tokens << ", stopped at once " << stopped << '\n';
  });
  std::size_t rearmed = 0;
  while (box.goes_on()) {
    group.set_event();
    rearmed += group.reset_event() ? 1 : 0;
  }
  done = true;
  fetcher.join();
  std::cout << "[ reached  ] resets " << rearmed << '\n';
  EXPECT_GT(rearmed, 0u);
}

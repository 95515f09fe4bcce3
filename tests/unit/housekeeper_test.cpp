// The service thread: it looks when it is called and when something is due, and ends when it is told to.
#include "core/arena/housekeeper.h"
#include "tests/support/bounded.h"
#include "tests/unit/crowd.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>

namespace {

using namespace tg_test;
using tg::arena::housekeeper;
using tg::detail::deadline_ns;
using tg::detail::for_ever;

// What one housekeeper does in a test: counts its looks, and waits for `due`.
struct chores {
  std::atomic<int> looks{0};
  std::atomic<deadline_ns> due{for_ever};
  std::atomic<deadline_ns> told_now{0};
  std::atomic<int> ordered{0};
  std::atomic<int> done{0};

  static deadline_ns tick(void* context, deadline_ns now) {
    auto& self = *static_cast<chores*>(context);
    self.told_now = now;
    self.done = self.ordered.load();
    ++self.looks;
    const deadline_ns due = self.due;
    if (now >= due) self.due = for_ever;
    return self.due;
  }
};

TEST(housekeeper, looks_once_when_it_starts) {
  chores work;
  housekeeper keeper(&chores::tick, &work, "keeper");
  EXPECT_EQ(work.looks.load(), 0);
  keeper.start();
  EXPECT_TRUE(eventually([&] { return work.looks == 1; }));
  EXPECT_TRUE(stays([&] { return work.looks == 1; }));
}

TEST(housekeeper, looks_after_every_call) {
  chores work;
  housekeeper keeper(&chores::tick, &work, "keeper");
  keeper.start();
  for (int order = 1; order <= 500; ++order) {
    work.ordered = order;
    keeper.call();
    ASSERT_TRUE(eventually([&] { return work.done == order; })) << "order " << order;
  }
}

TEST(housekeeper, misses_no_call_of_many_threads) {
  constexpr std::size_t threads = 3;
  constexpr int each = 3'000;
  chores work;
  housekeeper keeper(&chores::tick, &work, "keeper");
  keeper.start();
  run_together(threads, [&](std::size_t) {
    for (int i = 0; i < each; ++i) {
      ++work.ordered;
      keeper.call();
    }
  });
  EXPECT_TRUE(eventually([&] { return work.done == static_cast<int>(threads) * each; }));
}

TEST(housekeeper, looks_again_when_something_is_due_and_no_earlier) {
  chores work;
  const deadline_ns due = tg::detail::now_ns() + 20'000'000;
  work.due = due;
  housekeeper keeper(&chores::tick, &work, "keeper");
  keeper.start();
  EXPECT_TRUE(eventually([&] { return work.due == for_ever; }));
  EXPECT_GE(work.told_now.load(), due);
}

TEST(housekeeper, heeds_an_earlier_time_that_a_call_brings) {
  chores work;
  work.due = tg::detail::deadline_after(std::chrono::hours(1));
  housekeeper keeper(&chores::tick, &work, "keeper");
  keeper.start();
  EXPECT_TRUE(eventually([&] { return work.looks == 1; }));
  work.due = tg::detail::now_ns() + 1'000'000;
  keeper.call();
  EXPECT_TRUE(eventually([&] { return work.due == for_ever; }));
}

TEST(housekeeper, ends_whatever_it_waits_for) {
  for (const deadline_ns due : {for_ever, tg::detail::deadline_after(std::chrono::hours(1))}) {
    chores work;
    work.due = due;
    std::optional<housekeeper> keeper(std::in_place, &chores::tick, &work, "keeper");
    keeper->start();
    EXPECT_TRUE(eventually([&] { return work.looks == 1; }));
    keeper->stop();
    keeper->stop();
    const int looks = work.looks;
    keeper->call();
    keeper.reset();
    EXPECT_EQ(work.looks.load(), looks);
  }
}

TEST(housekeeper, does_nothing_unless_it_was_started) {
  chores work;
  {
    housekeeper keeper(&chores::tick, &work, "keeper");
    keeper.call();
    keeper.stop();
  }
  EXPECT_EQ(work.looks.load(), 0);
}

TEST(housekeeper, may_be_stopped_at_once_after_its_start) {
  for (int round = 0; round < 50; ++round) {
    chores work;
    housekeeper keeper(&chores::tick, &work, "keeper");
    keeper.start();
    keeper.stop();
    EXPECT_LE(work.looks.load(), 1);
  }
}

}  // namespace

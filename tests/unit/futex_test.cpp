// The kernel's futex behind our own door: values, deadlines, wake-ups, errno.
#include "core/os/futex.h"
#include "core/os/memory_map.h"
#include "tests/support/background.h"
#include "tests/support/sleeping.h"
#include "tests/unit/crowd.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <deque>
#include <vector>

namespace {

using namespace tg_test;
using tg::detail::deadline_ns;
using tg::detail::for_ever;
using tg::detail::now_ns;
using tg::os::futex_wait;
using tg::os::wake_up;
using word = tg::base::atomic<std::uint32_t>;

deadline_ns patience_end() { return tg::detail::deadline_after(patience); }

// False: the deadline came first.
bool wait_while(const word& at, std::uint32_t value) {
  const deadline_ns end = patience_end();
  while (at.load(tg::base::acquire) == value) {
    if (futex_wait(at, value, end) == wake_up::timed_out) return false;
  }
  return true;
}

TEST(futex, does_not_sleep_when_the_word_differs) {
  const word at{5};
  for (const deadline_ns until : {for_ever, patience_end()})
    EXPECT_EQ(futex_wait(at, 4, until), wake_up::maybe);
}

TEST(futex, times_out_at_once_when_the_deadline_has_passed) {
  const word at{5};
  for (const deadline_ns until :
       {deadline_ns{0}, deadline_ns{1}, deadline_ns{999'999'999}, now_ns() - 1, now_ns()}) {
    EXPECT_EQ(futex_wait(at, 5, until), wake_up::timed_out) << until;
  }
}

TEST(futex, times_out_no_earlier_than_the_deadline) {
  const word at{5};
  for (const std::int64_t span : {std::int64_t{1'000}, std::int64_t{1'000'000}, std::int64_t{20'000'000}}) {
    const deadline_ns until = now_ns() + span;
    while (futex_wait(at, 5, until) != wake_up::timed_out) {
    }
    EXPECT_GE(now_ns(), until);
  }
}

TEST(futex, sleeps_towards_the_farthest_deadline_there_is) {
  word at{0};
  sleep_mark mark;
  auto sleeper = in_background([&] {
    mark.about_to_wait();
    // Not for ever in name, but beyond what any test waits.
    while (at.load(tg::base::acquire) == 0) {
      if (futex_wait(at, 0, for_ever - 1) == wake_up::timed_out) return false;
    }
    return true;
  });
  EXPECT_TRUE(mark.wait_asleep());
  at.store(1, tg::base::release);
  tg::os::futex_wake_all(at);
  EXPECT_TRUE(sleeper.get());
}

TEST(futex, wakes_all_who_sleep_on_the_word) {
  word at{0};
  std::deque<sleep_mark> marks(3);
  std::vector<std::future<bool>> sleepers;
  for (sleep_mark& mark : marks) {
    sleepers.push_back(in_background([&] {
      mark.about_to_wait();
      return wait_while(at, 0);
    }));
  }
  for (const sleep_mark& mark : marks) EXPECT_TRUE(mark.wait_asleep());
  at.store(1, tg::base::release);
  tg::os::futex_wake_all(at);
  for (auto& sleeper : sleepers) EXPECT_TRUE(sleeper.get());
}

TEST(futex, wakes_one_at_a_time) {
  constexpr std::uint32_t sleepers = 3;
  word permits{0};
  std::vector<std::future<bool>> crowd;
  for (std::uint32_t i = 0; i < sleepers; ++i) {
    crowd.push_back(in_background([&] {
      for (const deadline_ns end = patience_end();;) {
        std::uint32_t seen = permits.load(tg::base::relaxed);
        if (seen != 0) {
          if (permits.compare_exchange(seen, seen - 1, tg::base::acquire, tg::base::relaxed)) return true;
        } else if (futex_wait(permits, 0, end) == wake_up::timed_out) {
          return false;
        }
      }
    }));
  }
  for (std::uint32_t i = 0; i < sleepers; ++i) {
    permits.fetch_add(1, tg::base::release);
    tg::os::futex_wake_one(permits);
  }
  for (auto& one : crowd) EXPECT_TRUE(one.get());
  EXPECT_EQ(permits.load(tg::base::seq_cst), 0u);
}

TEST(futex, hands_a_ball_to_and_fro) {
  constexpr std::uint32_t throws = 2'000;
  word ball{0};
  std::atomic<int> dropped{0};
  run_together(2, [&](std::size_t me) {
    for (auto i = static_cast<std::uint32_t>(me); i < throws; i += 2) {
      for (std::uint32_t seen = 0; (seen = ball.load(tg::base::acquire)) != i;) {
        if (!wait_while(ball, seen)) {
          ++dropped;
          return;
        }
      }
      ball.store(i + 1, tg::base::release);
      tg::os::futex_wake_one(ball);
    }
  });
  EXPECT_EQ(dropped.load(), 0);
  EXPECT_EQ(ball.load(tg::base::seq_cst), throws);
}

TEST(futex, keeps_errno) {
  const word at{5};
  errno = 1234;
  futex_wait(at, 4, for_ever);
  EXPECT_EQ(errno, 1234);
  futex_wait(at, 5, 0);
  EXPECT_EQ(errno, 1234);
  tg::os::futex_wake_one(at);
  tg::os::futex_wake_all(at);
  EXPECT_EQ(errno, 1234);
  errno = 0;
}

TEST(futex, may_be_woken_at_an_address_that_has_gone) {
  tg::os::memory_map map(4096);
  const auto& late = *reinterpret_cast<const word*>(map.data());
  map = tg::os::memory_map();
  ASSERT_EQ(map.data(), nullptr);
  // Only the address counts: a look behind it would end this process.
  errno = 1234;
  tg::os::futex_wake_all(late);
  EXPECT_EQ(errno, 1234);
  errno = 0;
}

}  // namespace

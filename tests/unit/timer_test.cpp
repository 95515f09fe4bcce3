// The timer: what is due fires once, in order, and whoever arms learns whether the housekeeper has to look.
#include "core/deadline/timer.h"
#include "tests/unit/crowd.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <vector>

namespace {

using namespace tg_test;
using tg::deadline::entry;
using tg::deadline::timer;
using tg::detail::deadline_ns;
using tg::detail::for_ever;

// A timer with one port, and what it has fired.
class timer_box {
 public:
  explicit timer_box(std::size_t expected = 16) : timer_(expected), port_(timer_.inbox()) {}

  bool arm(deadline_ns due, std::uint32_t place = 0, std::uint32_t depth = 1) {
    return timer_.arm(port_, {due, 1, place, depth});
  }
  deadline_ns collect(deadline_ns now) {
    return timer_.collect(
        now, [&](const entry& at) { fired_.push_back(at); },
        [&](const entry& at) {
          asked_.insert(at.place);
          return !ended_.contains(at.place);
        });
  }
  void end(std::uint32_t place) {
    ended_.insert(place);
    timer_.forget();
  }
  // The places that have fired since the last call, in order.
  std::vector<std::uint32_t> fired() {
    std::vector<std::uint32_t> out;
    for (const entry& at : fired_) out.push_back(at.place);
    fired_.clear();
    return out;
  }
  std::size_t asked_for() const { return asked_.size(); }

 private:
  timer timer_;
  timer::port port_;
  std::vector<entry> fired_;
  std::set<std::uint32_t> ended_;
  std::set<std::uint32_t> asked_;
};

using list = std::vector<std::uint32_t>;

TEST(timer, waits_for_ever_without_deadlines) {
  timer_box box;
  EXPECT_EQ(box.collect(1000), for_ever);
  EXPECT_EQ(box.fired(), list{});
}

TEST(timer, fires_what_is_due_and_tells_when_the_next_is) {
  timer_box box;
  box.arm(300, 3);
  box.arm(100, 1);
  box.arm(200, 2);
  EXPECT_EQ(box.collect(99), 100);
  EXPECT_EQ(box.fired(), list{});
  EXPECT_EQ(box.collect(100), 200);
  EXPECT_EQ(box.fired(), list{1});
  EXPECT_EQ(box.collect(100), 200);
  EXPECT_EQ(box.fired(), list{});
  EXPECT_EQ(box.collect(1000), for_ever);
  EXPECT_EQ(box.fired(), (list{2, 3}));
}

TEST(timer, fires_entries_whole) {
  timer timers(4);
  timer::port port(timers.inbox());
  static_cast<void>(timers.arm(port, {-5, 0x1234'5678'9abcu, 77, 9}));
  entry got{};
  timers.collect(
      0, [&](const entry& at) { got = at; }, [](const entry&) { return true; });
  EXPECT_EQ(got.due, -5);
  EXPECT_EQ(got.tenancy, 0x1234'5678'9abcu);
  EXPECT_EQ(got.place, 77u);
  EXPECT_EQ(got.depth, 9u);
}

TEST(timer, fires_ancestors_first_of_equal_deadlines) {
  timer_box box;
  for (const std::uint32_t depth : {4u, 1u, 3u, 5u, 2u}) box.arm(100, depth, depth);
  box.arm(99, 9, 9);
  EXPECT_EQ(box.collect(100), for_ever);
  EXPECT_EQ(box.fired(), (list{9, 1, 2, 3, 4, 5}));
}

TEST(timer, fires_any_number_in_order) {
  print_seed();
  random_source random;
  timer_box box(4);
  std::multiset<deadline_ns> left;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const auto due = static_cast<deadline_ns>(random.below(500));
    box.arm(due, static_cast<std::uint32_t>(due));
    left.insert(due);
  }
  for (deadline_ns now = 0; now < 500; now += 7) {
    std::vector<std::uint32_t> expected;
    while (!left.empty() && *left.begin() <= now) {
      expected.push_back(static_cast<std::uint32_t>(*left.begin()));
      left.erase(left.begin());
    }
    ASSERT_EQ(box.collect(now), left.empty() ? for_ever : *left.begin());
    ASSERT_EQ(box.fired(), expected);
  }
}

TEST(timer, asks_for_the_housekeeper_only_for_what_comes_before_its_next_look) {
  timer_box box;
  EXPECT_TRUE(box.arm(100));
  EXPECT_EQ(box.collect(0), 100);
  EXPECT_FALSE(box.arm(100));
  EXPECT_FALSE(box.arm(150));
  EXPECT_FALSE(box.arm(for_ever));
  EXPECT_TRUE(box.arm(99));
  EXPECT_EQ(box.collect(0), 99);
  EXPECT_EQ(box.collect(100), 150);
  EXPECT_FALSE(box.arm(160));
  EXPECT_TRUE(box.arm(149));
}

TEST(timer, asks_for_the_housekeeper_before_too_many_wait_to_be_taken_in) {
  timer_box box;
  EXPECT_TRUE(box.arm(1));
  EXPECT_EQ(box.collect(0), 1);
  int armed = 0;
  while (armed < 10'000 && !box.arm(1000)) ++armed;
  EXPECT_LT(armed, 10'000);
  EXPECT_GT(armed, 0);
  box.collect(0);
  EXPECT_FALSE(box.arm(1000));
}

TEST(timer, takes_in_what_is_armed_while_it_fires) {
  timer timers(16);
  timer::port port(timers.inbox());
  std::vector<std::uint32_t> fired;
  static_cast<void>(timers.arm(port, {10, 1, 0, 1}));
  const deadline_ns next = timers.collect(
      10,
      [&](const entry& at) {
        fired.push_back(at.place);
        if (at.place < 5) static_cast<void>(timers.arm(port, {10, 1, at.place + 1, 1}));
        if (at.place == 5) static_cast<void>(timers.arm(port, {20, 1, 6, 1}));
      },
      [](const entry&) { return true; });
  EXPECT_EQ(fired, (list{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(next, 20);
}

TEST(timer, tidies_forgotten_entries_when_they_are_many) {
  constexpr std::uint32_t entries = 1000;
  timer_box box;
  for (std::uint32_t i = 0; i < entries; ++i) box.arm(1000 + i, i);
  EXPECT_EQ(box.collect(0), 1000);
  box.end(0);
  EXPECT_EQ(box.collect(0), 1000);
  EXPECT_EQ(box.asked_for(), 0u);
  for (std::uint32_t i = 1; i < entries - 2; ++i) box.end(i);
  EXPECT_EQ(box.collect(0), 1000 + deadline_ns{entries} - 2);
  EXPECT_EQ(box.asked_for(), entries);
  EXPECT_EQ(box.collect(5000), for_ever);
  EXPECT_EQ(box.fired(), (list{entries - 2, entries - 1}));
}

TEST(timer, keeps_the_order_after_tidying) {
  timer_box box;
  for (std::uint32_t i = 0; i < 300; ++i) box.arm(1 + (i * 37) % 300, (i * 37) % 300);
  EXPECT_EQ(box.collect(0), 1);
  for (std::uint32_t i = 0; i < 300; ++i) {
    if (i % 10 != 0) box.end(i);
  }
  box.collect(0);
  box.collect(1000);
  list expected;
  for (std::uint32_t i = 0; i < 300; i += 10) expected.push_back(i);
  EXPECT_EQ(box.fired(), expected);
}

TEST(timer, fires_once_what_many_threads_arm) {
  constexpr std::size_t threads = 3;
  constexpr std::uint32_t each = 5'000;
  timer timers(16);
  std::vector<std::uint32_t> fired(threads * each, 0);
  std::atomic<std::size_t> arming{threads};
  std::size_t total = 0;
  run_together(threads + 1, [&](std::size_t me) {
    if (me < threads) {
      timer::port port(timers.inbox());
      for (std::uint32_t i = 0; i < each; ++i) {
        const auto place = static_cast<std::uint32_t>(me * each + i);
        static_cast<void>(timers.arm(port, {deadline_ns{i % 100}, 1, place, 1}));
      }
      --arming;
      return;
    }
    const auto collect = [&](deadline_ns now) {
      timers.collect(
          now,
          [&](const entry& at) {
            ++fired[at.place];
            ++total;
          },
          [](const entry&) { return true; });
    };
    for (deadline_ns now = 0; arming != 0; ++now) collect(now % 100);
    collect(100);
  });
  EXPECT_EQ(total, threads * each);
  EXPECT_EQ(std::set<std::uint32_t>(fired.begin(), fired.end()), std::set<std::uint32_t>{1});
}

}  // namespace

// Tasks come from threads that live only for a moment, from threads that stay, and while the limit changes.
#include "tests/support/accounting.h"
#include "tests/support/concurrency_meter.h"
#include "tests/support/stress.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;

TEST(producers, that_live_for_a_moment_lose_nothing) {
  const stress_box box;
  tg::group group("common");
  std::atomic<std::size_t> ran{0}, added{0};
  std::size_t threads = 0;
  random_source random;
  while (box.goes_on()) {
    const std::size_t wave = 1 + random.below(6);
    const std::size_t each = 1 + random.below(40);
    on_threads(wave, [&](std::size_t) {
      for (std::size_t i = 0; i < each; ++i) group.add_task([&ran] { ++ran; });
      added += each;
    });
    threads += wave;
  }
  print_reached("threads", threads);
  print_reached("tasks", added.load());
  expect_joins(group, {.succeeded = added.load()});
  expect_accounted(group, added.load());
  EXPECT_EQ(ran.load(), added.load());
}

TEST(producers, that_live_for_a_moment_may_make_groups_of_their_own) {
  const stress_box box;
  std::atomic<std::size_t> joined{0};
  std::size_t threads = 0;
  while (box.goes_on()) {
    on_threads(4, [&](std::size_t index) {
      tg::group group("own");
      for (std::size_t i = 0; i <= index; ++i) group.add_task([] {});
      if (group.join().succeeded == index + 1) ++joined;
    });
    threads += 4;
  }
  print_reached("threads", threads);
  EXPECT_EQ(joined.load(), threads);
}

TEST(producers, meet_a_limit_that_changes_live) {
  constexpr std::uint32_t highest = 6;
  constexpr std::size_t adders = 2;
  const stress_box box;
  tg::group group("limited", {.max_concurrent = highest, .max_pending = 500});
  concurrency_meter meter;
  std::atomic<std::size_t> added{0}, pauses{0}, changes{0}, refused{0};
  std::atomic<std::size_t> adding{adders};
  on_threads(adders + 1, [&](std::size_t index) {
    random_source random(index);
    if (index == adders) {
      while (adding != 0) {
        const auto limit = static_cast<std::uint32_t>(random.below(highest + 1));
        group.set_max_concurrent(limit);
        pauses += limit == 0 ? 1u : 0u;
        ++changes;
        spin(random.below(20'000));
      }
      return;
    }
    while (box.goes_on()) {
      const auto task = [&meter] { const concurrency_meter::visit here(meter); };
      const bool waits = random.one_in(2);
      const bool in = waits ? group.add_task(task) != 0 : group.try_add_task(task);
      ++(in ? added : refused);
    }
    --adding;
  });
  group.set_max_concurrent(highest);
  print_reached("tasks", added.load());
  print_reached("refused", refused.load());
  print_reached("changes of the limit", changes.load());
  print_reached("pauses", pauses.load());
  print_reached("most at once", meter.highest());
  expect_joins(group, {.succeeded = added.load()});
  EXPECT_LE(meter.highest(), highest);
  EXPECT_EQ(meter.visits(), added.load());
}

}  // namespace

// One task is added again and again to an idle group: it always runs, whether the workers are busy, going
// idle, asleep or gone. Nobody joins meanwhile, so only a worker can run it.
#include "tests/support/accounting.h"
#include "tests/support/stress.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

class lone_task : public testing::TestWithParam<std::chrono::microseconds> {};

// Some of the pauses are longer than the workers linger.
void pause_at_random(random_source& random, std::chrono::microseconds linger) {
  switch (random.below(8)) {
    case 0:
      std::this_thread::sleep_for(linger + 200us);
      break;
    case 1:
      std::this_thread::sleep_for(linger);
      break;
    case 2:
      std::this_thread::sleep_for(50us);
      break;
    default:
      spin(random.below(20'000));
  }
}

TEST_P(lone_task, always_runs) {
  const stress_box box;
  const auto linger = GetParam();
  tg::runtime machinery({.workers = 2, .linger = linger});
  std::atomic<std::size_t> runs_of_all{0};
  std::atomic<bool> stranded{false};
  on_threads(2, [&](std::size_t index) {
    random_source random(index);
    tg::group group("lone", {.max_concurrent = static_cast<std::uint32_t>(1 + index * 3), .on = &machinery});
    std::atomic<std::size_t> ran{0};
    std::size_t added = 0;
    while (box.goes_on() && !stranded) {
      group.add_task([&ran] { ++ran; });
      ++added;
      if (!eventually([&] { return ran == added; })) stranded = true;
      pause_at_random(random, linger);
    }
    EXPECT_EQ(ran.load(), added) << "a task was stranded";
    expect_joins(group, {.succeeded = added});
    runs_of_all += added;
  });
  print_reached("tasks that ran alone", runs_of_all.load());
  EXPECT_FALSE(stranded.load());
  EXPECT_GT(runs_of_all.load(), 0u);
}

INSTANTIATE_TEST_SUITE_P(linger, lone_task, testing::Values(0us, 100us, 5'000us),
                         [](const auto& tested) { return std::to_string(tested.param.count()) + "us"; });

TEST(lone_task, in_ever_other_groups_always_runs) {
  const stress_box box;
  tg::runtime machinery({.workers = 2, .linger = 100us});
  random_source random;
  std::vector<std::unique_ptr<tg::group>> groups;
  for (int i = 0; i < 50; ++i) {
    groups.push_back(std::make_unique<tg::group>("one of many", tg::group_options{.on = &machinery}));
  }
  std::atomic<std::size_t> ran{0};
  std::size_t added = 0;
  while (box.goes_on()) {
    for (std::size_t burst = 1 + random.below(3); burst != 0; --burst) {
      groups[random.below(groups.size())]->add_task([&ran] { ++ran; });
      ++added;
    }
    ASSERT_TRUE(eventually([&] { return ran == added; })) << "a task was stranded";
    pause_at_random(random, 100us);
  }
  std::size_t succeeded = 0;
  for (const auto& group : groups) succeeded += group->join().succeeded;
  print_reached("tasks", added);
  EXPECT_EQ(succeeded, added);
}

}  // namespace

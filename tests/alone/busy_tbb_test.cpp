// oneTBB's only worker is busy in the program's own arena: a worker that was asked of it never comes, and another
// thread has to stand in.
#include <threadgroup/threadgroup.h>

#include "tests/support/bounded.h"

#include <gtest/gtest.h>

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <atomic>

using namespace std::chrono_literals;

namespace {

class busy_tbb : public testing::Test {
 protected:
  void SetUp() override {
    own_.enqueue([this] {
      occupied_ = true;
      static_cast<void>(tg_test::eventually([this] { return released_.load(); }, 60s));
      left_ = true;
    });
    ASSERT_TRUE(tg_test::eventually([this] { return occupied_.load(); }));
  }
  void TearDown() override {
    released_ = true;
    EXPECT_TRUE(tg_test::eventually([this] { return left_.load(); }));
  }

 private:
  using control = oneapi::tbb::global_control;
  control one_worker_{control::max_allowed_parallelism, 2};
  oneapi::tbb::task_arena own_{2};
  std::atomic<bool> occupied_{false}, released_{false}, left_{false};
};

}  // namespace

TEST_F(busy_tbb, a_task_runs_although_the_worker_that_was_asked_for_never_comes) {
  tg::runtime machinery({.workers = 2});
  machinery.prewarm();
  std::atomic<bool> started{false}, go{false};
  tg::group first("first", {.on = &machinery}), second("second", {.on = &machinery});
  first.add_task([&] {
    started = true;
    EXPECT_TRUE(tg_test::eventually([&] { return go.load(); }));
  });
  ASSERT_TRUE(tg_test::eventually([&] { return started.load(); }));
  second.add_task([&] { go = true; });
  EXPECT_TRUE(second.join_for(tg_test::patience).complete);
  EXPECT_TRUE(first.join_for(tg_test::patience).complete);
}

TEST_F(busy_tbb, a_runtime_ends_although_the_worker_that_was_asked_for_never_comes) {
  for (int round = 0; round < 5; ++round) {
    tg::runtime machinery({.workers = 2});
    machinery.prewarm();
    tg::group group("short", {.on = &machinery});
    group.add_task([] {});
    EXPECT_EQ(group.join().succeeded, 1u);
  }
}

// The muster with the test as its housekeeper.
#include "core/arena/muster.h"

#include "core/task/this_thread.h"
#include "tests/support/bounded.h"

#include <gtest/gtest.h>

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace {

using tg_test::eventually;
using clock = std::chrono::steady_clock;

// The first thread that comes runs a task whose parallel algorithm oneTBB's two workers help with; these go on until a
// second thread comes. The first one waits for them in oneTBB, always awake.
class nested_algorithm {
 public:
  static void run(void* at) noexcept {
    auto& self = *static_cast<nested_algorithm*>(at);
    if (self.come.fetch_add(1) == 0)
      self.task();
    else
      self.release = true;
  }
  static void call(void* at) { ++static_cast<nested_algorithm*>(at)->calls; }

  std::atomic<int> come{0}, calls{0};
  std::atomic<bool> waiting{false}, release{false};

 private:
  void task() {
    const tg::task::acting_for somebody(static_cast<tg::detail::slot*>(static_cast<void*>(this)),
                                        tg::detail::never_set);
    const auto here = std::this_thread::get_id();
    const auto body = [&](int) {
      if (std::this_thread::get_id() == here) {
        EXPECT_TRUE(eventually([&] { return held_ == 2; }));
        stay_awake();
        waiting = true;
        return;
      }
      ++held_;
      EXPECT_TRUE(eventually([&] { return release.load(); }));
    };
    oneapi::tbb::parallel_for(0, 3, body, oneapi::tbb::simple_partitioner());
  }

  // Something to do again and again for who waits inside the arena.
  void stay_awake() {
    if (release || clock::now() > awake_until_) return;
    oneapi::tbb::this_task_arena::enqueue([this] { stay_awake(); });
  }

  std::atomic<int> held_{0};
  const clock::time_point awake_until_ = clock::now() + tg_test::patience;
};

}  // namespace

TEST(muster, sends_a_thread_of_its_own_for_a_request_that_a_task_has_picked_up) {
  nested_algorithm scene;
  tg::arena::muster threads({.workers = 2, .max_blocked = 4, .thread_name = "muster", .cpus = {}},
                            &nested_algorithm::run, &scene, &nested_algorithm::call, &scene);
  ASSERT_TRUE(threads.call_one());
  ASSERT_TRUE(eventually([&] { return scene.waiting.load(); }));

  EXPECT_FALSE(threads.call_one());
  static_cast<void>(threads.tend(tg::detail::now_ns(), true));
  EXPECT_TRUE(eventually([&] { return scene.calls == 1; })) << "the task has handed the request back";
  EXPECT_EQ(scene.come, 1);
  static_cast<void>(threads.tend(tg::detail::now_ns(), true));
  EXPECT_TRUE(eventually([&] { return scene.come == 2; }));
  EXPECT_EQ(threads.threads(), 2u);
  EXPECT_EQ(scene.calls, 1);
  scene.release = true;
}

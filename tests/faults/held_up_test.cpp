// A thread is held up in the middle of what others wait for, as if it had lost its processor: they sleep, and do not spend
// theirs on looking. What they wait for is a matter of a few instructions otherwise.
#include "tests/faults/injection/memory.h"
#include "tests/faults/small_runtime.h"
#include "tests/support/bounded.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <pthread.h>
#include <time.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

std::chrono::nanoseconds processor_time_of(std::thread& thread) {
  clockid_t clock{};
  timespec now{};
  EXPECT_EQ(::pthread_getcpuclockid(thread.native_handle(), &clock), 0);
  EXPECT_EQ(::clock_gettime(clock, &now), 0);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

thread_local bool is_to_be_held = false;

// Holds up one thread at its next request for memory.
class hold_up {
 public:
  hold_up() {
    current_ = this;
    on_request.store([] {
      if (!std::exchange(is_to_be_held, false)) return;
      current_->held_.open();
      static_cast<void>(current_->goes_on_.wait());
    });
  }
  hold_up(const hold_up&) = delete;
  hold_up& operator=(const hold_up&) = delete;
  ~hold_up() { on_request.store(nullptr); }

  [[nodiscard]] bool wait() const { return held_.wait(); }
  void let_go() { goes_on_.open(); }

 private:
  static inline hold_up* current_ = nullptr;
  gate held_;
  gate goes_on_;
};

// Whoever uses the runtime for the first time asks for memory of its own.
void use(small_runtime& runtime) {
  tg::group group("first use", runtime.with_limit(1));
  group.add_task([] {});
  group.join().throw_if_failed();
}

// `first` is held up at its first request for memory, and `second`, which waits for it, must sleep.
void expect_sleeps(small_runtime& runtime, const std::function<void()>& first,
                   const std::function<void()>& second) {
  constexpr std::chrono::nanoseconds span = 300ms;
  hold_up point;
  gate ready, begins, ended;
  std::thread waiter([&] {
    use(runtime);
    ready.open();
    static_cast<void>(begins.wait());
    second();
    ended.open();
  });
  EXPECT_TRUE(ready.wait());
  std::thread held([&] {
    use(runtime);
    is_to_be_held = true;
    first();
    EXPECT_FALSE(is_to_be_held) << "no memory was asked for";
  });
  EXPECT_TRUE(point.wait());
  // Only of the wait: what it does afterwards may take long.
  const auto before = processor_time_of(waiter);
  begins.open();
  std::this_thread::sleep_for(span);
  const auto spent = processor_time_of(waiter) - before;
  EXPECT_FALSE(ended.is_open()) << "did not wait";
  point.let_go();
  held.join();
  waiter.join();
  EXPECT_LT(spent.count(), span.count() / 4) << "nanoseconds of processor time in that wait";
}

// The report of failures is made while nobody else makes one of the same group.
TEST(held_up, who_waits_for_a_report_sleeps) {
  small_runtime runtime;
  tg::group group("failed", runtime.with_limit(1));
  group.add_task([] { throw std::runtime_error("told once"); });
  ASSERT_TRUE(eventually([&] { return group.stats().failed == 1; }));
  std::size_t by_first = 0;
  std::size_t by_second = 0;
  expect_sleeps(
      runtime, [&] { by_first = group.join().failed; }, [&] { by_second = group.join().failed; });
  EXPECT_EQ(by_first, 1u);
  EXPECT_EQ(by_second, 0u);
}

// A pool grows for one thread at a time.
TEST(held_up, who_waits_for_a_pool_to_grow_sleeps) {
  small_runtime runtime;
  tg::group group("many", {.max_concurrent = 0, .on = &*runtime});
  const auto add = [&] {
    for (int i = 0; i < 3'000; ++i) group.add_task([] {});
  };
  expect_sleeps(runtime, add, add);
  EXPECT_EQ(group.clear_pending_tasks(), 6'000u);
  static_cast<void>(group.join());
}

}  // namespace

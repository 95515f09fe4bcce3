// A worker yields its processor and gets it back late. Whom it would have told something has been told before.
#include "tests/faults/injection/yields.h"
#include "tests/faults/small_runtime.h"
#include "tests/support/hold.h"
#include "tests/support/sleeping.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

// Waits for the end of what a worker has done, and makes the first yield of that worker last until then.
class yield_until_joined {
 public:
  explicit yield_until_joined(tg::group& group)
      : joiner_([this, &group] { join(group); }), yields_(&stay, this) {
    EXPECT_TRUE(asleep_.wait_asleep());
  }
  ~yield_until_joined() { joiner_.join(); }

  // Of the calling thread, once the group's last task is about to end.
  void mark_worker() { worker_ = std::this_thread::get_id(); }
  [[nodiscard]] bool wait_yielded() const {
    return eventually([this] { return yielded_.load(); });
  }
  bool joined_meanwhile() const { return joined_meanwhile_; }

 private:
  void join(tg::group& group) {
    asleep_.about_to_wait();
    EXPECT_EQ(group.join().succeeded, 1u);
    joined_.open();
  }
  static void stay(void* context) {
    auto& self = *static_cast<yield_until_joined*>(context);
    if (self.worker_.load() != std::this_thread::get_id() || self.yielded_) return;
    self.joined_meanwhile_ = self.joined_.wait(patience / 4);
    self.yielded_ = true;
  }

  sleep_mark asleep_;
  gate joined_;
  std::atomic<std::thread::id> worker_{};
  std::atomic<bool> yielded_{false};
  std::atomic<bool> joined_meanwhile_{false};
  std::thread joiner_;
  const late_yields yields_;
};

void compute_for(std::chrono::microseconds span) {
  const auto end = std::chrono::steady_clock::now() + span;
  while (std::chrono::steady_clock::now() < end) {
  }
}

// The yield is to the task that waits: its thread may be back.
TEST(late_yield, after_a_groups_last_task_comes_after_its_joiners_wake) {
  small_runtime machinery;
  tg::group waits("waits", machinery.with_limit(1));
  waits.add_task([] { static_cast<void>(tg::this_task::event_aware_sleep(patience)); });
  ASSERT_TRUE(eventually([&] { return machinery->stats().blocked == 1; }));

  tg::group ends("ends", machinery.with_limit(1));
  hold begun;
  std::atomic<yield_until_joined*> joined{nullptr};
  ends.add_task([&, stay = begun.task()] {
    stay();
    joined.load()->mark_worker();
    compute_for(2ms);
  });
  ASSERT_TRUE(begun.wait_entered(1));
  {
    yield_until_joined yields(ends);
    joined = &yields;
    begun.release();
    ASSERT_TRUE(yields.wait_yielded()) << "nobody has yielded beside a task that waits";
    EXPECT_TRUE(yields.joined_meanwhile()) << "the joiner was told after the yield";
  }
  waits.set_event();
  expect_joins(waits, {.succeeded = 1});
}

}  // namespace

// A wake that comes late: between the change that lets a waiter go and the wake-up, the waiter has gone, and with it the
// group, the future or the callback, and its place has another tenant. The wake touches an address and nothing else.
#include "tests/faults/injection/waits.h"
#include "tests/faults/small_runtime.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

// Other threads that are about to wake somebody stay there until they are let go. The test's own thread wakes without
// delay, and its waits do not sleep, so that it needs nobody's wake.
class held_wakers {
 public:
  held_wakers()
      : awake_(wake_fault::interrupted, for_good, struck_waits::of::this_thread), late_(&before_wake, this) {}

  void begin() { holds_ = true; }
  bool is_held() const { return held_ != 0; }
  [[nodiscard]] bool wait_held() const {
    return eventually([this] { return is_held(); });
  }
  bool is_soon_held() const {
    return eventually([this] { return is_held(); }, 50ms);
  }
  // How often a wait of the test's thread has not slept.
  std::size_t strikes() const { return awake_.struck(); }
  void let_go() {
    holds_ = false;
    go_on_.open();
    EXPECT_TRUE(eventually([this] { return held_.load() == 0; }));
  }

 private:
  static void before_wake(void* context) {
    auto& self = *static_cast<held_wakers*>(context);
    if (!self.holds_ || std::this_thread::get_id() == self.owner_) return;
    ++self.held_;
    EXPECT_TRUE(self.go_on_.wait());
    --self.held_;
  }

  const std::thread::id owner_ = std::this_thread::get_id();
  std::atomic<bool> holds_{false};
  std::atomic<int> held_{0};
  gate go_on_;
  const struck_waits awake_;
  const late_wakes late_;
};

// The task that is running when the wakers begin to be held ends, and whoever waits for it is about to be woken.
struct ending_task {
  small_runtime machinery;
  std::optional<tg::group> group{std::in_place, "ends", machinery.with_limit(1)};
  hold held;
  held_wakers wakers;

  auto task() {
    return [run = held.task()] {
      run();
      return 1;
    };
  }
  // The next groups in the place, and the next task in the record.
  void use_again() {
    for (int i = 0; i < 3; ++i) {
      tg::group next("next", machinery.with_limit(1));
      next.add_task([] {});
      EXPECT_EQ(next.join().succeeded, 1u);
      expect_accounted(next, 1);
    }
  }
};

// Once the test's thread is in its wait.
void release_meanwhile(ending_task& at) {
  EXPECT_TRUE(eventually([&] { return at.wakers.strikes() > 10; }));
  at.held.release();
}

// Who waits for a group without sleeping is known to it most of the time only: whoever ends a task may look between.
template <class Scene>
void until_a_waker_is_held(Scene scene) {
  constexpr int most = 200;
  int tries = 1;
  while (tries < most && !testing::Test::HasFailure() && !scene()) ++tries;
  print_reached("scenes until a waker was held", static_cast<std::size_t>(tries));
  EXPECT_LT(tries, most) << "nobody was about to wake";
}

// wait(group) returns when the task has ended.
template <class Wait>
void after_a_wait(Wait wait) {
  until_a_waker_is_held([&] {
    ending_task at;
    at.group->add_task(at.task());
    EXPECT_TRUE(at.held.wait_entered(1));
    at.wakers.begin();
    std::thread releaser([&] { release_meanwhile(at); });
    wait(at.group);
    releaser.join();
    const bool held = at.wakers.is_soon_held();
    at.group.reset();
    at.use_again();
    at.wakers.let_go();
    return held;
  });
}

TEST(late_wake, of_a_joiner_whose_group_has_gone) {
  after_a_wait([](auto& group) { EXPECT_EQ(group->join().succeeded, 1u); });
}

TEST(late_wake, of_a_timed_joiner_whose_group_has_gone) {
  after_a_wait([](auto& group) { EXPECT_EQ(group->join_for(patience).succeeded, 1u); });
}

TEST(late_wake, of_a_condition_waiter_whose_group_has_gone) {
  after_a_wait([](auto& group) {
    EXPECT_EQ(group->wait_for_condition([] { return false; }, patience, 1h), tg::condition::drained);
  });
}

TEST(late_wake, of_who_has_ended_the_group) {
  after_a_wait([](auto& group) { group.reset(); });
}

TEST(late_wake, of_a_producer_whose_group_has_gone) {
  until_a_waker_is_held([] {
    ending_task at;
    at.group.emplace("bounded",
                     tg::group_options{.max_concurrent = 1, .max_pending = 0, .on = &*at.machinery});
    at.group->add_task(at.task());
    EXPECT_TRUE(at.held.wait_entered(1));
    at.wakers.begin();
    std::thread releaser([&] { release_meanwhile(at); });
    at.group->add_task([] {});
    releaser.join();
    const bool held = at.wakers.is_soon_held();
    // The worker that was about to wake serves the group: the rest is skipped here.
    at.group.reset();
    at.use_again();
    at.wakers.let_go();
    return held;
  });
}

TEST(late_wake, of_a_future_that_has_gone) {
  ending_task at;
  std::optional<tg::future<int>> result(at.group->submit(at.task()));
  ASSERT_TRUE(at.held.wait_entered(1));
  at.wakers.begin();
  std::thread releaser([&] { release_meanwhile(at); });
  EXPECT_EQ(result->get(), 1);
  releaser.join();
  ASSERT_TRUE(at.wakers.wait_held()) << "nobody was about to wake";
  result.reset();
  // Its record has another tenant now, and the group is not at rest: the task has not been counted.
  at.use_again();
  EXPECT_FALSE(at.group->join_for(0s).complete);
  at.wakers.let_go();
  expect_joins(*at.group, {.succeeded = 1});
  at.group.reset();
}

TEST(late_wake, of_a_sleeper_whose_group_has_gone_while_its_parent_is_being_set) {
  ending_task at;
  tg::group parent("parent", at.machinery.with_limit(1));
  std::optional<tg::group> child(std::in_place, parent, "child");
  at.wakers.begin();
  std::thread setter([&] {
    EXPECT_TRUE(eventually([&] { return at.wakers.strikes() > 10; }));
    parent.set_event();
  });
  child->event().wait();
  ASSERT_TRUE(at.wakers.wait_held()) << "nobody was about to wake";
  child.reset();
  at.use_again();
  at.wakers.let_go();
  setter.join();
  EXPECT_TRUE(parent.event().is_set());
}

TEST(late_wake, of_a_callback_that_has_gone) {
  ending_task at;
  gate go_on;
  std::atomic<bool> inside{false};
  auto callback = std::make_unique<tg::event_callback<std::function<void()>>>(*at.group, [&] {
    inside = true;
    EXPECT_TRUE(go_on.wait());
  });
  std::thread setter([&] { at.group->set_event(); });
  ASSERT_TRUE(eventually([&] { return inside.load(); }));
  at.wakers.begin();
  std::thread opener([&] {
    EXPECT_TRUE(eventually([&] { return at.wakers.strikes() > 10; }));
    go_on.open();
  });
  callback.reset();
  ASSERT_TRUE(at.wakers.wait_held()) << "nobody was about to wake";
  opener.join();
  callback = std::make_unique<tg::event_callback<std::function<void()>>>(*at.group, [] {});
  callback.reset();
  at.wakers.let_go();
  setter.join();
}

}  // namespace

// Promise: the library works in static constructors and destructors, before main begins and after it has
// ended.
#include "tests/support/bounded.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace {

bool works() {
  tg::group group("static");
  std::atomic<int> ran{0};
  for (int i = 0; i < 50; ++i) group.add_task([&ran] { ++ran; });
  auto result = group.submit([] {
    tg::group inner("inner");
    inner.add_task([] {});
    return inner.join().succeeded;
  });
  const bool answered = result.get() == 1;
  const tg::join_report report = group.join_for(tg_test::patience);
  group.set_event();
  return report.complete && report.succeeded == 51 && ran == 50 && answered && group.event().is_set();
}

// Uses the library as long as the process lives.
class user {
 public:
  explicit user(const char* when) : when_(when), worked_(works()) {}
  user(const user&) = delete;
  user& operator=(const user&) = delete;
  // Nobody else can report a failure after main has ended.
  ~user() {
    ::alarm(60);
    if (works()) return;
    std::fprintf(stderr, "the library does not work in the destructor of %s\n", when_);
    std::_Exit(1);
  }
  bool worked() const { return worked_; }

 private:
  const char* when_;
  const bool worked_;
};

user before_all("a static object");
tg::group long_lived("as old as the process");
user after_the_group("a static object that was made after a static group");

TEST(static_use, works_in_constructors_before_main) {
  EXPECT_TRUE(before_all.worked());
  EXPECT_TRUE(after_the_group.worked());
}

TEST(static_use, gives_groups_that_live_as_long_as_the_process) {
  std::atomic<int> ran{0};
  for (int i = 0; i < 10; ++i) long_lived.add_task([&ran] { ++ran; });
  const tg::join_report report = long_lived.join_for(tg_test::patience);
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.succeeded, 10u);
  EXPECT_EQ(ran.load(), 10);
}

TEST(static_use, of_a_group_in_a_function_ends_after_main) {
  static user in_function("a static object of a function");
  EXPECT_TRUE(in_function.worked());
}

TEST(static_use, leaves_tasks_that_still_sleep_at_exit_to_the_destructor_of_their_group) {
  long_lived.add_task([] {
    const bool slept_all = tg::this_task::event_aware_sleep(std::chrono::hours(1));
    if (slept_all) std::_Exit(1);
  });
  EXPECT_TRUE(tg_test::eventually([] { return long_lived.stats().running == 1; }));
}

}  // namespace

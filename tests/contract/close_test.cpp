// Promise: close() is permanent, not inherited, and lets what was added before end as it would. (group.h,
// close)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <string>
#include <vector>

namespace {

using namespace tg_test;

void expect_refuses(tg::group& group) {
  EXPECT_TRUE(group.closed());
  EXPECT_THROW(group.add_task([] {}), tg::group_closed);
  EXPECT_THROW(group.submit([] {}), tg::group_closed);
  EXPECT_FALSE(group.try_add_task([] {}));
}

TEST(close, refuses_all_that_comes_later) {
  tg::group group("closed");
  EXPECT_FALSE(group.closed());
  group.close();
  expect_refuses(group);
  group.close();
  expect_refuses(group);
  expect_joins(group, {});
  expect_accounted(group, 0);
}

TEST(close, names_the_group_in_the_error) {
  tg::group group("the closed one");
  group.close();
  try {
    group.add_task([] {});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const tg::error& error) {
    EXPECT_NE(std::string(error.what()).find("the closed one"), std::string::npos) << error.what();
  }
}

TEST(close, lets_queued_and_running_tasks_end) {
  tg::group group("closing", {.max_concurrent = 1});
  std::atomic<int> ran{0};
  hold held;
  group.add_task(held.task());
  for (int i = 0; i < 10; ++i) group.add_task([&] { ++ran; });
  group.close();
  expect_refuses(group);
  held.release();
  expect_joins(group, {.succeeded = 11});
  EXPECT_EQ(ran, 10);
  EXPECT_FALSE(group.event().is_set()) << "closing is not setting the event";
  expect_accounted(group, 11);
}

TEST(close, outlasts_joins_and_resets) {
  tg::group group("for ever");
  group.close();
  expect_joins(group, {});
  group.set_event();
  EXPECT_TRUE(group.reset_event());
  expect_refuses(group);
}

TEST(close, is_not_inherited) {
  tg::group parent("parent");
  tg::group child(parent, "child");
  parent.close();
  tg::group later(parent, "born later");
  for (tg::group* under : {&child, &later}) {
    EXPECT_FALSE(under->closed());
    under->add_task([] {});
    expect_joins(*under, {.succeeded = 1});
  }
}

TEST(close, holds_for_the_groups_own_tasks_too) {
  tg::group group("own");
  group.add_task([&] {
    group.close();
    expect_refuses(group);
  });
  expect_joins(group, {.succeeded = 1});
  expect_accounted(group, 1);
}

TEST(close, loses_no_task_that_came_before) {
  for (int round = 0; round < 50; ++round) {
    tg::group group("race");
    std::atomic<std::size_t> added{0}, ran{0};
    std::vector<std::future<void>> producers;
    for (int i = 0; i < 3; ++i) {
      producers.push_back(in_background([&] {
        try {
          for (;;) {
            group.add_task([&] { ++ran; });
            ++added;
          }
        } catch (const tg::group_closed&) {
        }
      }));
    }
    ASSERT_TRUE(eventually([&] { return added > 10; }));
    group.close();
    for (auto& producer : producers) ASSERT_TRUE(finishes(producer));
    expect_joins(group, {.succeeded = added});
    EXPECT_EQ(ran, added);
    expect_accounted(group, added);
  }
}

}  // namespace

// Promise: an event_view is a trivially copyable pointer to a group's event; a default one, and this_event()
// outside tasks, is never set; later use touches no freed memory; after the end of its runtime it reads set. (event.h)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/fresh_process.h"
#include "tests/support/sleeping.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

static_assert(std::is_trivially_copyable_v<tg::event_view>);
static_assert(sizeof(tg::event_view) == sizeof(void*));
static_assert(noexcept(std::declval<const tg::event_view&>().is_set()));

TEST(event_view, of_a_group_follows_its_event_and_so_do_copies) {
  tg::group root("root");
  tg::group child(root, "child");
  const tg::event_view view = child.event();
  tg::event_view copy;
  copy = view;
  EXPECT_FALSE(view.is_set());
  EXPECT_FALSE(copy.is_set());
  root.set_event();
  EXPECT_TRUE(view.is_set());
  EXPECT_TRUE(copy.is_set());
}

TEST(event_view, by_default_and_outside_tasks_is_never_set) {
  tg::group group("set");
  group.set_event();
  tg::set_all_events();
  EXPECT_FALSE(tg::event_view().is_set());
  EXPECT_FALSE(tg::this_task::this_event().is_set());
  EXPECT_TRUE(tg::event_view().sleep_for(0ms));
  EXPECT_TRUE(tg::this_task::this_event().sleep_for(1ms));
}

TEST(event_view, taken_inside_a_task_works_on_another_thread) {
  tg::group group("home");
  auto passed_on = group.submit([] { return tg::this_task::this_event(); });
  const tg::event_view view = passed_on.get();
  sleep_mark mark;
  auto sleeper = in_background([&] {
    mark.about_to_wait();
    return view.sleep_for(1h);
  });
  EXPECT_TRUE(mark.wait_asleep());
  EXPECT_TRUE(group.set_event());
  EXPECT_FALSE(sleeper.get());
  expect_joins(group, {.succeeded = 1});
}

TEST(event_view, wait_returns_when_the_event_is_set) {
  tg::group root("root");
  tg::group child(root, "child");
  sleep_mark mark;
  auto waiter = in_background([&] {
    mark.about_to_wait();
    child.event().wait();
    return child.event().is_set();
  });
  EXPECT_TRUE(mark.wait_asleep());
  EXPECT_TRUE(root.set_event());
  ASSERT_TRUE(finishes(waiter));
  EXPECT_TRUE(waiter.get());
}

TEST(event_view, wait_returns_at_once_if_the_event_is_set) {
  tg::group group("set");
  group.set_event();
  auto waiter = in_background([&] { group.event().wait(); });
  EXPECT_TRUE(finishes(waiter));
}

// Whether it touches freed memory is seen by a crash, and by the sanitizers.
class dead_event_view : public fresh_process {
 protected:
  static constexpr std::size_t count = 5'000;  // more groups than the runtime below is sized for

  static std::size_t count_set(const std::vector<tg::event_view>& views) {
    return static_cast<std::size_t>(
        std::count_if(views.begin(), views.end(), [](const tg::event_view& view) { return view.is_set(); }));
  }

  // Views of groups that are gone; half of them were set.
  static std::vector<tg::event_view> views_of_dead_groups(tg::runtime& machinery) {
    std::vector<std::unique_ptr<tg::group>> groups;
    std::vector<tg::event_view> views;
    for (std::size_t i = 0; i < count; ++i) {
      groups.push_back(std::make_unique<tg::group>("", tg::group_options{.on = &machinery}));
      views.push_back(groups.back()->event());
      if (i % 2 == 0) groups.back()->set_event();
    }
    return holds(count_set(views) == count / 2, "half of the living groups read set")
               ? views
               : std::vector<tg::event_view>();
  }
};

TEST_F(dead_event_view, may_be_read_after_its_group) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    tg::runtime machinery({.workers = 1, .group_records = 64});
    const auto views = views_of_dead_groups(machinery);
    return views.size() == count && count_set(views) <= count;
  });
}

TEST_F(dead_event_view, may_be_read_after_its_runtime) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    std::optional<tg::runtime> machinery(std::in_place,
                                         tg::runtime_options{.workers = 1, .group_records = 64});
    const auto views = views_of_dead_groups(*machinery);
    machinery.reset();
    return views.size() == count && count_set(views) == count;
  });
}

// Whoever could set the event is gone, and with it the runtime's own memory.
TEST_F(dead_event_view, is_not_waited_for_after_its_runtime) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    std::optional<tg::runtime> machinery(std::in_place,
                                         tg::runtime_options{.workers = 1, .group_records = 64});
    const auto views = views_of_dead_groups(*machinery);
    machinery.reset();
    for (const tg::event_view& view : views) {
      view.wait();
      if (!holds(!view.sleep_for(1h), "a sleep after the end is over at once")) return false;
    }
    return views.size() == count;
  });
}

TEST_F(dead_event_view, is_not_slept_on_beyond_the_end_of_its_runtime) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    std::optional<tg::runtime> machinery(std::in_place, tg::runtime_options{.workers = 1});
    std::optional<tg::group> group(std::in_place, "short", tg::group_options{.on = &*machinery});
    sleep_mark mark;
    auto sleeper = in_background([&, view = group->event()] {
      mark.about_to_wait();
      return view.sleep_for(1h);
    });
    if (!holds(mark.wait_asleep(), "it sleeps")) return false;
    group.reset();
    machinery.reset();
    return holds(finishes(sleeper), "it wakes") && holds(!sleeper.get(), "and hears of an event");
  });
}

}  // namespace

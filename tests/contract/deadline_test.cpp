// Promise: on expiry the group that states a deadline sets its event with cause deadline and itself as
// origin, ancestors first; the effective deadline is the earliest of its own and all ancestors'; a past one:
// born set; detached groups inherit none. (event.h, group.h)
#include "tests/support/accounting.h"
#include "tests/support/tree.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;
using tg::event_cause;

bool becomes_set(const tg::group& group) {
  return eventually([&] { return group.event().is_set(); });
}

void expect_expired(const tg::group& group, std::uint64_t origin) {
  const tg::event_state state = group.state();
  EXPECT_TRUE(state.set);
  EXPECT_EQ(state.cause, event_cause::deadline);
  EXPECT_EQ(state.origin, origin);
}

TEST(deadline, sets_the_event_of_the_group_and_its_descendants_and_not_before_its_time) {
  const auto when = steady_clock::now() + 50ms;
  tg::group root("root", {.deadline = when});
  tg::group child(root, "child");
  tg::group grandchild(child, "grandchild");
  EXPECT_TRUE(becomes_set(grandchild));
  EXPECT_GE(steady_clock::now(), when);
  EXPECT_TRUE(becomes_set(root));
  for (const tg::group* group : {&root, &child, &grandchild}) expect_expired(*group, root.id());
}

TEST(deadline, of_a_child_leaves_the_parent_alone) {
  tg::group root("root");
  tg::group child(root, "child", {.deadline = steady_clock::now() + 10ms});
  tg::group sibling(root, "sibling");
  EXPECT_TRUE(becomes_set(child));
  expect_expired(child, child.id());
  EXPECT_FALSE(root.event().is_set());
  EXPECT_FALSE(sibling.event().is_set());
}

TEST(deadline, that_an_ancestor_states_earlier_counts_before_a_later_one_of_its_own) {
  const auto when = steady_clock::now() + 20ms;
  tg::group root("root", {.deadline = when});
  tg::group child(root, "child", {.deadline = when + 1h});
  EXPECT_TRUE(becomes_set(child));
  expect_expired(child, root.id());
}

TEST(deadline, of_its_own_that_is_earlier_than_its_ancestors_counts) {
  const auto when = steady_clock::now() + 20ms;
  tg::group root("root", {.deadline = when + 1h});
  tg::group child(root, "child", {.deadline = when});
  EXPECT_TRUE(becomes_set(child));
  expect_expired(child, child.id());
  EXPECT_FALSE(root.event().is_set());
}

TEST(deadline, of_an_ancestor_goes_first_when_both_have_passed) {
  for (int round = 0; round < 20; ++round) {
    const auto when = steady_clock::now() + 5ms;
    tg::group root("root", {.deadline = when});
    tg::group child(root, "child", {.deadline = when});
    EXPECT_TRUE(becomes_set(child));
    expect_expired(child, root.id());
  }
}

TEST(deadline, in_the_past_lets_the_group_be_born_set) {
  for (const auto when : {steady_clock::now(), steady_clock::now() - 1ns, steady_clock::now() - 1h,
                          steady_clock::time_point(), steady_clock::time_point::min()}) {
    tg::group root("root");
    const tg::group child(root, "child", {.deadline = when});
    expect_expired(child, child.id());
    EXPECT_FALSE(root.event().is_set());
  }
}

TEST(deadline, that_has_passed_sets_children_that_are_born_later) {
  tg::group root("root", {.deadline = steady_clock::now() - 1s});
  tg::group child(root, "child");
  const tg::group grandchild(child, "grandchild", {.deadline = steady_clock::now() - 1h});
  expect_expired(child, root.id());
  expect_expired(grandchild, root.id());
}

TEST(deadline, of_the_greatest_time_never_comes) {
  tg::group group("never", {.deadline = steady_clock::time_point::max()});
  EXPECT_FALSE(group.event().is_set());
  tg::group other("other", {.deadline = steady_clock::now() + 10ms});
  EXPECT_TRUE(becomes_set(other));
  EXPECT_FALSE(group.event().is_set());
  group.add_task([] {});
  expect_joins(group, {.succeeded = 1});
}

TEST(deadline, is_inherited_by_groups_made_in_tasks_and_not_by_detached_ones) {
  tg::group root("root", {.deadline = steady_clock::now() + 50ms});
  struct made_inside {
    tg::group child{"child"};
    tg::group loose{"loose", {.parent = tg::parent_policy::detached}};
  };
  auto task = root.submit([] { return std::make_unique<made_inside>(); });
  if (!task.wait_for(patience) || task.kind() != tg::outcome_kind::value) {
    GTEST_SKIP() << "the deadline passed before the task could start";
  }
  const auto made = task.get();
  EXPECT_TRUE(becomes_set(made->child));
  expect_expired(made->child, root.id());
  EXPECT_FALSE(made->loose.event().is_set());
  tg::group late("late", {.deadline = steady_clock::now() + 10ms});
  EXPECT_TRUE(becomes_set(late));
  EXPECT_FALSE(made->loose.event().is_set());
}

TEST(deadline, is_inherited_through_groups_that_have_gone) {
  tg::group root("root", {.deadline = steady_clock::now() + 50ms});
  auto middle = std::make_unique<tg::group>(root, "middle");
  tg::group leaf(*middle, "leaf");
  middle.reset();
  EXPECT_TRUE(becomes_set(leaf));
  expect_expired(leaf, root.id());
}

TEST(deadline, leaves_an_earlier_cause_in_place) {
  tg::group group("earlier", {.deadline = steady_clock::now() + 30ms});
  const bool first = group.set_event(event_cause::failure);
  tg::group later("later", {.deadline = steady_clock::now() + 60ms});
  EXPECT_TRUE(becomes_set(later));
  EXPECT_EQ(group.state().cause, first ? event_cause::failure : event_cause::deadline);
}

// Its event was set for another reason while it lived; who was re-armed since then hears of the deadline alone.
TEST(deadline, of_a_group_that_has_gone_is_the_cause_in_descendants_that_were_reset_since) {
  auto parent =
      std::make_unique<tg::group>("parent", tg::group_options{.deadline = steady_clock::now() + 1s});
  const std::uint64_t origin = parent->id();
  tg::group child(*parent, "child");
  parent->set_event(event_cause::requested);
  parent.reset();
  if (!child.reset_event()) GTEST_SKIP() << "the deadline passed before the reset";
  const tg::group grandchild(child, "grandchild");
  EXPECT_TRUE(becomes_set(grandchild));
  expect_expired(child, origin);
  expect_expired(grandchild, origin);
}

TEST(deadline, wakes_sleeping_tasks_and_skips_queued_ones) {
  tg::group group("busy", {.max_concurrent = 2, .deadline = steady_clock::now() + 100ms});
  constexpr std::size_t count = 20;
  std::atomic<std::size_t> began{0};
  for (std::size_t i = 0; i < count; ++i) {
    group.add_task([&began] {
      ++began;
      EXPECT_FALSE(tg::this_task::event_aware_sleep(1h));
      EXPECT_TRUE(tg::this_task::event_set());
    });
  }
  const tg::join_report report = group.join();
  EXPECT_LE(report.succeeded, 2u);
  EXPECT_EQ(report.succeeded, began.load());
  EXPECT_EQ(report.succeeded + report.skipped, count);
  expect_accounted(group, count);
  expect_expired(group, group.id());
}

TEST(deadline, ends_a_wait_for_a_condition) {
  tg::group group("condition", {.deadline = steady_clock::now() + 30ms});
  group.add_task([] { EXPECT_FALSE(tg::this_task::event_aware_sleep(1h)); });
  EXPECT_EQ(group.wait_for_condition([] { return false; }, 1h, 1h), tg::condition::event_set);
  const tg::join_report report = group.join();
  EXPECT_EQ(report.succeeded + report.skipped, 1u);
}

TEST(deadline, of_groups_that_end_before_it_does_nothing_to_those_that_come_after) {
  constexpr int count = 5'000;
  const auto soon = steady_clock::now() + 100ms;
  for (int i = 0; i < count; ++i) {
    const tg::group far("far", {.deadline = steady_clock::now() + 1h});
    const tg::group near("near", {.deadline = soon});
  }
  std::vector<std::unique_ptr<tg::group>> tenants;
  for (int i = 0; i < 100; ++i) tenants.push_back(std::make_unique<tg::group>("tenant"));
  tg::group last("last", {.deadline = soon + 20ms});
  EXPECT_TRUE(becomes_set(last));
  for (const auto& tenant : tenants) EXPECT_FALSE(tenant->event().is_set());
}

TEST(deadline, of_thousands_of_living_groups_all_come) {
  constexpr int count = 3'000;
  std::vector<std::unique_ptr<tg::group>> groups;
  const auto base = steady_clock::now() + 50ms;
  for (int i = 0; i < count; ++i) {
    groups.push_back(std::make_unique<tg::group>(
        "one", tg::group_options{.deadline = base + std::chrono::microseconds(i * 7919 % 20'000)}));
  }
  for (int i = 0; i < count; i += 3) groups[static_cast<std::size_t>(i)].reset();
  for (const auto& group : groups) {
    if (group == nullptr) continue;
    EXPECT_TRUE(becomes_set(*group));
    expect_expired(*group, group->id());
  }
}

TEST(deadline, that_is_earlier_than_all_before_it_is_not_late_behind_them) {
  std::vector<std::unique_ptr<tg::group>> far;
  for (int i = 0; i < 10; ++i) {
    far.push_back(
        std::make_unique<tg::group>("far", tg::group_options{.deadline = steady_clock::now() + 1h}));
  }
  tg::group near("near", {.deadline = steady_clock::now() + 10ms});
  EXPECT_TRUE(becomes_set(near));
  for (const auto& group : far) EXPECT_FALSE(group->event().is_set());
}

}  // namespace

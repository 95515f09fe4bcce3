// Promise: when set_event() returns, every descendant that was alive reads set, also when it returns false;
// the first cause wins; a child of a set group is born set. (event.h)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/tree.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <array>
#include <atomic>
#include <latch>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using tg::event_cause;

void expect_set(const tg::event_state& state, event_cause cause, std::uint64_t origin) {
  EXPECT_TRUE(state.set);
  EXPECT_EQ(state.cause, cause) << to_string(state.cause);
  EXPECT_EQ(state.origin, origin);
}

class event_depth : public testing::TestWithParam<std::size_t> {};

TEST_P(event_depth, the_whole_subtree_reads_set_with_one_cause_and_origin) {
  group_tree tree(GetParam(), 3);
  EXPECT_EQ(tree.count_set(), 0u);
  EXPECT_TRUE(tree.root().set_event());
  for (std::size_t node = 0; node < tree.size(); ++node) {
    EXPECT_TRUE(tree[node].event().is_set()) << "node " << node;
    expect_set(tree[node].state(), event_cause::requested, tree.root().id());
  }
}

TEST_P(event_depth, a_call_that_comes_second_returns_false_after_the_whole_subtree_reads_set) {
  constexpr int rounds = 50;
  for (int round = 0; round < rounds; ++round) {
    group_tree tree(GetParam(), 3);
    std::latch together(2);
    std::atomic<int> firsts{0};
    const auto set_and_look = [&] {
      together.arrive_and_wait();
      firsts += tree.root().set_event() ? 1 : 0;
      return tree.all_set();
    };
    auto other = in_background(set_and_look);
    EXPECT_TRUE(set_and_look());
    EXPECT_TRUE(other.get());
    EXPECT_EQ(firsts.load(), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(levels, event_depth, testing::Values(0u, 1u, 2u, 3u, 5u));

TEST(event_reach, a_long_chain_is_set_to_its_end) {
  group_tree chain(500, 1);
  EXPECT_TRUE(chain.root().set_event());
  EXPECT_TRUE(chain.all_set());
}

TEST(event_reach, nothing_outside_the_subtree_is_touched) {
  group_tree tree(3, 3);
  group_tree stranger(2, 2);
  for (const std::size_t top : {std::size_t{2}, std::size_t{7}, tree.size() - 1}) {
    group_tree one(3, 3);
    EXPECT_TRUE(one[top].set_event());
    for (std::size_t node = 0; node < one.size(); ++node) {
      EXPECT_EQ(one[node].event().is_set(), one.is_within(node, top)) << "node " << node << " top " << top;
    }
  }
  EXPECT_EQ(tree.count_set(), 0u);
  EXPECT_EQ(stranger.count_set(), 0u);
}

TEST(event_reach, the_first_cause_and_origin_win) {
  tg::group group("first");
  EXPECT_TRUE(group.set_event(event_cause::failure));
  EXPECT_FALSE(group.set_event(event_cause::shutdown));
  EXPECT_FALSE(group.set_event());
  expect_set(group.state(), event_cause::failure, group.id());
}

TEST(event_reach, a_subtree_that_was_set_before_keeps_its_cause_and_the_rest_takes_the_later_one) {
  group_tree tree(3, 2);
  constexpr std::size_t middle = 2;
  EXPECT_TRUE(tree[middle].set_event(event_cause::failure));
  EXPECT_TRUE(tree.root().set_event(event_cause::shutdown));
  for (std::size_t node = 0; node < tree.size(); ++node) {
    const bool early = tree.is_within(node, middle);
    expect_set(tree[node].state(), early ? event_cause::failure : event_cause::shutdown,
               early ? tree[middle].id() : tree.root().id());
  }
}

TEST(event_reach, an_ancestors_later_set_goes_through_a_set_group_to_what_is_below) {
  tg::group root("root");
  tg::group middle(root, "middle");
  tg::group leaf(middle, "leaf");
  EXPECT_TRUE(leaf.set_event());
  EXPECT_FALSE(middle.event().is_set());
  EXPECT_TRUE(middle.set_event(event_cause::failure));
  EXPECT_TRUE(root.set_event(event_cause::shutdown));
  expect_set(root.state(), event_cause::shutdown, root.id());
  expect_set(middle.state(), event_cause::failure, middle.id());
  expect_set(leaf.state(), event_cause::requested, leaf.id());
}

class event_cause_given : public testing::TestWithParam<event_cause> {};

TEST_P(event_cause_given, is_the_cause_that_is_seen_and_none_and_cleared_count_as_requested) {
  const event_cause given = GetParam();
  const bool no_cause = given == event_cause::none || given == event_cause::cleared;
  tg::group group("cause");
  EXPECT_TRUE(group.set_event(given));
  expect_set(group.state(), no_cause ? event_cause::requested : given, group.id());
}

INSTANTIATE_TEST_SUITE_P(all, event_cause_given,
                         testing::Values(event_cause::none, event_cause::requested,
                                         event_cause::condition_met, event_cause::failure,
                                         event_cause::deadline, event_cause::abandoned, event_cause::shutdown,
                                         event_cause::cleared),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST(event_state, of_a_group_whose_event_is_unset_has_no_cause) {
  const tg::group group("unset");
  EXPECT_FALSE(group.event().is_set());
  EXPECT_FALSE(group.state().set);
  EXPECT_EQ(group.state().cause, event_cause::none);
}

TEST(event_state, is_one_consistent_snapshot_while_two_setters_compete) {
  for (int round = 0; round < 300; ++round) {
    tg::group root("root");
    tg::group child(root, "child");
    std::latch together(3);
    auto setter = [&](tg::group& group, event_cause cause) {
      return in_background([&group, cause, &together] {
        together.arrive_and_wait();
        group.set_event(cause);
      });
    };
    auto high = setter(root, event_cause::shutdown);
    auto low = setter(child, event_cause::failure);
    together.arrive_and_wait();
    tg::event_state seen = child.state();
    const auto is_whole = [&] {
      if (!seen.set) return seen.cause == event_cause::none;
      return (seen.cause == event_cause::shutdown && seen.origin == root.id()) ||
             (seen.cause == event_cause::failure && seen.origin == child.id());
    };
    EXPECT_TRUE(eventually([&] {
      seen = child.state();
      EXPECT_TRUE(is_whole()) << to_string(seen.cause) << " of " << seen.origin;
      return seen.set;
    }));
    high.get();
    low.get();
    const tg::event_state last = child.state();
    EXPECT_EQ(last.cause, seen.cause);
    EXPECT_EQ(last.origin, seen.origin);
  }
}

TEST(event_birth, a_child_of_a_set_group_is_born_set_with_the_same_cause_and_origin) {
  tg::group root("root");
  EXPECT_TRUE(root.set_event(event_cause::failure));
  tg::group child(root, "child");
  tg::group grandchild(child, "grandchild");
  expect_set(child.state(), event_cause::failure, root.id());
  expect_set(grandchild.state(), event_cause::failure, root.id());
  EXPECT_FALSE(child.set_event(event_cause::shutdown));
}

TEST(event_birth, a_group_made_in_a_task_of_a_set_group_is_born_set) {
  tg::group root("root", {.on_event = tg::pending_policy::run});
  EXPECT_TRUE(root.set_event(event_cause::shutdown));
  auto born = root.submit([] {
    const tg::group inner("inner");
    return inner.state();
  });
  expect_set(born.get(), event_cause::shutdown, root.id());
  expect_joins(root, {.succeeded = 1});
}

TEST(event_birth, a_root_made_beside_a_set_group_is_unset) {
  tg::group root("root");
  EXPECT_TRUE(root.set_event());
  const tg::group other("other");
  EXPECT_FALSE(other.event().is_set());
}

TEST(event_check, inside_a_task_sees_the_set_of_the_group_and_of_every_ancestor) {
  for (const std::size_t set_at : {0u, 1u, 2u}) {
    std::array<std::unique_ptr<tg::group>, 3> line;
    line[0] = std::make_unique<tg::group>("root");
    line[1] = std::make_unique<tg::group>(*line[0], "middle");
    line[2] = std::make_unique<tg::group>(*line[1], "leaf");
    std::atomic<int> began{0};
    constexpr std::size_t count = 4;
    for (std::size_t i = 0; i < count; ++i) {
      line[2]->add_task([&began] {
        ++began;
        EXPECT_TRUE(eventually([] { return tg::this_task::event_set(); }));
        EXPECT_TRUE(tg::this_task::this_event().is_set());
      });
    }
    ASSERT_TRUE(eventually([&] { return began >= 1; }));
    EXPECT_TRUE(line[set_at]->set_event());
    const tg::join_report report = line[2]->join();
    EXPECT_GE(report.succeeded, 1u);
    EXPECT_EQ(report.succeeded, static_cast<std::size_t>(began.load()));
    EXPECT_EQ(report.succeeded + report.skipped, count);
    expect_accounted(*line[2], count);
  }
}

TEST(event_check, what_happened_before_the_set_is_visible_after_a_check_that_sees_it) {
  for (int round = 0; round < 200; ++round) {
    tg::group root("root");
    tg::group child(root, "child");
    int plain = 0;
    auto reader = in_background([&plain, view = child.event()] {
      EXPECT_TRUE(eventually([&] { return view.is_set(); }));
      return plain;
    });
    plain = 42;
    root.set_event();
    EXPECT_EQ(reader.get(), 42);
  }
}

TEST(event_check, set_event_for_child_tasks_is_another_spelling_of_set_event) {
  group_tree tree(2, 2);
  EXPECT_TRUE(tree[1].set_event_for_child_tasks());
  EXPECT_FALSE(tree[1].set_event_for_child_tasks());
  expect_set(tree[1].state(), event_cause::requested, tree[1].id());
  EXPECT_EQ(tree.count_set(), 3u);
}

}  // namespace

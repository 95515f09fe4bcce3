// Promise: snapshot() and print_forest() show every living group exactly once, with its parent and figures,
// and may be called while everything runs. (runtime.h)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"
#include "tests/support/tree.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

std::size_t times_shown(const tg::forest_snapshot& shown, std::uint64_t id) {
  return static_cast<std::size_t>(std::count_if(shown.groups.begin(), shown.groups.end(),
                                                [id](const tg::group_info& info) { return info.id == id; }));
}

// The line about one group; a failure if there is not exactly one.
tg::group_info shown(const tg::group& group) {
  const tg::forest_snapshot forest = tg::snapshot();
  EXPECT_EQ(times_shown(forest, group.id()), 1u);
  for (const tg::group_info& info : forest.groups) {
    if (info.id == group.id()) return info;
  }
  return {};
}

TEST(snapshot, tells_name_limit_parent_and_depth) {
  tg::group root("the root", {.max_concurrent = 3});
  tg::group child(root, "the child", {.max_concurrent = 0});
  const tg::group_info of_root = shown(root);
  EXPECT_EQ(of_root.name, "the root");
  EXPECT_EQ(of_root.parent, 0u);
  EXPECT_EQ(of_root.limit, 3u);
  EXPECT_EQ(of_root.depth, 0u);
  const tg::group_info of_child = shown(child);
  EXPECT_EQ(of_child.name, "the child");
  EXPECT_EQ(of_child.parent, root.id());
  EXPECT_EQ(of_child.limit, 0u);
  EXPECT_EQ(of_child.depth, 1u);
}

TEST(snapshot, tells_how_many_tasks_run_and_wait) {
  tg::group group("busy", {.max_concurrent = 2});
  hold held;
  for (int i = 0; i < 7; ++i) group.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(2));
  EXPECT_EQ(shown(group).running, 2u);
  EXPECT_EQ(shown(group).pending, 5u);
  held.release();
  expect_joins(group, {.succeeded = 7});
  EXPECT_EQ(shown(group).running, 0u);
  EXPECT_EQ(shown(group).pending, 0u);
}

TEST(snapshot, tells_event_and_cause) {
  tg::group root("root");
  tg::group child(root, "child");
  EXPECT_FALSE(shown(child).event.set);
  root.set_event(tg::event_cause::failure);
  const tg::event_state event = shown(child).event;
  EXPECT_TRUE(event.set);
  EXPECT_EQ(event.cause, tg::event_cause::failure);
  EXPECT_EQ(event.origin, root.id());
}

TEST(snapshot, tells_the_effective_deadline) {
  const auto when = std::chrono::steady_clock::now() + 1h;
  tg::group none("none");
  tg::group root("root", {.deadline = when});
  tg::group later(root, "later", {.deadline = when + 1h});
  tg::group earlier(root, "earlier", {.deadline = when - 30min});
  EXPECT_FALSE(shown(none).deadline.has_value());
  EXPECT_EQ(shown(root).deadline, std::optional(when));
  EXPECT_EQ(shown(later).deadline, std::optional(when));
  EXPECT_EQ(shown(earlier).deadline, std::optional(when - 30min));
}

TEST(snapshot, follows_live_changes) {
  tg::group group("live");
  group.set_max_concurrent(17);
  EXPECT_EQ(shown(group).limit, 17u);
}

TEST(snapshot, shows_a_whole_forest_once_and_parents_before_their_children) {
  group_tree first(3, 3);
  group_tree second(0, 1);
  group_tree third(5, 1);
  const tg::forest_snapshot forest = tg::snapshot();
  std::set<std::uint64_t> seen;
  for (const tg::group_info& info : forest.groups) {
    EXPECT_TRUE(seen.insert(info.id).second) << info.name << " is shown twice";
    EXPECT_TRUE(info.parent == 0 || seen.contains(info.parent)) << info.name << " comes before its parent";
  }
  for (group_tree* tree : {&first, &second, &third}) {
    for (std::size_t node = 0; node < tree->size(); ++node) {
      const tg::group_info info = shown((*tree)[node]);
      EXPECT_EQ(info.parent, node == 0 ? 0u : (*tree)[tree->parent(node)].id());
    }
  }
}

TEST(snapshot, is_in_pre_order) {
  group_tree tree(3, 2);
  const tg::forest_snapshot forest = tg::snapshot();
  // In pre-order each group stands under the nearest one before it that is less deep.
  std::vector<const tg::group_info*> line;
  for (const tg::group_info& info : forest.groups) {
    ASSERT_LE(info.depth, line.size()) << info.name;
    line.resize(info.depth);
    EXPECT_EQ(info.parent, line.empty() ? 0u : line.back()->id) << info.name;
    line.push_back(&info);
  }
}

TEST(snapshot, names_the_nearest_living_ancestor_and_not_the_dead) {
  tg::group root("root");
  auto middle = std::make_unique<tg::group>(root, "middle");
  const std::uint64_t dead = middle->id();
  const tg::group leaf(*middle, "leaf");
  EXPECT_EQ(shown(leaf).parent, dead);
  EXPECT_EQ(shown(leaf).depth, 2u);
  middle.reset();
  EXPECT_EQ(shown(leaf).parent, root.id());
  EXPECT_EQ(shown(leaf).depth, 1u);
  EXPECT_EQ(times_shown(tg::snapshot(), dead), 0u);
}

TEST(snapshot, of_an_orphan_has_no_parent) {
  auto root = std::make_unique<tg::group>("root");
  const tg::group orphan(*root, "orphan");
  root.reset();
  EXPECT_EQ(shown(orphan).parent, 0u);
  EXPECT_EQ(shown(orphan).depth, 0u);
}

TEST(snapshot, leaves_out_dead_groups) {
  std::uint64_t dead = 0;
  {
    const tg::group group("dead");
    dead = group.id();
  }
  EXPECT_EQ(times_shown(tg::snapshot(), dead), 0u);
}

TEST(snapshot, shows_the_groups_of_every_runtime) {
  std::size_t before = 0;
  const tg::group here("here");
  {
    tg::runtime first({.workers = 1});
    tg::runtime second({.workers = 1});
    const tg::group on_first("on first", {.on = &first});
    tg::group on_second("on second", {.max_concurrent = 5, .on = &second});
    const tg::group below(on_second, "below");
    const std::set<std::uint64_t> ids{here.id(), on_first.id(), on_second.id(), below.id()};
    EXPECT_EQ(ids.size(), 4u) << "groups of two runtimes have one id";
    EXPECT_EQ(shown(on_first).name, "on first");
    EXPECT_EQ(shown(on_second).limit, 5u);
    EXPECT_EQ(shown(below).parent, on_second.id());
    on_second.set_event();
    EXPECT_EQ(shown(below).event.origin, on_second.id());
    before = tg::snapshot().groups.size();
  }
  EXPECT_EQ(shown(here).name, "here");
  EXPECT_EQ(tg::snapshot().groups.size(), before - 3);
}

TEST(snapshot, has_no_id_twice_however_many_runtimes_there_were) {
  const tg::group here("here");
  for (int i = 0; i < 300; ++i) {
    tg::runtime passing({.workers = 1, .task_records = 64, .group_records = 8});
    const tg::group group("passing", {.on = &passing});
    ASSERT_NE(group.id(), here.id()) << "after " << i << " runtimes";
  }
  EXPECT_EQ(times_shown(tg::snapshot(), here.id()), 1u);
}

TEST(snapshot, may_be_taken_while_runtimes_come_and_go) {
  const tg::group stays("stays");
  std::atomic<bool> done{false};
  auto churn = in_background([&done] {
    while (!done) {
      tg::runtime passing({.workers = 1, .task_records = 64, .group_records = 8});
      const tg::group group("passing", {.on = &passing});
    }
  });
  for (int i = 0; i < 200; ++i) EXPECT_EQ(times_shown(tg::snapshot(), stays.id()), 1u);
  done = true;
  churn.get();
}

TEST(snapshot, may_be_taken_in_a_task_and_in_an_event_callback) {
  tg::group group("self");
  std::size_t in_callback = 0;
  tg::event_callback callback(group, [&] { in_callback = times_shown(tg::snapshot(), group.id()); });
  group.add_task([&group] { EXPECT_EQ(shown(group).running, 1u); });
  expect_joins(group, {.succeeded = 1});
  group.set_event();
  EXPECT_EQ(in_callback, 1u);
}

TEST(snapshot, shows_every_group_that_stays_exactly_once_while_others_come_and_go) {
  group_tree stays(2, 4);
  std::atomic<bool> done{false};
  std::atomic<std::size_t> churned{0};
  const auto churn = [&](std::size_t at) {
    while (!done) {
      group_tree passing(1, 3);
      tg::group child(stays[at], "passing");
      child.add_task([] {});
      EXPECT_EQ(child.join().succeeded, 1u);
      ++churned;
    }
  };
  auto below_root = in_background([&] { churn(0); });
  auto below_leaf = in_background([&] { churn(stays.size() - 1); });
  std::size_t snapshots = 0;
  while (snapshots < 300 || churned < 300) {
    const tg::forest_snapshot forest = tg::snapshot();
    std::multiset<std::uint64_t> ids;
    for (const tg::group_info& info : forest.groups) ids.insert(info.id);
    EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), ids.size()) << "a group is shown twice";
    for (std::size_t node = 0; node < stays.size(); ++node) EXPECT_EQ(ids.count(stays[node].id()), 1u);
    ++snapshots;
    if (testing::Test::HasFailure()) break;
  }
  done = true;
  below_root.get();
  below_leaf.get();
}

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

TEST(print_forest, prints_every_living_group_once_on_a_line_of_its_own) {
  tg::group root("print-root");
  tg::group child(root, "print-child");
  tg::group other("print-other");
  child.set_event(tg::event_cause::failure);
  std::ostringstream out;
  tg::print_forest(out);
  const std::string text = out.str();
  for (const char* name : {"print-root", "print-child", "print-other"}) {
    EXPECT_EQ(occurrences(text, name), 1u) << text;
  }
  EXPECT_NE(text.find(to_string(tg::event_cause::failure)), std::string::npos) << text;
  EXPECT_LT(text.find("print-root"), text.find("print-child"));
  EXPECT_GE(occurrences(text, "\n"), 3u);
}

TEST(print_forest, keeps_each_group_on_its_line_whatever_its_name) {
  const tg::group group("one\nline\tonly\x01\\\xc2\x9b");
  std::ostringstream out;
  tg::print_forest(out);
  EXPECT_NE(out.str().find("one\\nline\\tonly\\x01\\\\\\x9b  #"), std::string::npos) << out.str();
}

TEST(print_forest, works_while_everything_runs) {
  std::atomic<bool> done{false};
  auto churn = in_background([&done] {
    while (!done) {
      tg::group group("churn");
      for (int i = 0; i < 5; ++i) group.add_task([] {});
      EXPECT_EQ(group.join().succeeded, 5u);
    }
  });
  const tg::group stays("print-stays");
  for (int i = 0; i < 100; ++i) {
    std::ostringstream out;
    tg::print_forest(out);
    EXPECT_EQ(occurrences(out.str(), "print-stays"), 1u);
  }
  done = true;
  churn.get();
}

}  // namespace

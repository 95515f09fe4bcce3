// Promise: a group's parent is the group whose task runs on the constructing thread, or the one given;
// elsewhere, or detached, it is a root; a group may be destroyed before its children, which go on receiving
// the events of its ancestors. (group.h, "Parent")
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;

// Who would be set together with it: the id of the group in whose tree a task's new group is.
std::uint64_t origin_after_set(const tg::group& group, tg::group& setter) {
  setter.set_event();
  return group.state().origin;
}

TEST(hierarchy, a_group_made_in_a_task_is_a_child_of_the_tasks_group) {
  tg::group root("root");
  auto inner = root.submit([] { return std::make_unique<tg::group>("inner"); }).get();
  EXPECT_EQ(origin_after_set(*inner, root), root.id());
  expect_joins(root, {.succeeded = 1});
}

TEST(hierarchy, tasks_nest_to_any_depth) {
  tg::group root("root");
  std::vector<std::unique_ptr<tg::group>> line;
  tg::group* outer = &root;
  for (int depth = 0; depth < 20; ++depth) {
    line.push_back(outer->submit([] { return std::make_unique<tg::group>("level"); }).get());
    outer = line.back().get();
  }
  tg::group& half = *line[10];
  half.set_event();
  for (std::size_t i = 0; i < line.size(); ++i) EXPECT_EQ(line[i]->event().is_set(), i >= 10) << i;
  root.set_event();
  for (const auto& group : line) EXPECT_TRUE(group->event().is_set());
}

TEST(hierarchy, a_group_made_outside_tasks_is_a_root) {
  tg::group first("first");
  tg::group second("second");
  auto third = in_background([] { return std::make_unique<tg::group>("third"); }).get();
  first.set_event();
  EXPECT_FALSE(second.event().is_set());
  EXPECT_FALSE(third->event().is_set());
}

TEST(hierarchy, a_thread_that_a_task_starts_is_outside_the_task) {
  tg::group root("root");
  auto made = root.submit([] {
                    std::unique_ptr<tg::group> group;
                    std::thread([&group] { group = std::make_unique<tg::group>("outside"); }).join();
                    return group;
                  })
                  .get();
  root.set_event();
  EXPECT_FALSE(made->event().is_set());
}

TEST(hierarchy, an_explicit_parent_is_taken_from_any_thread_and_from_any_groups_task) {
  tg::group parent("parent");
  tg::group other("other");
  tg::group here(parent, "here");
  auto from_thread = in_background([&] { return std::make_unique<tg::group>(parent, "thread"); }).get();
  auto from_task = other.submit([&parent] { return std::make_unique<tg::group>(parent, "task"); }).get();
  other.set_event();
  EXPECT_FALSE(from_task->event().is_set());
  parent.set_event();
  EXPECT_TRUE(here.event().is_set());
  EXPECT_TRUE(from_thread->event().is_set());
  EXPECT_TRUE(from_task->event().is_set());
}

TEST(hierarchy, a_detached_group_is_a_root_even_inside_a_task) {
  tg::group root("root", {.on_event = tg::pending_policy::run});
  root.set_event();
  auto loose = root.submit([] {
                     return std::make_unique<tg::group>(
                         "loose", tg::group_options{.parent = tg::parent_policy::detached});
                   })
                   .get();
  EXPECT_FALSE(loose->event().is_set());
  loose->add_task([] { EXPECT_FALSE(tg::this_task::event_set()); });
  expect_joins(*loose, {.succeeded = 1});
}

TEST(hierarchy, a_task_that_blocks_keeps_its_group_as_parent) {
  tg::group root("root");
  auto inner = root.submit([] {
                     static_cast<void>(tg::this_task::event_aware_sleep(std::chrono::milliseconds(1)));
                     return tg::this_task::blocking([] { return std::make_unique<tg::group>("inner"); });
                   })
                   .get();
  root.set_event();
  EXPECT_TRUE(inner->event().is_set());
}

TEST(hierarchy, the_parent_is_the_outer_group_again_after_a_join_inside_a_task) {
  tg::group root("root");
  auto after = root.submit([] {
                     tg::group inner("inner", {.parent = tg::parent_policy::detached});
                     for (int i = 0; i < 20; ++i) inner.add_task([] {});
                     expect_joins(inner, {.succeeded = 20});
                     for (int i = 0; i < 20; ++i) inner.add_task([] {});
                     EXPECT_EQ(inner.join().succeeded, 20u);
                     return std::make_unique<tg::group>("after");
                   })
                   .get();
  root.set_event();
  EXPECT_TRUE(after->event().is_set());
  EXPECT_EQ(after->state().origin, root.id());
}

TEST(hierarchy, children_outlive_their_parent_and_hear_its_ancestors) {
  tg::group root("root");
  auto middle = std::make_unique<tg::group>(root, "middle");
  auto lower = std::make_unique<tg::group>(*middle, "lower");
  tg::group leaf(*lower, "leaf");
  middle.reset();
  lower.reset();
  EXPECT_FALSE(leaf.event().is_set()) << "the end of an idle parent is no event";
  tg::group late(leaf, "late");
  root.set_event(tg::event_cause::shutdown);
  EXPECT_EQ(leaf.state().origin, root.id());
  EXPECT_EQ(late.state().origin, root.id());
  EXPECT_EQ(leaf.state().cause, tg::event_cause::shutdown);
}

TEST(hierarchy, a_chain_whose_inner_groups_have_all_gone_still_carries_events) {
  tg::group root("root");
  std::vector<std::unique_ptr<tg::group>> chain;
  tg::group* last = &root;
  for (int i = 0; i < 200; ++i) {
    chain.push_back(std::make_unique<tg::group>(*last, "link"));
    last = chain.back().get();
  }
  const auto leaf = std::move(chain.back());
  chain.clear();
  EXPECT_FALSE(leaf->event().is_set());
  root.set_event();
  EXPECT_TRUE(leaf->event().is_set());
}

TEST(hierarchy, a_group_whose_ancestors_have_all_gone_works_on) {
  auto root = std::make_unique<tg::group>("root");
  tg::group child(*root, "child");
  root.reset();
  tg::group unrelated("takes the place that was freed, perhaps");
  unrelated.set_event();
  EXPECT_FALSE(child.event().is_set());
  child.add_task([] {});
  expect_joins(child, {.succeeded = 1});
  EXPECT_TRUE(child.set_event());
}

TEST(hierarchy, a_group_destroyed_with_tasks_left_sets_its_descendants) {
  auto parent = std::make_unique<tg::group>("parent", tg::group_options{.max_concurrent = 0});
  const std::uint64_t id = parent->id();
  tg::group child(*parent, "child");
  parent->add_task([] { ADD_FAILURE() << "ran in a paused group"; });
  parent.reset();
  EXPECT_TRUE(child.state().set);
  EXPECT_EQ(child.state().cause, tg::event_cause::abandoned);
  EXPECT_EQ(child.state().origin, id);
}

TEST(hierarchy, ids_are_unique_and_never_zero) {
  tg::group parent("parent");
  std::vector<std::uint64_t> seen{0, parent.id()};
  for (int i = 0; i < 1'000; ++i) {
    const tg::group child(parent, "child");
    seen.push_back(child.id());
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

template <class Make>
void expect_bad_options(const char* field, Make make) {
  try {
    make();
    ADD_FAILURE() << "no bad_options about " << field;
  } catch (const tg::bad_options& failure) {
    EXPECT_NE(std::string(failure.what()).find(field), std::string::npos) << failure.what();
  }
}

TEST(hierarchy, an_explicit_parent_and_detached_contradict_each_other) {
  tg::group parent("parent");
  expect_bad_options(
      "parent", [&] { const tg::group child(parent, "child", {.parent = tg::parent_policy::detached}); });
  EXPECT_TRUE(parent.set_event());
  EXPECT_TRUE(parent.reset_event()) << "something of the refused child lives on";
}

TEST(hierarchy, an_explicit_parent_of_another_runtime_is_refused) {
  tg::runtime other({.workers = 1});
  tg::group parent("parent");
  tg::group foreign("foreign", {.on = &other});
  expect_bad_options("on", [&] { const tg::group child(parent, "child", {.on = &other}); });
  expect_bad_options("on",
                     [&] { const tg::group child(foreign, "child", {.on = &tg::runtime::instance()}); });
  const tg::group same(foreign, "same", {.on = &other});
  EXPECT_TRUE(foreign.set_event());
  EXPECT_TRUE(same.event().is_set());
}

TEST(hierarchy, a_child_is_on_its_parents_runtime) {
  tg::runtime other({.workers = 1});
  tg::group root("root", {.on = &other});
  const auto before = other.stats().group_records_in_use;
  tg::group given(root, "given");
  EXPECT_EQ(other.stats().group_records_in_use, before + 1);
  root.add_task([&other, before] {
    const tg::group inherited("inherited");
    EXPECT_EQ(other.stats().group_records_in_use, before + 2);
  });
  expect_joins(root, {.succeeded = 1});
}

TEST(hierarchy, a_detached_group_inside_a_task_is_on_the_default_runtime_like_any_root) {
  tg::runtime other({.workers = 1});
  tg::group root("root", {.on = &other});
  const std::size_t before = other.stats().group_records_in_use;
  auto made = root.submit([] {
                    return std::make_unique<tg::group>(
                        "loose", tg::group_options{.parent = tg::parent_policy::detached});
                  })
                  .get();
  EXPECT_EQ(other.stats().group_records_in_use, before);
  tg::set_all_events();
  EXPECT_TRUE(made->event().is_set());
  EXPECT_FALSE(root.event().is_set());
}

TEST(hierarchy, a_detached_group_inside_a_task_may_be_on_another_runtime) {
  tg::runtime other({.workers = 1});
  tg::group root("root");
  root.add_task([&other] {
    tg::group elsewhere("elsewhere", {.parent = tg::parent_policy::detached, .on = &other});
    auto result = elsewhere.submit([] { return 7; });
    EXPECT_EQ(result.get(), 7);
    expect_joins(elsewhere, {.succeeded = 1});
  });
  expect_joins(root, {.succeeded = 1});
}

}  // namespace

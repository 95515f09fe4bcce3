// The critical path, in traces where it is known.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/tgtrace/scene.h"

namespace {

using namespace tg_test;
using tgtrace::path_kind;
using tracing::wait;
using tracing::wait_end;

tgtrace::time_ns took(const tgtrace::critical_path& path, path_kind what) {
  return path.sums[static_cast<std::size_t>(what)];
}

TEST(CriticalPath, LeadsThroughTheLastTaskThatWasJoined) {
  scene made;
  const auto root = made.group("root");
  const auto child = made.group("child", root);
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  const auto two = made.worker("tg-1");
  made.add(outside, 1 * ms, root, 1);
  made.start(one, 1 * ms, root, 1);
  made.add(one, 2 * ms, child, 1);
  made.add(one, 2 * ms, child, 2);
  made.begin_wait(one, 2 * ms, wait::join, root, child);
  made.run(two, 2 * ms, 3 * ms, child, 1);
  made.run(two, 3 * ms, 7 * ms, child, 2);
  made.end_wait(one, 7 * ms + 500 * us, wait::join, root, child, wait_end::done);
  made.end(one, 9 * ms, root, 1);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  ASSERT_EQ(found.paths.size(), 1u);
  const auto& path = found.paths[0];
  EXPECT_EQ(m.groups[path.root].name, "root");
  EXPECT_EQ(path.when.length(), 9'000'000);
  tgtrace::time_ns sum = 0;
  for (const auto part : path.sums) sum += part;
  EXPECT_EQ(sum, path.when.length());
  const auto part = [&](path_kind what) { return path.sums[static_cast<std::size_t>(what)]; };
  EXPECT_EQ(part(path_kind::outside), 1'000'000);
  EXPECT_EQ(part(path_kind::ran), 1'000'000 + 4'000'000 + 1'500'000);
  EXPECT_EQ(part(path_kind::on_the_way) + part(path_kind::no_worker), 1'000'000);
  EXPECT_EQ(part(path_kind::woken), 500'000);
  EXPECT_EQ(part(path_kind::blocked), 0);
}

TEST(CriticalPath, LeadsThroughWhatAJoinerRanItself) {
  scene made;
  const auto root = made.group("root");
  const auto child = made.group("child", root);
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, root, 1);
  made.start(one, 0, root, 1);
  made.add(one, 1 * ms, child, 1);
  made.add(one, 1 * ms, child, 2);
  made.run(one, 1 * ms, 4 * ms, child, 1);
  made.start(one, 4 * ms, child, 2);
  made.begin_wait(one, 5 * ms, wait::sleep, child, 0);
  made.end_wait(one, 8 * ms, wait::sleep, child, 0, wait_end::done);
  made.end(one, 9 * ms, child, 2);
  made.end(one, 10 * ms, root, 1);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  const auto& path = found.paths.at(0);
  EXPECT_EQ(path.sums[static_cast<std::size_t>(path_kind::ran)], 7'000'000);
  EXPECT_EQ(path.sums[static_cast<std::size_t>(path_kind::blocked)], 3'000'000);
  std::vector<std::string> groups;
  for (const auto& step : path.steps) groups.push_back(m.groups[m.tasks[step.task].group].name);
  EXPECT_EQ(groups, (std::vector<std::string>{"root", "child", "child", "child", "child", "root"}));
}

TEST(CriticalPath, OfASleepIsTheSleep) {
  scene made;
  const auto root = made.group("root");
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, root, 1);
  made.start(one, 0, root, 1);
  made.begin_wait(one, 1 * ms, wait::sleep, root, root);
  made.end_wait(one, 9 * ms, wait::sleep, root, root, wait_end::done);
  made.end(one, 10 * ms, root, 1);
  const auto found = findings_of(model_of(made));
  EXPECT_EQ(found.paths.at(0).sums[static_cast<std::size_t>(path_kind::blocked)], 8'000'000);
}

// A thread that adds tasks and joins them runs some itself: while it does, it adds nothing.
TEST(CriticalPath, LeadsThroughWhatAThreadOutsideRanItself) {
  scene made;
  const auto root = made.group("root");
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 1 * ms, root, 1);
  made.run(outside, 1 * ms, 5 * ms, root, 1);
  made.add(outside, 6 * ms, root, 2);
  made.run(one, 6 * ms, 9 * ms, root, 2);
  const auto found = findings_of(model_of(made));
  const auto& path = found.paths.at(0);
  EXPECT_EQ(path.when.length(), 9'000'000);
  EXPECT_EQ(took(path, path_kind::ran), 4'000'000 + 3'000'000);
  EXPECT_EQ(took(path, path_kind::outside), 2'000'000);
}

TEST(CriticalPath, NamesTheWaitOfAStep) {
  auto [made, group, outside, one] = scene_of("root");
  made.begin_wait(outside, 1 * ms, wait::sleep, 0, 0);
  made.end_wait(outside, 4 * ms, wait::sleep, 0, 0, wait_end::done);
  made.add(outside, 4 * ms, group, 1);
  made.run(one, 4 * ms, 5 * ms, group, 1);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  const auto& steps = found.paths.at(0).steps;
  const auto blocked = std::find_if(steps.begin(), steps.end(),
                                    [](const auto& step) { return step.what == path_kind::blocked; });
  ASSERT_NE(blocked, steps.end());
  EXPECT_EQ(tgtrace::wait_text(m, m.waits.at(blocked->wait)), "blocked in sleep");
}

// Of two tasks of one group that ended during the wait, the one whose future it was.
TEST(CriticalPath, LeadsThroughTheTaskWhoseFutureWasWaitedFor) {
  scene made;
  const auto root = made.group("root");
  const auto child = made.group("child", root);
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  const auto two = made.worker("tg-1");
  made.add(outside, 0, root, 1);
  made.start(one, 0, root, 1);
  made.add(one, 1 * ms, child, 1);
  made.add(one, 1 * ms, child, 2);
  made.push(one, 1 * ms, kind::wait_began, root, 1, child, static_cast<std::uint8_t>(wait::future));
  made.run(outside, 1 * ms, 5 * ms - 10 * us, child, 2);
  made.run(two, 1 * ms, 5 * ms - 100 * us, child, 1);
  made.end_wait(one, 5 * ms, wait::future, root, child, wait_end::done);
  made.end(one, 6 * ms, root, 1);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  bool through_it = false;
  for (const auto& step : found.paths.at(0).steps) {
    if (step.task == tgtrace::nothing || m.groups[m.tasks[step.task].group].name != "child") continue;
    EXPECT_EQ(m.tasks[step.task].id, 1u);
    through_it = true;
  }
  EXPECT_TRUE(through_it);
}

}  // namespace

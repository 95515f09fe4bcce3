// Why tasks were late, what the critical path is, and what is warned of: in traces where that is known.
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

const tgtrace::lateness& of_task(const tgtrace::model& m, const tgtrace::findings& found, std::uint64_t id,
                                 const std::string& group) {
  return *std::find_if(found.slowest.begin(), found.slowest.end(), [&](const tgtrace::lateness& one) {
    return m.tasks[one.task].id == id && m.groups[m.tasks[one.task].group].name == group;
  });
}

const tgtrace::warning* warned(const tgtrace::findings& found, const std::string& kind) {
  const auto at = std::find_if(found.warnings.begin(), found.warnings.end(),
                               [&](const tgtrace::warning& one) { return one.kind == kind; });
  return at == found.warnings.end() ? nullptr : &*at;
}

TEST(Lateness, BehindItsOwnLimit) {
  scene made;
  const auto group = made.group("narrow", 0, 1);
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, group, 1);
  made.add(outside, 0, group, 2);
  made.run(one, 0, 5 * ms, group, 1);
  made.run(one, 5 * ms, 6 * ms, group, 2);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  const auto& late = of_task(m, found, 2, "narrow");
  EXPECT_EQ(late.total, 6'000'000);
  EXPECT_EQ(late.queued.behind_limit, 5'000'000);
  EXPECT_EQ(late.queued.no_worker, 0);
  EXPECT_EQ(late.parts.at(0).what, "queued behind its own limit (1)");
  EXPECT_EQ(late.parts.at(1).what, "ran");
}

TEST(Lateness, NoFreeWorker) {
  scene made;
  made.file().header().workers = 1;
  const auto busy = made.group("busy");
  const auto wide = made.group("wide");
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, busy, 1);
  made.run(one, 0, 5 * ms, busy, 1);
  made.add(outside, 1 * ms, wide, 1);
  made.run(one, 5 * ms + 10 * us, 6 * ms, wide, 1);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  const auto& late = of_task(m, found, 1, "wide");
  EXPECT_EQ(late.queued.no_worker, 4'000'000);
  EXPECT_EQ(late.queued.on_the_way, 10'000);
  EXPECT_EQ(late.parts.at(0).what, "no free worker");
}

TEST(Lateness, BlockedAndWokenLate) {
  scene made;
  const auto group = made.group("work");
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, group, 1);
  made.start(one, 0, group, 1);
  made.begin_wait(one, 1 * ms, wait::sleep, group, group);
  made.push(outside, 5 * ms, kind::event_set, group, 1, 0, 1);
  made.push(one, 7 * ms, kind::event_heard, group, 1, 0, 1);
  made.end_wait(one, 7 * ms, wait::sleep, group, group, wait_end::event_set);
  made.end(one, 8 * ms, group, 1);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  const auto& late = of_task(m, found, 1, "work");
  ASSERT_EQ(late.parts.size(), 3u);
  EXPECT_EQ(late.parts[0].what, "blocked in sleep on 'work'");
  EXPECT_EQ(late.parts[0].took, 4'000'000);
  EXPECT_EQ(late.parts[1].took, 2'000'000);
  EXPECT_EQ(late.parts[2].took, 2'000'000);
}

// Parts add up to the whole, whatever a task was late for.
TEST(Lateness, PartsOfTheQueueAddUp) {
  scene made;
  made.file().header().workers = 1;
  const auto narrow = made.group("narrow", 0, 1);
  const auto other = made.group("other");
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, narrow, 1);
  made.add(outside, 0, narrow, 2);
  made.add(outside, 0, other, 1);
  made.run(one, 0, 3 * ms, narrow, 1);
  made.run(one, 3 * ms + 100 * us, 5 * ms, other, 1);
  made.run(one, 5 * ms + 300 * us, 6 * ms, narrow, 2);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  const auto& queued = of_task(m, found, 2, "narrow").queued;
  EXPECT_EQ(queued.behind_limit, 3'000'000);
  EXPECT_EQ(queued.no_worker, 1'900'000);
  EXPECT_EQ(queued.on_the_way, 400'000);
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

TEST(Warnings, NoneInAQuietTrace) {
  scene made;
  const auto group = made.group("work");
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, group, 1);
  made.run(one, 20 * us, 50 * ms, group, 1);
  EXPECT_TRUE(findings_of(model_of(made)).warnings.empty());
}

TEST(Warnings, OfTasksThatRanOnAfterTheSet) {
  scene made;
  const auto root = made.group("root");
  const auto group = made.group("deaf", root);
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, group, 1);
  made.start(one, 0, group, 1);
  made.push(outside, 5 * ms, kind::event_set, root, 1, 0, 1);
  made.end(one, 35 * ms, group, 1);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  const auto* const one_warning = warned(found, "deaf_tasks");
  ASSERT_NE(one_warning, nullptr);
  EXPECT_EQ(m.groups[one_warning->group].name, "deaf");
  EXPECT_EQ(one_warning->took, 30'000'000);
}

TEST(Warnings, OfIdleWorkersBesideQueuedTasks) {
  scene made;
  const auto group = made.group("work");
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, group, 1);
  made.run(one, 3 * ms, 4 * ms, group, 1);
  const auto found = findings_of(model_of(made));
  const auto* const one_warning = warned(found, "idle_workers");
  ASSERT_NE(one_warning, nullptr);
  EXPECT_EQ(one_warning->took, 3'000'000);
}

TEST(Warnings, OfAGroupThatASiblingStarves) {
  scene made;
  made.file().header().workers = 1;
  const auto root = made.group("root");
  const auto greedy = made.group("greedy", root);
  const auto poor = made.group("poor", root);
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, greedy, 1);
  made.add(outside, 1 * us, poor, 1);
  for (std::uint64_t id = 2; id <= 20; ++id) made.add(outside, id * us, greedy, id);
  for (std::uint64_t id = 1; id <= 20; ++id) made.run(one, id * ms, (id + 1) * ms, greedy, id);
  made.run(one, 21 * ms, 22 * ms, poor, 1);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  const auto* const one_warning = warned(found, "starved_group");
  ASSERT_NE(one_warning, nullptr);
  EXPECT_EQ(m.groups[one_warning->group].name, "poor");
  EXPECT_NE(one_warning->text.find("19 tasks of its sibling 'greedy'"), std::string::npos)
      << one_warning->text;
}

TEST(Warnings, OfATaskThatHoldsAWorkerWithoutUsingIt) {
  scene made;
  const auto group = made.group("hidden");
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, group, 1);
  made.push(one, 1 * ms, kind::cpu_time, 0, 700'000);
  made.start(one, 1 * ms, group, 1);
  made.push(one, 51 * ms, kind::cpu_time, 0, 1'700'000);
  made.end(one, 51 * ms, group, 1);
  const auto found = findings_of(model_of(made));
  const auto* const one_warning = warned(found, "unseen_blocking");
  ASSERT_NE(one_warning, nullptr);
  EXPECT_EQ(one_warning->took, 49'000'000);
}

TEST(Warnings, NotOfATaskThatWaitsInTheLibrary) {
  scene made;
  const auto group = made.group("open");
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, group, 1);
  made.push(one, 1 * ms, kind::cpu_time, 0, 700'000);
  made.start(one, 1 * ms, group, 1);
  made.begin_wait(one, 1 * ms, wait::blocking, group, 0);
  made.end_wait(one, 50 * ms, wait::blocking, group, 0, wait_end::done);
  made.push(one, 51 * ms, kind::cpu_time, 0, 1'700'000);
  made.end(one, 51 * ms, group, 1);
  EXPECT_EQ(warned(findings_of(model_of(made)), "unseen_blocking"), nullptr);
}

TEST(Warnings, OfMoreWaitingTasksThanMay) {
  scene made;
  made.file().header().max_blocked = 2;
  const auto group = made.group("sleepy");
  const auto outside = made.thread("main");
  for (std::uint64_t id = 1; id <= 2; ++id) {
    const auto one = made.worker("tg");
    made.add(outside, id * us, group, id);
    made.start(one, id * ms, group, id);
    made.begin_wait(one, id * ms, wait::sleep, group, group);
    made.end_wait(one, 9 * ms, wait::sleep, group, group, wait_end::done);
    made.end(one, 9 * ms, group, id);
  }
  const auto found = findings_of(model_of(made));
  const auto* const one_warning = warned(found, "blocked_cap");
  ASSERT_NE(one_warning, nullptr);
  EXPECT_EQ(one_warning->took, 7'000'000);
}

TEST(Warnings, OfTasksQueuedPastTheirDeadline) {
  scene made;
  const auto group = made.group("due");
  made.file().group(group).deadline_ns = static_cast<std::int64_t>(scene::at(4 * ms));
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.push(one, 0, kind::worker_parked);
  made.add(outside, 0, group, 1);
  made.skip(one, 6 * ms, group, 1, 4);
  const auto found = findings_of(model_of(made));
  const auto* const one_warning = warned(found, "past_deadline");
  ASSERT_NE(one_warning, nullptr);
  EXPECT_EQ(one_warning->took, 2'000'000);
}

}  // namespace

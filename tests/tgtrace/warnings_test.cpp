// What is warned of, and what is not: in traces where that is known.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/tgtrace/scene.h"
#include "tools/tgtrace/report.h"

namespace {

using namespace tg_test;
using tracing::wait;
using tracing::wait_end;

const tgtrace::warning* warned(const tgtrace::findings& found, const std::string& kind) {
  const auto at = std::find_if(found.warnings.begin(), found.warnings.end(),
                               [&](const tgtrace::warning& one) { return one.kind == kind; });
  return at == found.warnings.end() ? nullptr : &*at;
}

TEST(Warnings, NoneInAQuietTrace) {
  auto [made, group, outside, one] = scene_of("work");
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
  auto [made, group, outside, one] = scene_of("work");
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
  auto [made, group, outside, one] = scene_of("hidden");
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
  auto [made, group, outside, one] = scene_of("open");
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

// One task that slipped in before, and had a worker for a moment, starves nobody.
TEST(Warnings, NotOfASiblingThatHadLittle) {
  scene made;
  made.file().header().workers = 1;
  const auto root = made.group("root");
  const auto busy = made.group("busy");
  const auto quick = made.group("quick", root);
  const auto poor = made.group("poor", root);
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 0, busy, 1);
  made.add(outside, 1 * us, poor, 1);
  made.add(outside, 2 * us, quick, 1);
  made.run(one, 10 * us, 30 * ms, busy, 1);
  made.run(one, 30 * ms + 2 * us, 31 * ms, quick, 1);
  made.run(one, 31 * ms + 2 * us, 32 * ms, poor, 1);
  EXPECT_EQ(warned(findings_of(model_of(made)), "starved_group"), nullptr);
}

// The text names the worst of each kind, and counts the others.
TEST(Warnings, OfOneKindDoNotHideTheOthers) {
  scene made;
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  for (std::uint64_t i = 1; i <= 5; ++i) {
    const auto due = made.group("due");
    made.file().group(due).deadline_ns = static_cast<std::int64_t>(scene::at(i * ms));
    made.add(outside, 0, due, 1);
    made.skip(one, 100 * ms, due, 1, 4);
  }
  const auto m = model_of(made);
  const std::string text = tgtrace::report_text(m, findings_of(m), {});
  std::size_t named = 0;
  for (std::size_t at = text.find("were still queued"); at != std::string::npos;
       at = text.find("were still queued", at + 1)) {
    ++named;
  }
  EXPECT_EQ(named, 3u);
  EXPECT_NE(text.find("and 2 more of the kind past_deadline"), std::string::npos) << text;
}

}  // namespace

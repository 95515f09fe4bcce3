// Why tasks were late, in traces where that is known.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/tgtrace/scene.h"

namespace {

using namespace tg_test;
using tracing::wait;
using tracing::wait_end;

const tgtrace::lateness& of_task(const tgtrace::model& m, const tgtrace::findings& found, std::uint64_t id,
                                 const std::string& group) {
  return *std::find_if(found.slowest.begin(), found.slowest.end(), [&](const tgtrace::lateness& one) {
    return m.tasks[one.task].id == id && m.groups[m.tasks[one.task].group].name == group;
  });
}

TEST(Lateness, BehindItsOwnLimit) {
  auto [made, group, outside, one] = scene_of("narrow", 1);
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
  auto [made, group, outside, one] = scene_of("work");
  made.add(outside, 0, group, 1);
  made.start(one, 0, group, 1);
  made.begin_wait(one, 1 * ms, wait::sleep, group, group);
  made.push(outside, 5 * ms, kind::event_set, group, 1, 0, 1);
  made.push(one, 7 * ms, kind::event_heard, group, 1, 1, 1);
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

}  // namespace

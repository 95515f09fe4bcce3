// The figures of a report against traces whose waits are known to the nanosecond.
#include <gtest/gtest.h>

#include <limits>

#include "tests/tgtrace/scene.h"
#include "tools/tgtrace/analysis/distribution.h"
#include "tools/tgtrace/analysis/spans.h"
#include "tools/tgtrace/report.h"
#include "tools/tgtrace/units.h"

namespace {

using namespace tg_test;
using tracing::wait;
using tracing::wait_end;

TEST(Distribution, TakesTheNearestRank) {
  tgtrace::distribution of;
  for (int i = 1000; i >= 1; --i) of.add(i);
  const auto p = of.summary();
  EXPECT_EQ(p.samples, 1000u);
  EXPECT_EQ(p.p50, 500);
  EXPECT_EQ(p.p90, 900);
  EXPECT_EQ(p.p99, 990);
  EXPECT_EQ(p.p999, 999);
  EXPECT_EQ(p.max, 1000);
  EXPECT_EQ(p.total, 500500);
}

TEST(Distribution, OfDamagedTimesDoesNotOverflow) {
  constexpr tgtrace::time_ns most = std::numeric_limits<tgtrace::time_ns>::max();
  tgtrace::distribution of;
  of.add(most);
  of.add(most);
  EXPECT_EQ(of.summary().total, most);
}

TEST(Distribution, OfOneValueIsThatValue) {
  tgtrace::distribution of;
  of.add(7);
  EXPECT_EQ(of.summary().p50, 7);
  EXPECT_EQ(of.summary().p999, 7);
}

TEST(Spans, CoverPartsOfAWindow) {
  tgtrace::spans some;
  some.add(10, 20);
  some.add(30, 40);
  some.add(40, 50);
  EXPECT_EQ(some.total(), 30);
  EXPECT_EQ(some.list().size(), 2u);
  EXPECT_EQ(some.covered({0, 100}), 30);
  EXPECT_EQ(some.covered({15, 35}), 10);
  EXPECT_EQ(some.covered({20, 30}), 0);
  EXPECT_EQ(some.within({15, 35}).size(), 2u);
}

TEST(Spans, OutsideOthers) {
  tgtrace::spans these;
  these.add(0, 10);
  these.add(20, 40);
  tgtrace::spans others;
  others.add(5, 25);
  others.add(30, 32);
  const auto left = tgtrace::outside(these, others, {2, 38});
  EXPECT_EQ(left.list().size(), 3u);
  EXPECT_EQ(left.total(), 3 + 5 + 6);
  EXPECT_EQ(left.covered({0, 5}), 3);
}

TEST(Units, ShowThreeFigures) {
  EXPECT_EQ(tgtrace::duration_text(999), "999 ns");
  EXPECT_EQ(tgtrace::duration_text(12'345), "12.3 us");
  EXPECT_EQ(tgtrace::duration_text(4'560'000), "4.56 ms");
  EXPECT_EQ(tgtrace::duration_text(999'999), "1.00 ms");
  EXPECT_EQ(tgtrace::duration_text(1'200'000'000), "1.20 s");
}

TEST(Figures, CountAndMeasureTasks) {
  auto [made, group, outside, one] = scene_of("work");
  for (std::uint64_t id = 1; id <= 5; ++id) made.add(outside, id * us, group, id);
  made.run(one, 11 * us, 21 * us, group, 1);
  made.run(one, 22 * us, 52 * us, group, 2);
  made.start(one, 53 * us, group, 3);
  made.end(one, 54 * us, group, 3, tracing::outcome::exception);
  made.skip(one, 60 * us, group, 4, 1);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  const auto& of = found.groups.at(0);
  EXPECT_EQ(of.tasks.added, 5u);
  EXPECT_EQ(of.tasks.succeeded, 2u);
  EXPECT_EQ(of.tasks.failed, 1u);
  EXPECT_EQ(of.tasks.skipped, 1u);
  EXPECT_EQ(of.tasks.queued, 1u);
  EXPECT_EQ(of.tasks.incomplete, 0u);
  EXPECT_FALSE(of.may_lack);
  EXPECT_EQ(of.queue.summary().max, 50'000);
  EXPECT_EQ(of.queue.summary().p50, 20'000);
  EXPECT_EQ(of.run.summary().max, 30'000);
  EXPECT_EQ(of.run.summary().total, 41'000);
  EXPECT_EQ(found.whole.tasks.added, 5u);
}

TEST(Figures, TakeWaitsOfATaskTogether) {
  scene made;
  const auto group = made.group("work");
  const auto one = made.worker("tg-0");
  made.add(one, 0, group, 1);
  made.start(one, 10 * us, group, 1);
  made.begin_wait(one, 20 * us, wait::blocking, group, 0);
  made.begin_wait(one, 22 * us, wait::sleep, group, group);
  made.end_wait(one, 28 * us, wait::sleep, group, group, wait_end::done);
  made.end_wait(one, 30 * us, wait::blocking, group, 0, wait_end::done);
  made.begin_wait(one, 40 * us, wait::sleep, group, group);
  made.end_wait(one, 45 * us, wait::sleep, group, group, wait_end::done);
  made.end(one, 50 * us, group, 1);
  const auto m = model_of(made);
  const auto blocked = findings_of(m).groups.at(0).blocked.summary();
  EXPECT_EQ(blocked.samples, 1u);
  EXPECT_EQ(blocked.max, 15'000);
}

TEST(Figures, MeasureFromTheSetToWhoHeardIt) {
  auto [made, group, outside, one] = scene_of("work");
  made.add(outside, 0, group, 1);
  made.start(one, 1 * us, group, 1);
  made.begin_wait(one, 10 * us, wait::sleep, group, group);
  made.push(outside, 100 * us, kind::event_set, group, 1, 0, 1);
  made.push(one, 142 * us, kind::event_heard, group, 1, 1, 1);
  made.end_wait(one, 143 * us, wait::sleep, group, group, wait_end::event_set);
  made.end(one, 150 * us, group, 1);
  const auto m = model_of(made);
  const auto found = findings_of(m);
  EXPECT_EQ(found.groups.at(0).wake.summary().samples, 1u);
  EXPECT_EQ(found.groups.at(0).wake.summary().max, 42'000);
  ASSERT_EQ(m.settings.size(), 1u);
  EXPECT_EQ(m.settings[0].why, tgtrace::cause::requested);
}

// Who begins to wait under an event that was set long ago hears it at once.
TEST(Figures, DoNotCountTheTimeBeforeTheWait) {
  auto [made, group, outside, one] = scene_of("work");
  made.push(outside, 100 * us, kind::event_set, group, 1, 0, 1);
  made.begin_wait(one, 900 * us, wait::sleep, 0, group);
  made.push(one, 901 * us, kind::event_heard, group, 1, 1, 1);
  made.end_wait(one, 901 * us, wait::sleep, 0, group, wait_end::event_set);
  EXPECT_EQ(findings_of(model_of(made)).groups.at(0).wake.summary().max, 1'000);
}

// It meets the event after a wait that had nothing to do with it.
TEST(Figures, DoNotCountWhoHadNotWaited) {
  auto [made, group, outside, one] = scene_of("work");
  made.begin_wait(one, 10 * us, wait::sleep, 0, group);
  made.end_wait(one, 20 * us, wait::sleep, 0, group, wait_end::done);
  made.push(outside, 100 * us, kind::event_set, group, 1, 0, 1);
  made.push(one, 900 * us, kind::event_heard, group, 1, static_cast<std::uint64_t>(wait::sleep), 1);
  const auto m = model_of(made);
  ASSERT_EQ(m.hearings.size(), 1u);
  EXPECT_FALSE(tgtrace::is_known(m.hearings[0].from));
  EXPECT_TRUE(findings_of(m).groups.at(0).wake.empty());
}

// A wait for a condition ends, and then it is looked why.
TEST(Figures, CountWhoHeardAfterTheWait) {
  auto [made, group, outside, one] = scene_of("work");
  made.begin_wait(one, 10 * us, wait::condition, 0, group);
  made.push(outside, 100 * us, kind::event_set, group, 1, 0, 1);
  made.end_wait(one, 130 * us, wait::condition, 0, group, wait_end::done);
  made.push(one, 131 * us, kind::event_heard, group, 1, static_cast<std::uint64_t>(wait::condition), 1);
  const auto m = model_of(made);
  EXPECT_EQ(findings_of(m).groups.at(0).wake.summary().max, 31'000);
  EXPECT_EQ(m.waits.at(0).how, tgtrace::wait_end::event_set);
}

// The recorder knows how long the wait took, and not whose it was.
TEST(Figures, FindTheTaskWhoseWaitFrozeTheRings) {
  auto [made, group, outside, one] = scene_of("sleepy");
  made.add(outside, 0, group, 7);
  made.start(one, 1 * us, group, 7);
  made.begin_wait(one, 2 * us, wait::sleep, group, 0);
  made.end_wait(one, 50 * us, wait::sleep, group, 0, wait_end::done, 48 * us);
  auto& header = made.file().header();
  header.frozen_why = static_cast<std::uint32_t>(tracing::freeze_reason::long_wait);
  header.frozen_group = group;
  header.frozen_ticks = 48 * us;
  const auto m = model_of(made);
  EXPECT_EQ(m.frozen.task, 7u);
  const std::string text = tgtrace::report_text(m, findings_of(m), {});
  EXPECT_NE(text.find("frozen because a task waited for long: task 7 of 'sleepy', 48.0 us"),
            std::string::npos)
      << text;
}

TEST(Figures, MeasureFromAWakeUpToTheFirstTask) {
  auto [made, group, outside, one] = scene_of("work");
  made.push(one, 10 * us, kind::worker_parked);
  made.add(outside, 100 * us, group, 1);
  made.push(one, 130 * us, kind::worker_woken);
  made.run(one, 137 * us, 140 * us, group, 1);
  made.push(one, 150 * us, kind::worker_parked);
  made.push(one, 160 * us, kind::worker_woken);
  made.push(one, 170 * us, kind::worker_parked);
  const auto start = findings_of(model_of(made)).groups.at(0).start.summary();
  EXPECT_EQ(start.samples, 1u);
  EXPECT_EQ(start.max, 7'000);
}

TEST(Figures, TellHowLongTheLimitWasReached) {
  auto [made, group, outside, one] = scene_of("narrow", 1);
  made.add(outside, 0, group, 1);
  made.add(outside, 100 * us, group, 2);
  made.run(one, 0, 400 * us, group, 1);
  made.run(one, 500 * us, 600 * us, group, 2);
  made.push(outside, 1000 * us, kind::trace_stopped);
  const auto found = findings_of(model_of(made));
  EXPECT_NEAR(found.groups.at(0).full_share, 0.5, 1e-9);
  EXPECT_EQ(found.groups.at(0).queued_while_full, 300'000);
}

TEST(Figures, FollowAChangedLimit) {
  auto [made, group, outside, one] = scene_of("paused", 4);
  made.add(outside, 0, group, 1);
  made.push(outside, 300 * us, kind::limit_changed, group, 4, 0);
  made.run(one, 310 * us, 400 * us, group, 1);
  const auto m = model_of(made);
  EXPECT_EQ(m.groups.at(0).limit, 0u);
  const auto found = findings_of(m);
  EXPECT_EQ(found.groups.at(0).limit, 4u);
  EXPECT_EQ(found.slowest.at(0).queued.behind_limit, 300'000);
  EXPECT_EQ(found.slowest.at(0).parts.at(0).what, "queued in a paused group");
}

TEST(Figures, SayWhichMayLackSomething) {
  scene made(8);
  const auto early = made.group("early");
  const auto late = made.group("late", 0, 32, 90 * us);
  const auto one = made.worker("tg-0");
  made.add(one, 0, early, 1);
  for (std::uint64_t id = 2; id <= 9; ++id) made.run(one, id * 10 * us, id * 10 * us + 5 * us, early, id);
  made.run(one, 100 * us, 101 * us, late, 1);
  const auto m = model_of(made);
  EXPECT_EQ(m.lost.overwritten, 12u);
  const auto found = findings_of(m);
  EXPECT_TRUE(found.whole.may_lack);
  EXPECT_TRUE(found.groups.at(0).may_lack);
  EXPECT_FALSE(found.groups.at(1).may_lack);
}

// A lost start must not look like a task that is queued for ever.
TEST(Figures, DoNotTakeALostStartForAQueuedTask) {
  auto [made, group, outside, one] = scene_of("work", 32, 8);
  for (std::uint64_t id = 1; id <= 7; ++id) made.add(outside, id * us, group, id);
  for (std::uint64_t id = 1; id <= 7; ++id) made.run(one, id * 10 * us, id * 10 * us + us, group, id);
  const auto found = findings_of(model_of(made));
  EXPECT_EQ(found.whole.tasks.queued, 0u);
  EXPECT_EQ(found.whole.tasks.incomplete, 3u);
  EXPECT_EQ(found.whole.tasks.run(), 4u);
}

// Recording was switched on while it was busy, and it has not parked since.
TEST(Figures, KnowAWorkerByWhatItDoes) {
  scene made;
  const auto group = made.group("work");
  const auto outside = made.thread("main");
  const auto busy = made.thread("tg-0");
  made.add(outside, 0, group, 1);
  made.add(outside, 0, group, 2);
  made.run(busy, 1 * us, 2 * us, group, 1);
  made.run(outside, 1 * us, 3 * us, group, 2);
  const auto m = model_of(made);
  EXPECT_FALSE(m.threads.at(0).is_worker);
  EXPECT_TRUE(m.threads.at(1).is_worker);
}

TEST(Figures, CountTicksAsTheClockWasCalibrated) {
  scene made;
  made.file().header().clock = static_cast<std::uint32_t>(tracing::clock_kind::counter);
  made.file().header().calibrations = 2;
  made.file().header().pairs[0] = {0, 5'000'000'000};
  made.file().header().pairs[1] = {3'000'000'000, 6'000'000'000};
  const auto group = made.group("work");
  const auto one = made.worker("tg-0");
  made.add(one, 0, group, 1);
  made.run(one, 30'000, 90'000, group, 1);
  const auto m = model_of(made);
  EXPECT_EQ(findings_of(m).whole.run.summary().max, 20'000);
  EXPECT_EQ(m.first_monotonic_ns, 5'000'000'000 + 33'333'333'333);
}

}  // namespace

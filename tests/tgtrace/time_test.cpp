// Times that cannot be are left out, and the others stay as they are: a damaged stamp must neither overflow anything nor make
// a recording of a hundred years.
#include <gtest/gtest.h>

#include <string>

#include "tests/tgtrace/scene.h"
#include "tools/tgtrace/report.h"

namespace {

using namespace tg_test;
using tracing::wait;
using tracing::wait_end;

constexpr std::uint64_t year = 365ull * 24 * 3600 * 1000 * ms;

// A recorder that looked at its clock at the beginning and 10 ms later.
plain_scene calibrated_scene() {
  plain_scene fresh = scene_of("work");
  auto& header = fresh.made.file().header();
  header.calibrations = 2;
  header.pairs[0] = {scene::at(0), scene::at(0)};
  header.pairs[1] = {scene::at(10 * ms), scene::at(10 * ms)};
  return fresh;
}

void expect_left_out(scene& made, std::uint64_t wrong) {
  const auto m = model_of(made);
  EXPECT_EQ(m.lost.damaged, 1u) << wrong;
  EXPECT_LE(m.length, static_cast<tgtrace::time_ns>(10 * ms)) << wrong;
  ASSERT_EQ(m.remarks.size(), 1u);
  EXPECT_NE(m.remarks[0].find("1 records are damaged: their times are not within the recording"),
            std::string::npos);
  EXPECT_TRUE(m.lost.may_touch(0));
}

TEST(Times, BeyondTheRecordingAreLeftOut) {
  for (const std::uint64_t wrong : {100 * year, 1 * year, UINT64_MAX / 2}) {
    auto [made, group, outside, one] = calibrated_scene();
    made.add(outside, 1 * ms, group, 1);
    made.run(one, 2 * ms, 3 * ms, group, 1);
    made.push(one, wrong, kind::worker_parked);
    expect_left_out(made, wrong);
  }
}

TEST(Times, BeforeTheRecordingAreLeftOut) {
  auto [made, group, outside, one] = calibrated_scene();
  // Of the kinds that may be stamped before what stands in front of them.
  made.file().push(outside, 5, kind::task_added, group, 1);
  made.run(one, 2 * ms, 3 * ms, group, 1);
  expect_left_out(made, 5);
}

TEST(Times, OfARecorderThatHasNotLookedAtItsClockForLongAreKept) {
  auto [made, group, outside, one] = calibrated_scene();
  made.add(outside, 1 * ms, group, 1);
  made.run(one, 2 * ms, 30 * 60 * 1000 * ms, group, 1);
  const auto m = model_of(made);
  EXPECT_EQ(m.lost.damaged, 0u);
  EXPECT_EQ(m.length, static_cast<tgtrace::time_ns>(30 * 60 * 1000 * ms));
}

// Then most records lie elsewhere than the header says.
TEST(Times, AreKeptWhereTheHeaderIsDamaged) {
  auto [made, group, outside, one] = calibrated_scene();
  made.file().header().pairs[0] = {0, 50 * year};
  made.file().header().pairs[1] = {1, 50 * year + 1};
  made.add(outside, 1 * ms, group, 1);
  made.run(one, 2 * ms, 3 * ms, group, 1);
  const auto m = model_of(made);
  EXPECT_EQ(m.lost.damaged, 0u);
  EXPECT_EQ(findings_of(m).whole.run.summary().max, 1'000'000);
}

TEST(Times, OfAnImpossibleClockAreItsTicks) {
  auto [made, group, outside, one] = scene_of("work");
  auto& header = made.file().header();
  header.clock = static_cast<std::uint32_t>(tracing::clock_kind::counter);
  header.calibrations = 2;
  header.pairs[0] = {scene::at(0), scene::at(0)};
  header.pairs[1] = {scene::at(1), scene::at(0) + year};
  made.run(one, 2 * ms, 3 * ms, group, 1);
  const auto m = model_of(made);
  ASSERT_EQ(m.remarks.size(), 1u);
  EXPECT_NE(m.remarks[0].find("in its ticks"), std::string::npos);
  EXPECT_EQ(findings_of(m).whole.run.summary().max, 1'000'000);
}

TEST(Times, OfTheTableAreUnknownIfTheyCannotBe) {
  auto [made, group, outside, one] = calibrated_scene();
  made.file().group(group).entered = scene::at(100 * year);
  made.file().group(group).ended = 7;
  made.run(one, 2 * ms, 3 * ms, group, 1);
  const auto m = model_of(made);
  EXPECT_FALSE(tgtrace::is_known(m.groups.at(0).born));
  EXPECT_FALSE(tgtrace::is_known(m.groups.at(0).ended));
}

// A record that tells of a span says when something began; not before there was a recorder.
TEST(Times, BeforeASpanAreNotBeforeTheRecording) {
  auto [made, group, outside, one] = calibrated_scene();
  made.push(one, 2 * ms, kind::task_started, group, 1, 100 * year);
  made.push(one, 3 * ms, kind::task_ended, group, 1, 100 * year);
  made.push(one, 4 * ms, kind::task_ended, group, 2, 100 * year);
  made.end_wait(one, 5 * ms, wait::sleep, 0, group, wait_end::done, 100 * year);
  const auto m = model_of(made);
  for (const auto& task : m.tasks) EXPECT_GE(std::min(task.started, task.id == 1 ? task.added : 0), 0);
  EXPECT_GE(m.waits.at(0).began, 0);
  EXPECT_LE(findings_of(m).whole.run.summary().max, static_cast<tgtrace::time_ns>(10 * ms));
}

}  // namespace

// What `tgtrace top` shows of a moment that is known.
#include "tools/tgtrace/top_view.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/tgtrace/scene.h"

namespace {

using namespace tg_test;
using tracing::wait;

constexpr std::size_t enough = 100;

// The words of the line that begins with this one; none if there is no such line.
std::vector<std::string> line_of(const scene& from, const std::string& first, std::size_t groups = enough) {
  std::istringstream text(tgtrace::top_text(model_of(from), groups));
  for (std::string line; std::getline(text, line);) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    if (!words.empty() && words[0] == first) return words;
  }
  return {};
}

// Columns: name, living, running, limit, pending, ended, event.
std::vector<std::string> group_line(const scene& from, const std::string& name) {
  auto words = line_of(from, name);
  words.resize(7);
  return words;
}

using words = std::vector<std::string>;

TEST(Top, CountsTheTasksOfAGroup) {
  auto [made, group, outside, one] = scene_of("work", 3);
  for (std::uint64_t id = 1; id <= 4; ++id) made.add(outside, id * us, group, id);
  made.run(one, 10 * us, 20 * us, group, 1);
  made.start(one, 30 * us, group, 2);
  EXPECT_EQ(group_line(made, "work"), (words{"work", "1", "1", "3", "2", "1", "-"}));
}

TEST(Top, ANameDoesNothingToTheTerminal) {
  auto [made, group, outside, one] = scene_of(
      "a\x1b[2Jb\nc\xc2\x9b"
      "d",
      3);
  made.run(one, 10 * us, 20 * us, group, 1);
  EXPECT_EQ(group_line(made, "a\\x1b[2Jb\\x0ac\\x9bd")[3], "3");
}

TEST(Top, ShowsTheLatestLimit) {
  auto [made, group, outside, one] = scene_of("work", 3);
  made.push(outside, 1 * us, kind::limit_changed, group, 8, 3);
  EXPECT_EQ(group_line(made, "work")[3], "8");
}

TEST(Top, ShowsWhyTheEventIsSet) {
  scene made;
  const auto outer = made.group("outer");
  const auto inner = made.group("inner", outer);
  const auto outside = made.thread("main");
  made.push(outside, 5 * us, kind::event_set, outer, made.file().group(outer).id, 0, 4);
  EXPECT_EQ(group_line(made, "outer")[6], "deadline");
  EXPECT_EQ(group_line(made, "inner")[6], "deadline");
  made.push(outside, 6 * us, kind::event_reset, inner);
  made.push(outside, 7 * us, kind::event_reset, outer);
  EXPECT_EQ(group_line(made, "outer")[6], "-");
  EXPECT_EQ(group_line(made, "inner")[6], "-");
}

TEST(Top, AnEarlierSetOfEveryGroupIsNotALaterOnes) {
  scene made;
  const auto outside = made.thread("main");
  made.push(outside, 5 * us, kind::event_set, 0, 0, 0, 1);
  const auto later = made.group("later", 0, 32, 9 * us);
  made.push(outside, 9 * us, kind::group_born, later, 1);
  EXPECT_EQ(group_line(made, "later")[6], "-");
  const auto beneath = made.group("beneath", 0, 32, 10 * us);
  made.push(outside, 10 * us, kind::group_born, beneath, 2, 1, 1);
  EXPECT_EQ(group_line(made, "beneath")[6], "requested");
}

TEST(Top, TellsWhatAWorkerDoes) {
  auto [made, group, outside, one] = scene_of("work");
  const auto two = made.worker("idle");
  made.push(two, 1 * us, kind::worker_parked);
  made.add(outside, 1 * us, group, 1);
  made.start(one, 2 * us, group, 1);
  made.begin_wait(one, 5 * us, wait::sleep, group, 0);
  made.push(outside, 12 * us, kind::cpu_time, 0, 1);
  EXPECT_EQ(line_of(made, "tg-0"), (words{"tg-0", "102", "runs", "task", "1", "of", "'work'", "since", "10.0",
                                          "us,", "blocked", "in", "sleep"}));
  EXPECT_EQ(line_of(made, "idle"), (words{"idle", "103", "asleep"}));
}

// Its own start is overwritten; a later task of the group has started.
TEST(Top, DoesNotTakeALostStartForAQueuedTask) {
  auto [made, group, outside, one] = scene_of("work", 32, 8);
  for (std::uint64_t id = 1; id <= 7; ++id) made.add(outside, id * us, group, id);
  for (std::uint64_t id = 1; id <= 6; ++id) made.run(one, id * 10 * us, id * 10 * us + us, group, id);
  EXPECT_EQ(group_line(made, "work")[4], "1");
}

TEST(Top, KeepsToTheLinesThereAre) {
  scene made;
  made.thread("main");
  for (const char* name : {"a", "b", "c"}) made.group(name);
  EXPECT_FALSE(line_of(made, "b", 2).empty());
  EXPECT_TRUE(line_of(made, "c", 2).empty());
  EXPECT_EQ(line_of(made, "and", 2), (words{"and", "1", "more", "(--groups)"}));
}

}  // namespace

// What other viewers are given: decoded by protoc, which knows nothing of this program, and by a JSON parser.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tgtrace/scene.h"
#include "tools/tgtrace/export.h"

namespace {

using namespace tg_test;

// A message as `protoc --decode_raw` prints it: numbers of fields, values as text.
struct message {
  std::multimap<std::string, std::string> values;
  std::multimap<std::string, message> parts;

  std::string value(const std::string& field) const {
    const auto at = values.find(field);
    return at == values.end() ? "" : at->second;
  }
  const message& part(const std::string& field) const { return parts.find(field)->second; }
  bool has(const std::string& field) const { return parts.count(field) != 0; }
};

message parse(std::istream& in) {
  message made;
  for (std::string line; std::getline(in, line);) {
    line.erase(0, line.find_first_not_of(' '));
    if (line == "}") return made;
    if (line.ends_with(" {")) {
      made.parts.emplace(line.substr(0, line.size() - 2), parse(in));
    } else if (const auto colon = line.find(": "); colon != std::string::npos) {
      made.values.emplace(line.substr(0, colon), line.substr(colon + 2));
    }
  }
  return made;
}

message decoded(const std::string& raw) {
  // Tests run beside each other, each in a process of its own.
  const std::string path =
      testing::TempDir() + "tgtrace_export_test." + std::to_string(::getpid()) + ".pftrace";
  std::ofstream(path, std::ios::binary) << raw;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(
      ::popen((std::string(TGTRACE_PROTOC) + " --decode_raw < " + path).c_str(), "r"), &::pclose);
  std::stringstream text;
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, out.get())) {
    text.write(buffer, static_cast<std::streamsize>(got));
  }
  std::filesystem::remove(path);
  return parse(text);
}

scene two_groups() {
  scene made;
  const auto outer = made.group("outer");
  const auto inner = made.group("inner", outer);
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  made.add(outside, 10 * us, outer, 1);
  made.start(one, 20 * us, outer, 1);
  made.add(one, 25 * us, inner, 1);
  made.begin_wait(one, 30 * us, tracing::wait::join, outer, inner);
  made.run(one, 31 * us, 40 * us, inner, 1);
  made.end_wait(one, 41 * us, tracing::wait::join, outer, inner, tracing::wait_end::done);
  made.begin_wait(one, 42 * us, tracing::wait::sleep, outer, 0);
  made.push(outside, 60 * us, kind::event_set, outer, 1, 0, 1);
  made.push(one, 63 * us, kind::event_heard, outer, 1, 1, 1);
  made.end_wait(one, 64 * us, tracing::wait::sleep, outer, 0, tracing::wait_end::event_set);
  made.end(one, 70 * us, outer, 1);
  return made;
}

struct perfetto {
  std::map<std::string, message> tracks;  // by name
  std::vector<message> packets;           // with an event
};

perfetto exported(const scene& from) {
  perfetto result;
  const message all = decoded(tgtrace::perfetto_trace(model_of(from)));
  for (const auto& [field, packet] : all.parts) {
    EXPECT_EQ(field, "1");
    if (packet.has("60")) result.tracks.emplace(packet.part("60").value("2"), packet.part("60"));
    if (packet.has("11")) result.packets.push_back(packet);
  }
  return result;
}

TEST(Perfetto, HasTheTreeOfGroupsAsNestedTracks) {
  const perfetto trace = exported(two_groups());
  const message& outer = trace.tracks.at("\"outer\"");
  const message& inner = trace.tracks.at("\"inner\"");
  EXPECT_EQ(inner.value("5"), outer.value("1"));
  EXPECT_EQ(outer.value("5"), "1");
  EXPECT_EQ(trace.tracks.at("\"tg-0\"").part("4").value("2"), "102");
}

TEST(Perfetto, FlowsLeadFromAddToStartAndFromSetToHeard) {
  const perfetto trace = exported(two_groups());
  std::map<std::string, std::string> begins;
  std::map<std::string, std::string> ends;
  for (const message& packet : trace.packets) {
    const message& event = packet.part("11");
    if (!event.value("47").empty()) begins[event.value("47")] = event.value("23");
    if (!event.value("48").empty()) ends[event.value("48")] = event.value("23");
  }
  std::map<std::string, std::string> flows;
  for (const auto& [id, name] : begins) flows[name] = ends[id];
  const std::map<std::string, std::string> expected = {{"\"add outer #1\"", "\"outer #1\""},
                                                       {"\"add inner #1\"", "\"inner #1\""},
                                                       {"\"event set: requested\"", "\"event heard\""}};
  EXPECT_EQ(flows, expected);
}

// A viewer leads a flow to the first end that it meets.
TEST(Perfetto, EachOfThoseWhoHeardHasAFlowOfItsOwn) {
  auto [made, group, outside, one] = scene_of("sleepers");
  const auto two = made.worker("tg-1");
  for (const auto worker : {one, two}) made.begin_wait(worker, 10 * us, tracing::wait::sleep, 0, group);
  made.push(outside, 60 * us, kind::event_set, group, 1, 0, 1);
  for (const auto worker : {one, two}) made.push(worker, 63 * us, kind::event_heard, group, 1, 1, 1);
  std::multiset<std::string> begins;
  std::multiset<std::string> ends;
  for (const message& packet : exported(made).packets) {
    const message& event = packet.part("11");
    const auto [from, to] = event.values.equal_range("47");
    for (auto at = from; at != to; ++at) begins.insert(at->second);
    if (!event.value("48").empty()) ends.insert(event.value("48"));
  }
  EXPECT_EQ(begins.size(), 2u);
  EXPECT_NE(*begins.begin(), *begins.rbegin());
  EXPECT_EQ(begins, ends);
}

TEST(Perfetto, EverySliceThatBeginsEndsOnItsTrack) {
  const perfetto trace = exported(two_groups());
  std::map<std::string, int> open;
  int begun = 0;
  for (const message& packet : trace.packets) {
    const message& event = packet.part("11");
    if (event.value("9") == "1") {
      ++open[event.value("11")];
      ++begun;
    } else if (event.value("9") == "2") {
      EXPECT_GE(--open[event.value("11")], 0);
    }
  }
  // Two tasks on their thread and on their groups' lanes, two waits.
  EXPECT_EQ(begun, 6);
  for (const auto& [track, left] : open) EXPECT_EQ(left, 0) << track;
}

TEST(Perfetto, CountsInNanosecondsOfTheMonotonicClock) {
  const perfetto trace = exported(two_groups());
  for (const message& packet : trace.packets) {
    if (packet.part("11").value("23") != "\"add outer #1\"") continue;
    EXPECT_EQ(packet.value("8"), std::to_string(scene::at(10 * us)));
    return;
  }
  FAIL() << "no such event";
}

TEST(Chrome, HasTasksFlowsAndNames) {
  const auto all = nlohmann::json::parse(tgtrace::chrome_trace(model_of(two_groups())));
  std::multimap<std::string, nlohmann::json> by_phase;
  for (const auto& event : all.at("traceEvents")) by_phase.emplace(event.at("ph"), event);
  EXPECT_EQ(by_phase.count("X"), 6u);
  EXPECT_EQ(by_phase.count("s"), 3u);
  EXPECT_EQ(by_phase.count("f"), 3u);
  for (auto [at, end] = by_phase.equal_range("X"); at != end; ++at) {
    if (at->second.at("name") != "inner #1") continue;
    EXPECT_DOUBLE_EQ(at->second.at("ts"), 31);
    EXPECT_DOUBLE_EQ(at->second.at("dur"), 9);
    EXPECT_EQ(at->second.at("tid"), 102);
    return;
  }
  FAIL() << "no slice of the task";
}

TEST(Chrome, IsWellFormedWhateverTheNames) {
  scene made;
  const auto group = made.group("\xff\xfe");
  const auto one = made.worker("tg-0");
  made.run(one, 10 * us, 20 * us, group, 1);
  EXPECT_TRUE(nlohmann::json::accept(tgtrace::chrome_trace(model_of(made))));
}

}  // namespace

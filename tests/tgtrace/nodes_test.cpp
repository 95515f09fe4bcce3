// Groups of one name under the same parent are one node of the tree.
#include <gtest/gtest.h>

#include <string>

#include "tests/tgtrace/scene.h"
#include "tools/tgtrace/report.h"

namespace {

using namespace tg_test;

// Two requests with a group of steps each, and another group of steps elsewhere.
scene two_requests() {
  scene made;
  const auto service = made.group("service");
  const auto outside = made.thread("main");
  const auto one = made.worker("tg-0");
  for (std::uint64_t i = 0; i < 2; ++i) {
    const auto request = made.group("request", service, 2 + static_cast<std::uint32_t>(i));
    const auto steps = made.group("steps", request);
    made.add(outside, i * ms, request, 1);
    made.run(one, i * ms, i * ms + 100 * us, request, 1);
    made.add(outside, i * ms + 200 * us, steps, 1);
    made.run(one, i * ms + 300 * us, i * ms + 500 * us, steps, 1);
  }
  made.group("steps", service);
  return made;
}

const tgtrace::node& node_of(const tgtrace::model& m, const tgtrace::findings& found, tgtrace::index group) {
  EXPECT_LT(group, m.groups.size());
  return found.tree.nodes.at(found.tree.of_group.at(group));
}

TEST(Nodes, AreByNameAndParent) {
  const auto m = model_of(two_requests());
  const auto found = findings_of(m);
  ASSERT_EQ(m.groups.size(), 6u);
  ASSERT_EQ(found.tree.nodes.size(), 4u);
  EXPECT_EQ(node_of(m, found, 0).name, "service");
  EXPECT_EQ(&node_of(m, found, 1), &node_of(m, found, 3));
  EXPECT_EQ(&node_of(m, found, 2), &node_of(m, found, 4));
  EXPECT_NE(&node_of(m, found, 2), &node_of(m, found, 5));
  EXPECT_EQ(found.tree.nodes.at(node_of(m, found, 2).parent).name, "request");
}

TEST(Nodes, HaveTheFiguresOfAllTheirGroups) {
  const auto m = model_of(two_requests());
  const auto found = findings_of(m);
  const auto& requests = node_of(m, found, 1);
  EXPECT_EQ(requests.groups.size(), 2u);
  EXPECT_EQ(requests.of.tasks.run(), 2u);
  EXPECT_EQ(requests.of.run.summary().total, 200'000);
  EXPECT_EQ(requests.least_limit, 2u);
  EXPECT_EQ(requests.largest_limit, 3u);
  EXPECT_EQ(requests.of.life, found.groups.at(1).life + found.groups.at(3).life);
  EXPECT_EQ(node_of(m, found, 2).of.queue.summary().total, 200'000);
}

TEST(Nodes, StandInTheReportOnce) {
  const auto m = model_of(two_requests());
  const std::string text = tgtrace::report_text(m, findings_of(m), {});
  EXPECT_NE(text.find("group 'service / request', 2 of this name together\n  limit 2 to 3"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("'service / request' (id"), std::string::npos);
}

}  // namespace

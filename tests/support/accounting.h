// The sum that every test that runs tasks has to make: added == succeeded + failed + skipped, nothing left.
#pragma once

#include "tests/support/bounded.h"

#include <threadgroup/threadgroup.h>

#include <cstddef>
#include <ostream>

namespace tg_test {

// What is expected of a report or of a group's life.
struct tally {
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;

  friend bool operator==(const tally&, const tally&) = default;
  friend std::ostream& operator<<(std::ostream& out, const tally& e) {
    return out << "{succeeded " << e.succeeded << ", failed " << e.failed << ", skipped " << e.skipped << "}";
  }
};

inline tally tally_of(const tg::join_report& report) {
  return {report.succeeded, report.failed, report.skipped};
}
inline tally tally_of(const tg::group_stats& stats) { return {stats.succeeded, stats.failed, stats.skipped}; }

// The group is at rest, and every task that was ever added to it has ended in one way.
inline void expect_accounted(const tg::group& group, std::size_t added) {
  const tg::group_stats stats = group.stats();
  EXPECT_EQ(stats.running, 0u);
  EXPECT_EQ(stats.pending, 0u);
  EXPECT_EQ(stats.succeeded + stats.failed + stats.skipped, added);
}

// A complete join, with exactly these ends since the last one.
inline tg::join_report expect_joins(tg::group& group, const tally& expected) {
  tg::join_report report = group.join_for(patience);
  EXPECT_TRUE(report.complete) << "the join timed out";
  EXPECT_EQ(tally_of(report), expected);
  return report;
}

}  // namespace tg_test

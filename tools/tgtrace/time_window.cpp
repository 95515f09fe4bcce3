#include "tools/tgtrace/time_window.h"

#include <algorithm>
#include <vector>

namespace tgtrace {
namespace {

constexpr std::int64_t hour_ns = 3'600'000'000'000;
constexpr std::int64_t around_the_middle_ns = 30 * 24 * hour_ns;
constexpr std::uint64_t latest_ns = INT64_MAX / 4;

std::int64_t middle_of(const raw_trace& from, const trace_clock& clock) {
  std::vector<std::int64_t> all;
  for (const raw_ring& ring : from.rings) {
    for (const tg::tracing::record& one : ring.records) all.push_back(clock.monotonic_ns(one.stamp));
  }
  if (all.empty()) return 0;
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

// The recorder looks at the clock about once a second, and once each time a ring goes round. A process that does neither for
// as long as it has recorded so far is given the hour.
time_window told_by_header(const tg::tracing::file_header& header) {
  const tg::tracing::clock_pair& last = header.pairs[1 + (header.calibrations & 1)];
  const auto begin = static_cast<std::int64_t>(std::min(header.pairs[0].monotonic_ns, latest_ns));
  const auto end = static_cast<std::int64_t>(std::min(last.monotonic_ns, latest_ns));
  if (header.calibrations < 2 || end <= begin) return {0, -1};
  return {begin, end + (end - begin) + hour_ns};
}

}  // namespace

time_window window_of(const raw_trace& from, const trace_clock& clock) {
  const std::int64_t middle = middle_of(from, clock);
  const time_window told = told_by_header(from.header);
  return told.holds(middle) ? told
                            : time_window{middle - around_the_middle_ns, middle + around_the_middle_ns};
}

}  // namespace tgtrace

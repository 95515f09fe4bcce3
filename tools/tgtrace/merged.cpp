#include "tools/tgtrace/merged.h"

#include <algorithm>

namespace tgtrace {

merged merge(const raw_trace& from, const trace_clock& clock, const time_window& window) {
  merged all;
  std::size_t count = 0;
  for (const raw_ring& ring : from.rings) count += ring.records.size();
  all.records.reserve(count);
  for (std::uint32_t r = 0; r < from.rings.size(); ++r) {
    for (const tg::tracing::record& one : from.rings[r].records) {
      const std::int64_t at = clock.monotonic_ns(one.stamp);
      if (window.holds(at)) all.records.push_back({at, r, &one});
    }
  }
  all.misdated = count - all.records.size();
  std::stable_sort(all.records.begin(), all.records.end(),
                   [](const merged_record& a, const merged_record& b) { return a.at < b.at; });
  return all;
}

}  // namespace tgtrace

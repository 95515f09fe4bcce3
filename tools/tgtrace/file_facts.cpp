#include "tools/tgtrace/file_facts.h"

#include <algorithm>

namespace tgtrace {
namespace {

using tg::tracing::kind;
using tg::tracing::kind_of;
using tg::tracing::record;

// Where a ring was copied again and again, gaps lie anywhere in it; else there is one, before all that is left.
std::uint64_t end_of_last_gap(const raw_ring& ring) {
  const auto gap = std::find_if(ring.records.rbegin(), ring.records.rend(),
                                [](const record& one) { return kind_of(one.what) == kind::records_lost; });
  return gap == ring.records.rend() ? ring.records.front().stamp : gap->stamp;
}

}  // namespace

losses losses_of(const raw_trace& from, const trace_clock& clock, std::int64_t first_ns) {
  losses lost;
  lost.is_cut = from.is_cut;
  lost.without_ring = from.header.lost_without_ring;
  lost.groups_without_entry = from.header.groups_without_entry;
  for (const raw_ring& ring : from.rings) {
    lost.overwritten += ring.overwritten;
    lost.struck += ring.header.struck;
    lost.damaged += ring.damaged + ring.missing;
    if (ring.overwritten == 0 || ring.records.empty()) continue;
    lost.whole_from = std::max(lost.whole_from, clock.monotonic_ns(end_of_last_gap(ring)) - first_ns);
  }
  return lost;
}

freeze freeze_of(const raw_trace& from, const trace_clock& clock) {
  freeze result;
  if (from.header.frozen_why == static_cast<std::uint32_t>(tg::tracing::freeze_reason::long_run)) {
    result.why = "a task ran for long";
  } else if (from.header.frozen_why == static_cast<std::uint32_t>(tg::tracing::freeze_reason::long_wait)) {
    result.why = "a task waited for long";
  }
  result.task = from.header.frozen_task;
  result.took = clock.duration_ns(from.header.frozen_ticks);
  return result;
}

}  // namespace tgtrace

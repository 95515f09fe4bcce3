// What those have in common who make a model out of records: where it comes from, how times are told, and which groups and
// threads are known by now.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tools/tgtrace/clock.h"
#include "tools/tgtrace/group_table.h"
#include "tools/tgtrace/model.h"
#include "tools/tgtrace/thread_table.h"
#include "tools/tgtrace/time_window.h"

namespace tgtrace {

struct build_parts {
  build_parts(const raw_trace& of, const trace_clock& by, const time_window& bounds, std::int64_t first,
              model& into)
      : from(of),
        clock(by),
        window(bounds),
        first_ns(first),
        m(into),
        groups(of, by, bounds, first, into),
        threads(of, into) {}

  // So many ticks before: what a record tells that is about a span. Not before anything was recorded.
  time_ns before(time_ns at, std::uint64_t ticks) const noexcept {
    return std::max(at - clock.duration_ns(ticks), std::min(window.from - first_ns, at));
  }
  index group_of(const tg::tracing::record& is) { return groups.find(tg::tracing::group_of(is.what)); }

  const raw_trace& from;
  const trace_clock& clock;
  const time_window& window;
  const std::int64_t first_ns;
  model& m;
  group_table groups;
  thread_table threads;
};

}  // namespace tgtrace

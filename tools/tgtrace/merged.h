// The records of all rings as one list, in the order of their times.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/tgtrace/clock.h"
#include "tools/tgtrace/model.h"
#include "tools/tgtrace/time_window.h"

namespace tgtrace {

struct merged_record {
  std::int64_t at;     // ns of the monotonic clock
  std::uint32_t ring;  // its place in raw_trace::rings
  const tg::tracing::record* is;
};

struct merged {
  std::vector<merged_record> records;
  std::uint64_t misdated = 0;  // left out: no such moment lies in the recording
};

merged merge(const raw_trace& from, const trace_clock& clock, const time_window& window);

}  // namespace tgtrace

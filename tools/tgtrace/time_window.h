// Within which times a trace's records can lie. A damaged stamp may say anything; a page of a hundred years shows nothing.
#pragma once

#include <cstdint>

#include "tools/tgtrace/clock.h"
#include "tools/tgtrace/reader.h"

namespace tgtrace {

// Nanoseconds of the monotonic clock.
struct time_window {
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool holds(std::int64_t at) const noexcept { return from <= at && at <= to; }
};

// From where the recorder began, to some time after it last looked at the clock; if most records lie elsewhere, the header
// is what is wrong, and the records themselves say where they are.
time_window window_of(const raw_trace& from, const trace_clock& clock);

}  // namespace tgtrace

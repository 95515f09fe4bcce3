// The file's clock: ticks to nanoseconds of the monotonic clock.
#pragma once

#include <cstdint>

#include "core/trace/format.h"

namespace tgtrace {

class trace_clock {
 public:
  explicit trace_clock(const tg::tracing::file_header& header) noexcept;

  // False: a counter that was never compared with the clock. Its ticks are then taken for nanoseconds.
  bool is_calibrated() const noexcept { return calibrated_; }
  // Both saturate far within what 64 bits hold, so that sums and differences do not overflow.
  std::int64_t monotonic_ns(std::uint64_t stamp) const noexcept;
  std::int64_t duration_ns(std::uint64_t ticks) const noexcept;

 private:
  tg::tracing::clock_pair first_;
  long double ns_per_tick_ = 1;
  bool calibrated_ = true;
};

}  // namespace tgtrace

#include "tools/tgtrace/clock.h"

#include <algorithm>

namespace tgtrace {
namespace {

// 146 years; a damaged stamp is not later than that.
constexpr long double largest_ns = static_cast<long double>(INT64_MAX / 2);

// No processor counts more slowly or faster than this; a damaged header does.
constexpr long double slowest_ns_per_tick = 1'000;
constexpr long double fastest_ns_per_tick = 0.01L;

std::int64_t saturated(long double ns) noexcept {
  return static_cast<std::int64_t>(std::clamp(ns, -largest_ns, largest_ns));
}

long double difference(std::uint64_t a, std::uint64_t b) noexcept {
  return static_cast<long double>(a) - static_cast<long double>(b);
}

}  // namespace

trace_clock::trace_clock(const tg::tracing::file_header& header) noexcept : first_(header.pairs[0]) {
  if (header.clock == static_cast<std::uint32_t>(tg::tracing::clock_kind::monotonic)) return;
  const tg::tracing::clock_pair& latest = header.pairs[1 + (header.calibrations & 1)];
  const long double ticks = difference(latest.ticks, first_.ticks);
  const long double ns = difference(latest.monotonic_ns, first_.monotonic_ns);
  calibrated_ = header.calibrations > 1 && ticks > 0 && ns > 0;
  calibrated_ = calibrated_ && slowest_ns_per_tick >= ns / ticks && fastest_ns_per_tick <= ns / ticks;
  if (calibrated_) ns_per_tick_ = ns / ticks;
}

std::int64_t trace_clock::monotonic_ns(std::uint64_t stamp) const noexcept {
  return saturated(static_cast<long double>(first_.monotonic_ns) +
                   difference(stamp, first_.ticks) * ns_per_tick_);
}

std::int64_t trace_clock::duration_ns(std::uint64_t ticks) const noexcept {
  return saturated(static_cast<long double>(ticks) * ns_per_tick_);
}

}  // namespace tgtrace

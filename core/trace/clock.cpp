#include "core/trace/clock.h"

namespace tg::tracing {
namespace {

constexpr int tries = 5;
// A pair is a few tens of nanoseconds wrong: the rate to about one part in twenty thousand.
constexpr std::int64_t first_span_ns = 1'000'000;

void write_pair(file_header& header, std::size_t at, const clock_pair& pair) noexcept {
  live(header.pairs[at].ticks).store(pair.ticks, base::relaxed);  // relaxed: published by the count
  live(header.pairs[at].monotonic_ns).store(pair.monotonic_ns, base::relaxed);  // relaxed: as above
}

}  // namespace

clock_pair trace_clock::read_both() const noexcept {
  clock_pair best{};
  std::uint64_t shortest = UINT64_MAX;
  for (int i = 0; i < tries; ++i) {
    const std::uint64_t before = now();
    const auto ns = static_cast<std::uint64_t>(detail::now_ns());
    const std::uint64_t took = now() - before;
    if (took >= shortest) continue;
    shortest = took;
    best = {before + took / 2, ns};
  }
  return best;
}

void trace_clock::calibrate_first(file_header& header) const noexcept {
  const clock_pair first = read_both();
  while (detail::now_ns() - static_cast<std::int64_t>(first.monotonic_ns) < first_span_ns) base::pause();
  write_pair(header, 0, first);
  write_pair(header, 1, read_both());
  live(header.calibrations).store(2, base::relaxed);  // relaxed: before the file is known to others
}

void trace_clock::calibrate(file_header& header) noexcept {
  // [TR6] acquire: the pair that the one before has written; pairs with [TR7]
  if (calibrating_.exchange(1, base::acquire) != 0) return;
  const std::uint32_t count = live(header.calibrations).load(base::relaxed);  // relaxed: under calibrating_
  write_pair(header, 1 + ((count + 1) & 1), read_both());
  // [TR8] release: the pair; pairs with [TR9]
  live(header.calibrations).store(count + 1, base::release);
  // [TR7] release: the next one goes on from here; pairs with [TR6]
  calibrating_.store(0, base::release);
}

std::uint64_t trace_clock::ticks_of(const file_header& header, std::uint64_t ns) const noexcept {
  // [TR9] acquire: the pair; pairs with [TR8]
  const std::uint32_t count = live(header.calibrations).load(base::acquire);
  const std::size_t latest = 1 + (count & 1);
  // relaxed: a pair that is overwritten meanwhile makes a threshold a little wrong
  const std::uint64_t ticks = live(header.pairs[latest].ticks).load(base::relaxed) - header.pairs[0].ticks;
  const std::uint64_t now = live(header.pairs[latest].monotonic_ns).load(base::relaxed);  // relaxed: as above
  const std::uint64_t span = now - header.pairs[0].monotonic_ns;
  if (span == 0) return ns;
  const long double wanted =
      static_cast<long double>(ns) * static_cast<long double>(ticks) / static_cast<long double>(span);
  return wanted < 1e19L ? static_cast<std::uint64_t>(wanted) : UINT64_MAX;
}

}  // namespace tg::tracing

// The recorder's clock: the processor's counter where it runs at one rate everywhere, else the monotonic clock.
//
// Any thread; wait-free. Ticks are related to nanoseconds by pairs of readings in the file's header; the
// longer the way between the first pair and the latest one, the better the rate is known. Not in the model, which has
// no files.
#pragma once

#include "core/base/cpu.h"
#include "core/trace/ring.h"

#include <threadgroup/detail/time.h>

namespace tg::tracing {

class trace_clock {
 public:
  // Answers as the file's clock says from now on. Not concurrently with itself.
  void choose(clock_kind which) noexcept {
    counts_.store(which == clock_kind::counter ? 1 : 0, base::relaxed);  // relaxed: before recording begins
  }
  static clock_kind best() noexcept {
    return base::has_constant_ticks() ? clock_kind::counter : clock_kind::monotonic;
  }

  std::uint64_t now() const noexcept {
    // relaxed: fixed before recording begins
    return counts_.load(base::relaxed) != 0 ? base::ticks() : static_cast<std::uint64_t>(detail::now_ns());
  }

  // Both clocks at one moment: the quickest of a few tries, so that a preempted one does not count.
  clock_pair read_both() const noexcept;
  // The first pair, and, a moment later, a second one, so that the rate is known from the beginning.
  void calibrate_first(file_header& header) const noexcept;
  // One more pair. Left out while another thread is at it.
  void calibrate(file_header& header) noexcept;
  // By the pairs so far.
  std::uint64_t ticks_of(const file_header& header, std::uint64_t ns) const noexcept;

 private:
  base::atomic<std::uint32_t> counts_{0};
  base::atomic<std::uint32_t> calibrating_{0};
};

}  // namespace tg::tracing

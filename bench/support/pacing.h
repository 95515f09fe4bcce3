// When the next round starts.
#pragma once

#include "bench/support/timing.h"

#include <random>

namespace bench {

// Starting times that do not depend on the answers. A start that the previous answer has overrun counts from
// when it was due, so that a slow answer does not hide the requests that would have waited behind it.
class pacer {
 public:
  pacer() : due_(now_ns()) {}

  // Sleeps until `gap_ns` after the last start was due, and says from when to count.
  std::int64_t next(std::int64_t gap_ns) {
    due_ += gap_ns;
    if (now_ns() >= due_) return due_;
    sleep_until_ns(due_);
    return now_ns();
  }

 private:
  std::int64_t due_;
};

// Gaps between half and one and a half times their mean, the same for all contenders: even ones fall into step
// with the kernel's timers, and then a repetition measures one moment of the step.
class uneven_gaps {
 public:
  explicit uneven_gaps(std::int64_t mean_ns) : spread_(mean_ns / 2, mean_ns + mean_ns / 2) {}
  std::int64_t next_ns() { return spread_(random_); }

 private:
  std::mt19937_64 random_{20'261};
  std::uniform_int_distribution<std::int64_t> spread_;
};

}  // namespace bench

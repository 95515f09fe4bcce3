// When the next round starts.
#pragma once

#include "bench/support/timing.h"

#include <random>

namespace bench {

// Starting times that do not depend on the answers: each start is due a gap after the last one was due, whenever that
// was made. So a slow answer does not hide those that would have waited behind it. Both calls sleep until the next
// start is due, and say from when to count it.
class pacer {
 public:
  pacer() : due_(now_ns()) {}

  // From when it was due. How late this thread comes is in the figure: for who asks it is waiting like any other.
  std::int64_t next_due(std::int64_t gap_ns) {
    due_ += gap_ns;
    if (now_ns() < due_) sleep_until_ns(due_);
    return due_;
  }

  // From when this thread is awake: what the kernel took to wake it is no part of the question. A start that the last
  // answer has overrun counts from when it was due all the same.
  std::int64_t next_awake(std::int64_t gap_ns) {
    const bool overrun = now_ns() >= due_ + gap_ns;
    const std::int64_t due = next_due(gap_ns);
    return overrun ? due : now_ns();
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

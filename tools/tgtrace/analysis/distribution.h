// Percentiles of a set of durations, by the nearest rank: always a value that has occurred.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "tools/tgtrace/model.h"

namespace tgtrace {

// Saturates: the durations of a damaged trace may be of any length.
constexpr time_ns sum(time_ns a, time_ns b) noexcept {
  time_ns total = 0;
  if (!__builtin_add_overflow(a, b, &total)) return total;
  return a < 0 ? std::numeric_limits<time_ns>::min() : std::numeric_limits<time_ns>::max();
}

struct percentiles {
  std::size_t samples = 0;
  time_ns p50 = 0;
  time_ns p90 = 0;
  time_ns p99 = 0;
  time_ns p999 = 0;
  time_ns max = 0;
  time_ns total = 0;
};

class distribution {
 public:
  void add(time_ns duration) { values_.push_back(duration); }
  void add(const distribution& other) {
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  }
  bool empty() const noexcept { return values_.empty(); }
  const std::vector<time_ns>& values() const noexcept { return values_; }
  percentiles summary() const;

 private:
  std::vector<time_ns> values_;
};

}  // namespace tgtrace

// Order statistics of latencies.
#pragma once

#include <chrono>
#include <vector>

namespace fanout {

class percentiles {
 public:
  explicit percentiles(std::vector<std::chrono::nanoseconds> samples);

  // The smallest sample that at least `percent` of all samples do not exceed (nearest rank); 0 without
  // samples.
  std::chrono::nanoseconds at(double percent) const;

 private:
  std::vector<std::chrono::nanoseconds> sorted_;
};

}  // namespace fanout

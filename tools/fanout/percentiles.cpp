#include "percentiles.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fanout {

percentiles::percentiles(std::vector<std::chrono::nanoseconds> samples) : sorted_(std::move(samples)) {
  std::sort(sorted_.begin(), sorted_.end());
}

std::chrono::nanoseconds percentiles::at(double percent) const {
  if (sorted_.empty()) return {};
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted_.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return sorted_[std::min(index, sorted_.size() - 1)];
}

}  // namespace fanout

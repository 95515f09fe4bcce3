#include "tools/tgtrace/analysis/distribution.h"

#include <algorithm>
#include <numeric>

namespace tgtrace {
namespace {

constexpr std::size_t whole = 1000;

// The smallest value that at least `permille` of all do not exceed.
time_ns at(const std::vector<time_ns>& sorted, std::size_t permille) {
  const std::size_t rank = (sorted.size() * permille + whole - 1) / whole;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

percentiles distribution::summary() const {
  if (values_.empty()) return {};
  std::vector<time_ns> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  return {.samples = sorted.size(),
          .p50 = at(sorted, 500),
          .p90 = at(sorted, 900),
          .p99 = at(sorted, 990),
          .p999 = at(sorted, 999),
          .max = sorted.back(),
          .total = std::accumulate(sorted.begin(), sorted.end(), time_ns{0}, sum)};
}

}  // namespace tgtrace

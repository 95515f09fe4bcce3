// Raw samples and their order statistics.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

class samples {
 public:
  void reserve(std::size_t count) { values_.reserve(count); }
  void add(double value) {
    values_.push_back(value);
    sorted_ = false;
  }
  void add(std::int64_t value) { add(static_cast<double>(value)); }
  bool empty() const { return values_.empty(); }
  std::size_t size() const { return values_.size(); }

  // The smallest sample that at least this share of all does not exceed; 0 without samples.
  double quantile(double share) {
    if (values_.empty()) return 0;
    if (!sorted_) std::sort(values_.begin(), values_.end());
    sorted_ = true;
    const double rank = std::ceil(share * static_cast<double>(values_.size()));
    return values_[rank < 1 ? 0 : std::min(static_cast<std::size_t>(rank), values_.size()) - 1];
  }
  double median() { return quantile(0.5); }

 private:
  std::vector<double> values_;
  bool sorted_ = false;
};

}  // namespace bench

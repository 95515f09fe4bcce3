// Disjoint stretches of time in order, and how much of a window they cover, in O(log n).
#pragma once

#include <cstddef>
#include <vector>

#include "tools/tgtrace/model.h"

namespace tgtrace {

struct span {
  time_ns from = 0;
  time_ns to = 0;
  time_ns length() const noexcept { return to - from; }
};

class spans {
 public:
  // `from` not before the end of the last one; an empty one is dropped, one that touches the last is joined to it.
  void add(time_ns from, time_ns to);

  time_ns covered(span window) const noexcept;
  time_ns total() const noexcept { return before_.empty() ? 0 : before_.back() + list_.back().length(); }
  const std::vector<span>& list() const noexcept { return list_; }
  // The parts of `window` that are in here.
  std::vector<span> within(span window) const;

 private:
  std::size_t first_after(time_ns at) const noexcept;
  time_ns covered_until(time_ns at) const noexcept;

  std::vector<span> list_;
  std::vector<time_ns> before_;  // the sum of all earlier ones
};

// What of `these` lies in the window and in none of `others`.
spans outside(const spans& these, const spans& others, span window);

// Collects spans from a condition that holds or does not as time goes by.
class recorded_condition {
 public:
  void becomes(bool holds, time_ns at) {
    if (holds == holds_) return;
    if (holds_) held_.add(since_, at);
    holds_ = holds;
    since_ = at;
  }
  bool holds() const noexcept { return holds_; }
  const spans& finish(time_ns at) {
    becomes(false, at);
    return held_;
  }

 private:
  spans held_;
  bool holds_ = false;
  time_ns since_ = 0;
};

}  // namespace tgtrace

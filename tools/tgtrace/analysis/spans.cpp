#include "tools/tgtrace/analysis/spans.h"

#include <algorithm>

namespace tgtrace {

void spans::add(time_ns from, time_ns to) {
  if (to <= from) return;
  if (!list_.empty() && list_.back().to == from) {
    list_.back().to = to;
    return;
  }
  before_.push_back(total());
  list_.push_back({from, to});
}

std::size_t spans::first_after(time_ns at) const noexcept {
  const auto found = std::upper_bound(list_.begin(), list_.end(), at,
                                      [](time_ns t, const span& one) { return t < one.from; });
  return static_cast<std::size_t>(found - list_.begin());
}

time_ns spans::covered_until(time_ns at) const noexcept {
  const std::size_t after = first_after(at);
  if (after == 0) return 0;
  const span& last = list_[after - 1];
  return before_[after - 1] + std::min(at, last.to) - last.from;
}

time_ns spans::covered(span window) const noexcept {
  return window.to <= window.from ? 0 : covered_until(window.to) - covered_until(window.from);
}

std::vector<span> spans::within(span window) const {
  std::vector<span> parts;
  const std::size_t after = first_after(window.from);
  for (std::size_t i = after == 0 ? 0 : after - 1; i < list_.size() && list_[i].from < window.to; ++i) {
    const span part{std::max(list_[i].from, window.from), std::min(list_[i].to, window.to)};
    if (part.from < part.to) parts.push_back(part);
  }
  return parts;
}

spans outside(const spans& these, const spans& others, span window) {
  spans left;
  const std::vector<span> holes = others.within(window);
  auto hole = holes.begin();
  for (const span& one : these.within(window)) {
    time_ns from = one.from;
    while (hole != holes.end() && hole->to <= from) ++hole;
    for (auto next = hole; next != holes.end() && next->from < one.to; ++next) {
      left.add(from, next->from);
      from = next->to;
    }
    left.add(from, one.to);
  }
  return left;
}

}  // namespace tgtrace

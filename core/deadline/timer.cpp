#include "core/deadline/timer.h"

#include <algorithm>
#include <new>

namespace tg::deadline {
namespace {

// So many may wait to be taken in before the timer is asked to, even if none is due soon.
constexpr std::size_t inbox_slack = 256;

}  // namespace

bool timer::arm(port& from, const entry& what) {
  if (!inbox_.give(from, what)) throw std::bad_alloc();
  // [T1] seq_cst: after the entry was counted; of this pair and the timer's, which says what it waits for and
  // then looks at the inbox, one sees the other: forbidden is a deadline that is slept over; pairs with [T2]
  if (what.due < next_.load(base::seq_cst)) return true;
  return inbox_.size() > inbox_slack + kept_.load(base::relaxed);  // relaxed: a figure
}

void timer::take_in() {
  for (entry at{}; inbox_.take(at);) {
    heap_.push_back(at);
    std::push_heap(heap_.begin(), heap_.end(), &timer::later);
  }
  kept_.store(heap_.size(), base::relaxed);  // relaxed: a figure
}

entry timer::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), &timer::later);
  const entry top = heap_.back();
  heap_.pop_back();
  return top;
}

detail::deadline_ns timer::announce_next() noexcept {
  const detail::deadline_ns next = heap_.empty() ? detail::for_ever : heap_.front().due;
  // [T2] seq_cst: before the last look at the inbox; pairs with [T1]
  next_.exchange(next, base::seq_cst);
  return next;
}

}  // namespace tg::deadline

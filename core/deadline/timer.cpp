#include "core/deadline/timer.h"

#include <algorithm>
#include <new>

namespace tg::deadline {
namespace {

// So many may wait to be taken in before the timer is asked to, even if none is due soon.
constexpr std::size_t inbox_slack = 256;
constexpr std::size_t least_room = 64;

}  // namespace

timer::timer(std::size_t expected) : inbox_(expected) { heap_.reserve(std::max(expected, least_room)); }

bool timer::arm(port& from, const entry& what) {
  if (!inbox_.give(from, what)) throw std::bad_alloc();
  // [T1] seq_cst: after the entry was counted; of this pair and the timer's, which says what it waits for and
  // then looks at the inbox, one sees the other: forbidden is a deadline that is slept over; pairs with [T2]
  if (what.due < next_.load(base::seq_cst)) return true;
  return inbox_.size() > inbox_slack + kept_.load(base::relaxed);  // relaxed: a figure
}

bool timer::take_in() noexcept {
  entry at{};
  while (has_room() && inbox_.take(at)) {
    heap_.push_back(at);
    std::push_heap(heap_.begin(), heap_.end(), &timer::later);
  }
  kept_.store(heap_.size(), base::relaxed);  // relaxed: a figure
  return has_room();
}

// For one more, before it is taken out of the inbox: it could not go back.
bool timer::has_room() noexcept {
  if (heap_.size() < heap_.capacity()) return true;
  try {
    heap_.reserve(2 * heap_.capacity());
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

entry timer::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), &timer::later);
  const entry top = heap_.back();
  heap_.pop_back();
  return top;
}

detail::deadline_ns timer::announce_next(detail::deadline_ns latest) noexcept {
  const detail::deadline_ns next = heap_.empty() ? latest : std::min(latest, heap_.front().due);
  // [T2] seq_cst: before the last look at the inbox; pairs with [T1]. Could be left out: whoever arms would call
  next_.exchange(next, base::seq_cst);
  return next;
}

}  // namespace tg::deadline

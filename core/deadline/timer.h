// All deadlines of a runtime, kept by one thread.
//
// arm, forget: any thread, lock-free; the heap is called when more deadlines are on their way than was
// expected. collect: the housekeeper only.
#pragma once

#include "core/base/atomic.h"
#include "core/handoff/exchange.h"

#include <threadgroup/detail/time.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tg::deadline {

// Whose deadline: that tenant of that place, or nobody.
struct entry {
  detail::deadline_ns due;
  std::uint64_t tenancy;
  std::uint32_t place;
  std::uint32_t depth;  // of equal deadlines the ancestor's comes first
};

class timer {
 public:
  using port = handoff::exchange<entry>::port;
  explicit timer(std::size_t expected);

  handoff::exchange<entry>& inbox() noexcept { return inbox_; }

  // True: the housekeeper has to look, the deadline may come before what it waits for.
  // Throws std::bad_alloc without memory for it.
  [[nodiscard]] bool arm(port& from, const entry& what);
  // An armed tenant has ended before its deadline.
  void forget() noexcept {
    // relaxed: a figure that says when to tidy
    forgotten_.fetch_add(1, base::relaxed);
  }

  // fire(entry) for all that are due, ancestors first; answers when the next one is, or, without memory to take in
  // what was armed, when to try again.
  template <class Fire, class Lives>
  detail::deadline_ns collect(detail::deadline_ns now, Fire&& fire, Lives&& lives);

 private:
  static bool later(const entry& a, const entry& b) noexcept {
    return a.due != b.due ? a.due > b.due : a.depth > b.depth;
  }
  // False: there is no memory for more.
  bool take_in() noexcept;
  bool has_room() noexcept;
  template <class Lives>
  void tidy(Lives&& lives);
  entry pop();
  detail::deadline_ns announce_next(detail::deadline_ns latest) noexcept;

  handoff::exchange<entry> inbox_;
  std::vector<entry> heap_;                                   // the housekeeper's
  base::atomic<detail::deadline_ns> next_{detail::for_ever};  // what it waits for; written by it, read by arm
  base::atomic<std::uint64_t> kept_{0};                       // size of the heap, for arm
  base::atomic<std::uint64_t> forgotten_{0};                  // entries of ended tenants in the heap, about
};

template <class Fire, class Lives>
detail::deadline_ns timer::collect(detail::deadline_ns now, Fire&& fire, Lives&& lives) {
  constexpr detail::deadline_ns retry_time = 10'000'000;
  for (;;) {
    const bool all_in = take_in();
    tidy(lives);
    while (!heap_.empty() && heap_.front().due <= now) fire(pop());
    const detail::deadline_ns next = announce_next(all_in ? detail::for_ever : now + retry_time);
    if (!all_in || !inbox_.has_items()) return next;
  }
}

template <class Lives>
void timer::tidy(Lives&& lives) {
  constexpr std::size_t slack = 64;
  if (forgotten_.load(base::relaxed) < heap_.size() / 2 + slack) return;  // relaxed: a figure
  forgotten_.store(0, base::relaxed);                                     // relaxed: a figure
  std::erase_if(heap_, [&](const entry& at) { return !lives(at); });
  std::make_heap(heap_.begin(), heap_.end(), &timer::later);
}

}  // namespace tg::deadline

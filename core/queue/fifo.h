// A first-in-first-out queue of 32-bit items in array segments: a group's own tasks, and the ready groups.
//
// Any thread, with a cache of the segment pool of its own. push and claim are lock-free (an adder that stalls holds up
// nobody), and call no heap while the pool of segments is large enough. Protocol: core/queue/README.md.
// Sources: linking a segment and moving the tail there, with helping, follow Michael and Scott (PODC 1996), the arrays of
// once-written cells Correia and Ramalhete's FAAArrayQueue (2016), the generations take the place of a reclamation scheme.
#pragma once

#include "core/memory/pool.h"
#include "core/queue/segment.h"

#include <cstdint>

namespace tg::queue {

class fifo {
 public:
  struct claimed {
    std::uint32_t item;
    std::uint64_t number;  // how many came before it since the FIFO was made
    // Hints: the item some claims later, to be prefetched, or no_record; and that there is none yet.
    std::uint32_t upcoming;
    bool near_end;
  };

  // Once, before anybody else knows the FIFO; its memory may have been a FIFO before: then nothing is done.
  void prepare(memory::pool& segments, memory::pool::cache& mine);
  bool prepared() const noexcept { return prepared_; }

  // Returns the item's number. The slot is written seq_cst: a look at the queue and this write are ordered
  // with what both sides do to the group's word. Throws std::bad_alloc before anything was changed.
  std::uint64_t push(memory::pool& segments, memory::pool::cache& mine, std::uint32_t item);
  // False: empty at some moment during the call, or may(number) of the next item is false. It is asked after the item
  // was seen: what its adder knew is known to it.
  template <class May>
  bool claim(memory::pool& segments, memory::pool::cache& mine, claimed& out, May&& may) noexcept;
  bool claim(memory::pool& segments, memory::pool::cache& mine, claimed& out) noexcept {
    return claim(segments, mine, out, [](std::uint64_t) { return true; });
  }
  // Items claimed since the FIFO was made if nothing was queued at that moment during the call, else `not_empty`. seq_cst.
  std::uint64_t claims_if_empty(const memory::pool& segments) const noexcept;
  static constexpr std::uint64_t not_empty = UINT64_MAX;
  // False: nothing was queued at some moment during the call. seq_cst.
  bool has_items(const memory::pool& segments) const noexcept {
    return claims_if_empty(segments) == not_empty;
  }
  // What claimers did before a claim that came earlier is visible afterwards.
  void see_claims() const noexcept {
    // [Q16] seq_cst: after a watcher's mark; pairs with [Q13]
    static_cast<void>(head_.load(base::seq_cst));
  }
  // Items claimed since the FIFO was made, exact at some moment during the call.
  std::uint64_t claims(const memory::pool& segments) const noexcept;
  // Items pushed since then; a push in progress may be missing.
  std::uint64_t pushes(const memory::pool& segments) const noexcept;

 private:
  // Records come from other cores; a line is on its way for about as long as so many short tasks take. bench/task
  static constexpr std::uint32_t claims_ahead = 8;

  enum class end_state { empty, filled, moved };

  std::uint32_t first_unwritten(const segment& at, position tail, std::uint64_t& content) const noexcept;
  static void look_ahead(const segment& at, position head, claimed& out) noexcept;
  void append_segment(memory::pool& segments, memory::pool::cache& mine, position tail);
  bool leave_segment(memory::pool& segments, memory::pool::cache& mine, position head) noexcept;
  static end_state look(const segment& at, position head, std::uint32_t& item) noexcept;

  // Position of the last segment's first slot; adders. Beside it a position: slots before it, if it is in that segment,
  // are written.
  alignas(base::cache_line) base::atomic<std::uint64_t> tail_{0};
  base::atomic<std::uint64_t> written_{0};
  bool prepared_ = false;                                          // fixed before others know the FIFO
  alignas(base::cache_line) base::atomic<std::uint64_t> head_{0};  // position; claimers
};

inline fifo::end_state fifo::look(const segment& at, position head, std::uint32_t& item) noexcept {
  // [Q5] seq_cst: the item's record is as it was added; pairs with [Q4]
  const stamped content(at.slots[head.slot()].load(base::seq_cst));
  item = content.payload();
  switch (state_of(content, head.generation())) {
    case cell::unwritten:
      return end_state::empty;
    case cell::written:
      return end_state::filled;
    case cell::stale:
      break;
  }
  return end_state::moved;
}

// Beyond the end of the segment nothing is known.
inline void fifo::look_ahead(const segment& at, position head, claimed& out) noexcept {
  out.upcoming = memory::no_record;
  out.near_end = false;
  const std::uint32_t ahead = head.slot() + 1 + claims_ahead;
  if (ahead >= segment::capacity) return;
  const stamped content(
      at.slots[ahead].load(base::relaxed));  // relaxed: a hint; the record is only prefetched
  out.near_end = content.generation() != head.generation();
  if (!out.near_end) out.upcoming = content.payload();
}

template <class May>
bool fifo::claim(memory::pool& segments, memory::pool::cache& mine, claimed& out, May&& may) noexcept {
  for (;;) {
    // [Q12] acquire: the segment belongs to this position; pairs with [Q13], [Q14]
    std::uint64_t seen = head_.load(base::acquire);
    const position head(seen);
    if (head.slot() == segment::capacity) {
      if (!leave_segment(segments, mine, head)) return false;
      continue;
    }
    const segment& at = segments.at<segment>(head.segment());
    // as [Q6]; the exchange below proves that it was current
    const std::uint64_t before = at.base.load(base::acquire);
    std::uint32_t item = 0;
    const end_state state = look(at, head, item);
    if (state == end_state::empty) return false;
    if (state == end_state::moved) continue;
    const std::uint64_t number = before + head.slot();
    // relaxed: only compared; a number is right if the head has not moved
    if (!may(number) && head_.load(base::relaxed) == seen) return false;
    // [Q13] seq_cst: the item is this thread's alone, and claims of one group follow each other; before a look for
    // waiters; pairs with [Q12], [Q16]
    if (head_.compare_exchange(seen, head.next().bits(), base::seq_cst, base::relaxed)) {
      out.item = item;
      out.number = number;
      look_ahead(at, head, out);
      return true;
    }
  }
}

}  // namespace tg::queue

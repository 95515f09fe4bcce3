#include "core/queue/fifo.h"

namespace tg::queue {
namespace {

// Slots come from the core that claims to the one that adds, and back, a line at a time.
constexpr std::uint32_t slots_a_line = base::cache_line / sizeof(std::uint64_t);

}  // namespace

void fifo::prepare(memory::pool& segments, memory::pool::cache& mine) {
  if (prepared()) return;
  const std::uint32_t index = segments.take_or_grow(mine);
  segment& first = segments.at<segment>(index);
  const std::uint32_t generation = first.generation.load(base::relaxed) + 1;  // relaxed: owned by this thread
  // as [Q19]: the segment may have been another FIFO's, where somebody still looks at it; beyond the model, too
  first.generation.store(generation, base::release);
  first.base.store(0, base::release);  // as [Q15]
  // relaxed: the FIFO is published as a whole by whoever publishes its owner
  tail_.store(position(generation, index, 0).bits(), base::relaxed);
  head_.store(position(generation, index, 0).bits(), base::relaxed);
  prepared_ = true;
}

// Of the last segment, with its content; capacity: all are written, or the segment serves another generation by now.
std::uint32_t fifo::first_unwritten(const segment& at, position tail, std::uint64_t& content) const noexcept {
  // [Q1] acquire: the writes of the slots before it, so that slots are written in their order; pairs with [Q2]
  const position written(written_.load(base::acquire));
  std::uint32_t slot = written.first() == tail ? written.slot() : 0;
  for (; slot < segment::capacity; ++slot) {
    // [Q17] acquire: as [Q1], of one who has not told yet; pairs with [Q4]. Weaker would do: who has read a slot as
    // written, and whoever comes after it, does not read it as unwritten
    content = at.slots[slot].load(base::acquire);
    if (state_of(stamped(content), tail.generation()) == cell::unwritten) break;
  }
  return slot;
}

std::uint64_t fifo::push(memory::pool& segments, memory::pool::cache& mine, std::uint32_t item) {
  for (;;) {
    // [Q18] acquire: the segment's generation and base belong to this position; pairs with [Q3]
    const position tail(tail_.load(base::acquire));
    segment& at = segments.at<segment>(tail.segment());
    const std::uint64_t before =
        at.base.load(base::relaxed);  // relaxed: the write below proves it was current
    std::uint64_t content = 0;
    const std::uint32_t index = first_unwritten(at, tail, content);
    if (index == segment::capacity) {
      append_segment(segments, mine, tail);
      continue;
    }
    base::atomic<std::uint64_t>& slot = at.slots[index];
    // [Q4] seq_cst: publishes the item's record; of this write and a leaver's change of the group's word,
    // and of the looks that follow each, one sees the other: forbidden is a queued task that neither of
    // them has seen; pairs with [Q5], [Q7], [Q17]
    if (!slot.compare_exchange(content, stamped(tail.generation(), item).bits(), base::seq_cst,
                               base::relaxed))
      continue;
    // [Q2] release: all up to here is written; a slow adder's may be an older one, which costs looks; pairs with [Q1].
    // Could be left out: adders would search from the first slot
    written_.store(tail.at(index + 1).bits(), base::release);
    if (index % slots_a_line == 0) base::prefetch_to_write(&slot + slots_a_line);
    return before + index;
  }
}

void fifo::append_segment(memory::pool& segments, memory::pool::cache& mine, position tail) {
  segment& full = segments.at<segment>(tail.segment());
  // [Q8] acquire: the linked segment is ready for use; pairs with [Q9]
  std::uint64_t link = full.next.load(base::acquire);
  if (state_of(stamped(link), tail.generation()) == cell::unwritten) {
    const std::uint32_t index = segments.take_or_grow(mine);
    segment& fresh = segments.at<segment>(index);
    const std::uint32_t generation =
        fresh.generation.load(base::relaxed) + 1;  // relaxed: owned by this thread
    // [Q19] release: after the ends have left the segment's last generation; pairs with [Q20]. Beyond the model, as there
    fresh.generation.store(generation, base::release);
    const std::uint64_t before =
        full.base.load(base::relaxed) + segment::capacity;  // relaxed: this generation's
    // [Q15] release: after the ends have left the segment's last generation; pairs with [Q6]
    fresh.base.store(before, base::release);
    // [Q9] seq_cst: publishes the fresh segment, and stands in one order with a leaver's look for it; pairs
    // with [Q8], [Q10], [Q11]
    if (!full.next.compare_exchange(link, stamped(tail.generation(), index).bits(), base::seq_cst,
                                    base::acquire)) {
      fresh.generation.store(generation - 1, base::relaxed);  // relaxed: still owned, never seen by others
      segments.give(mine, index);
    } else {
      link = stamped(tail.generation(), index).bits();
    }
  }
  if (state_of(stamped(link), tail.generation()) != cell::written) return;
  const std::uint32_t next = stamped(link).payload();
  // relaxed: if it is another generation's by now, the end has moved and the exchange below fails
  const std::uint32_t generation = segments.at<segment>(next).generation.load(base::relaxed);
  std::uint64_t seen = tail.bits();
  // [Q3] release: who sees the new end sees the segment as it was linked; pairs with [Q18]
  tail_.compare_exchange(seen, position(generation, next, 0).bits(), base::release, base::relaxed);
}

// All of the segment is claimed: on to the next, and the segment back to the pool. False: there is no next.
bool fifo::leave_segment(memory::pool& segments, memory::pool::cache& mine, position head) noexcept {
  segment& spent = segments.at<segment>(head.segment());
  // [Q10] seq_cst: no link is no item, in one order with who adds; pairs with [Q9]. Weaker would do, but for the
  // acquiring: who claims from a group and gets nothing leaves it, and then looks by [Q11]; a pop is repeated
  const stamped link(spent.next.load(base::seq_cst));
  const cell state = state_of(link, head.generation());
  if (state == cell::unwritten) return false;
  if (state == cell::stale) return true;
  // relaxed: if it is another generation's by now, the ends have moved and both exchanges fail
  const std::uint32_t generation = segments.at<segment>(link.payload()).generation.load(base::relaxed);
  const position first(generation, link.payload(), 0);
  // The tail leaves first, so that nobody is sent to a segment that has another use.
  std::uint64_t tail = head.first().bits();
  tail_.compare_exchange(tail, first.bits(), base::release, base::relaxed);  // as [Q3]
  std::uint64_t seen = head.bits();
  // [Q14] acq_rel: who sees the new head sees the segment as it was linked; pairs with [Q12]. Weaker would do for the
  // acquiring: the caller has read the same value by [Q12]
  if (head_.compare_exchange(seen, first.bits(), base::acq_rel, base::relaxed))
    segments.give(mine, head.segment());
  return true;
}

// Nobody claims beyond what is unwritten: the head was where it had been read, and the count before it is its segment's.
std::uint64_t fifo::claims_if_empty(const memory::pool& segments) const noexcept {
  for (;;) {
    const position head(head_.load(base::acquire));  // as [Q12]
    const segment& at = segments.at<segment>(head.segment());
    const std::uint64_t number = at.base.load(base::acquire) + head.slot();  // as [Q6]
    std::uint32_t item = 0;
    if (head.slot() < segment::capacity) {
      const end_state state = look(at, head, item);
      if (state != end_state::moved) return state == end_state::filled ? not_empty : number;
      continue;
    }
    // [Q11] seq_cst: no link is no item; pairs with [Q9]
    const stamped link(at.next.load(base::seq_cst));
    const cell state = state_of(link, head.generation());
    if (state == cell::unwritten) return number;
    if (state == cell::stale) continue;
    const segment& following = segments.at<segment>(link.payload());
    // [Q20] acquire: of a later generation than the link's, also that the head has moved; pairs with [Q19]. Beyond
    // the model, where no load reads a head that is a segment old
    const std::uint32_t generation = following.generation.load(base::acquire);
    // [Q7] seq_cst: as [Q5] for the first slot of the next segment; pairs with [Q4]
    const stamped first(following.slots[0].load(base::seq_cst));
    if (state_of(first, generation) == cell::unwritten) {
      // as [Q12]; weaker would do: an equal value is the one that was acquired above, another one is read again
      if (head_.load(base::acquire) == head.bits()) return number;
      continue;
    }
    return not_empty;
  }
}

std::uint64_t fifo::claims(const memory::pool& segments) const noexcept {
  for (;;) {
    const position head(head_.load(base::acquire));  // as [Q12]
    // [Q6] acquire: of a later generation's base, also that the end has moved; pairs with [Q15]
    const std::uint64_t before = segments.at<segment>(head.segment()).base.load(base::acquire);
    // relaxed: unmoved means base was current
    if (head_.load(base::relaxed) == head.bits()) return before + head.slot();
  }
}

std::uint64_t fifo::pushes(const memory::pool& segments) const noexcept {
  for (;;) {
    const position tail(tail_.load(base::acquire));  // as [Q18]
    const segment& last = segments.at<segment>(tail.segment());
    const std::uint64_t before = last.base.load(base::acquire);  // as [Q6]
    std::uint64_t content = 0;
    const std::uint32_t written = first_unwritten(last, tail, content);
    if (tail_.load(base::relaxed) == tail.bits()) return before + written;  // relaxed: as above
  }
}

}  // namespace tg::queue

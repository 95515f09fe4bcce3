// How many may serve a group at once, and whether its ticket stands in the ready queue: one word.
//
//   bits  0-20  assigned  workers and helping joiners that serve the group now; drainers too, beyond the limit
//   bits 21-41  limit     as many may be assigned; 0: paused
//   bit  42     ticket    the group stands in the ready queue, or in a mailbox, once
//   bit  43     dead      the group has ended while somebody was there: whoever leaves last frees its slot
//   bit  44     lead      one of those assigned is the lead, who may count ended tasks without an exchange
//
// Invariant: a group with queued tasks and a free slot holds a ticket, or somebody is on the way to it.
// Every change that frees a slot, gives up the ticket or raises the limit is seq_cst and followed by a
// seq_cst look at the queue ([Q5]); an adder writes the queue ([Q4]) and then looks at this word: of each
// pair one sees the other.
//
// Any thread; lock-free. Transitions answer with the caller's duty. Protocol: core/limiter/README.md.
#pragma once

#include "core/base/atomic.h"

#include <algorithm>
#include <cstdint>

namespace tg::limiter {

class limit_word {
 public:
  static constexpr std::uint32_t max_limit = (1u << 20) - 1;

  static constexpr std::uint64_t ticket_bit = std::uint64_t{1} << 42;

  constexpr explicit limit_word(std::uint64_t bits) noexcept : bits_(bits) {}
  static constexpr limit_word fresh(std::uint32_t limit) noexcept {
    return limit_word(std::uint64_t{limit} << 21);
  }

  constexpr std::uint64_t bits() const noexcept { return bits_; }
  constexpr std::uint32_t assigned() const noexcept { return static_cast<std::uint32_t>(bits_ & mask); }
  constexpr std::uint32_t limit() const noexcept { return static_cast<std::uint32_t>(bits_ >> 21 & mask); }
  constexpr bool has_ticket() const noexcept { return (bits_ & ticket_bit) != 0; }
  constexpr bool is_dead() const noexcept { return (bits_ & dead_bit) != 0; }
  constexpr bool has_lead() const noexcept { return (bits_ & lead_bit) != 0; }
  constexpr bool has_room() const noexcept { return assigned() < limit(); }
  constexpr bool is_over() const noexcept { return assigned() > limit(); }
  constexpr bool is_unused() const noexcept { return is_dead() && !has_ticket() && assigned() == 0; }

  constexpr limit_word with_one_more() const noexcept { return limit_word((bits_ + 1) | lead_bit); }
  constexpr limit_word with_one_less(bool lead) const noexcept { return limit_word(bits_ - one(lead)); }
  static constexpr std::uint64_t one(bool lead) noexcept { return lead ? lead_bit + 1 : 1; }
  constexpr limit_word with_limit(std::uint32_t limit) const noexcept {
    return limit_word((bits_ & ~(mask << 21)) | std::uint64_t{limit} << 21);
  }
  constexpr limit_word with_ticket() const noexcept { return limit_word(bits_ | ticket_bit); }
  constexpr limit_word without_ticket() const noexcept { return limit_word(bits_ & ~ticket_bit); }
  constexpr limit_word dead() const noexcept { return limit_word(bits_ | dead_bit); }
  constexpr limit_word living() const noexcept { return limit_word(bits_ & ~dead_bit); }

 private:
  static constexpr std::uint64_t mask = (1u << 21) - 1;
  static constexpr std::uint64_t dead_bit = std::uint64_t{1} << 43;
  static constexpr std::uint64_t lead_bit = std::uint64_t{1} << 44;
  static_assert(max_limit < mask);

  std::uint64_t bits_;
};

// As what somebody is assigned: the first to come where there is no lead is the lead until it leaves.
enum class [[nodiscard]] seat{none, plain, lead};

// What a transition leaves to its caller.
enum class [[nodiscard]] duty{
    none,
    look,  // at the queue, and at the ticket if something is there
    free,  // the slot: nobody else will
};

class limiter {
 public:
  // Before the group is known to others. A late ticket of the tenant before may still be there, and is the next one's.
  // False: somebody has come by it, and would take up room. The slot is no group's before it has left.
  [[nodiscard]] bool prepare(std::uint32_t limit) noexcept {
    limit_word seen = glance();
    while (seen.bits() != limit_word::fresh(limit).bits()) {
      if (seen.assigned() != 0) return false;
      if (exchange(seen, seen.living().with_limit(limit))) return true;
    }
    return true;
  }

  limit_word read() const noexcept {
    // [L1] seq_cst: an adder's look, after its write to the queue; pairs with [L2], [L3], [L5], [L7], [L10]
    return limit_word(word_.load(base::seq_cst));
  }

  // True: the caller has the ticket now and puts the group into the ready queue. `drain`: also without room.
  [[nodiscard]] bool take_ticket(bool drain) noexcept {
    limit_word seen = read();
    for (;;) {
      if (seen.has_ticket() || seen.is_dead() || (!seen.has_room() && !drain)) return false;
      // [L6] seq_cst: one ticket at a time; pairs with [L2]
      if (exchange(seen, seen.with_ticket())) return true;
    }
  }

  enum class [[nodiscard]] entry{entered, full, gone, gone_last};

  // By whoever has popped the ticket: gives it up and, if there is room, becomes assigned, as what `got` tells.
  entry enter_by_ticket(bool drain, seat& got) noexcept {
    limit_word seen = read();
    for (;;) {
      const bool enters = !seen.is_dead() && (seen.has_room() || drain);
      const limit_word wanted = enters ? seen.without_ticket().with_one_more() : seen.without_ticket();
      // [L2] seq_cst: gives up the ticket, before the look at the queue; pairs with [L1], [L6], [L9]
      if (!exchange(seen, wanted)) continue;
      got = enters ? seat_of(seen) : seat::none;
      if (enters) return entry::entered;
      if (!seen.is_dead()) return entry::full;
      return wanted.is_unused() ? entry::gone_last : entry::gone;
    }
  }

  // By a joiner that helps; a drainer enters beyond the limit. none: no room.
  seat enter(bool drain) noexcept {
    limit_word seen = read();
    for (;;) {
      if (seen.is_dead() || (!seen.has_room() && !drain)) return seat::none;
      // [L7] seq_cst: as all changes of the word; pairs with [L1]
      if (exchange(seen, seen.with_one_more())) return seat_of(seen);
    }
  }

  // Of somebody assigned, who has the ticket back and leaves next: its look is the one that is due.
  void give_up_ticket() noexcept {
    // [L10] seq_cst: before the look at the queue after leaving; pairs with [L1]. Weaker would do: [L3] follows on the
    // same word
    word_.fetch_and(~limit_word::ticket_bit, base::seq_cst);
  }

  // Of somebody assigned.
  duty leave(seat as) noexcept {
    const bool lead = as == seat::lead;
    // [L3] seq_cst: frees a place, before the look at the queue; pairs with [L1], [L9]
    const limit_word before(word_.fetch_sub(limit_word::one(lead), base::seq_cst));
    const limit_word left = before.with_one_less(lead);
    if (left.is_unused()) return duty::free;
    return left.is_dead() ? duty::none : duty::look;
  }

  // More are assigned than may be: somebody should leave. A hint; to who has seen a task that was added after the limit
  // was lowered, the truth.
  bool is_over() const noexcept {
    // [L4] acquire: whoever raised the limit again did so after what it did before; pairs with [L5]
    return limit_word(word_.load(base::acquire)).is_over();
  }

  duty set_limit(std::uint32_t limit) noexcept {
    limit_word seen = read();
    const std::uint32_t wanted = std::min(limit, limit_word::max_limit);
    // [L5] seq_cst: raises the limit, before the look at the queue; pairs with [L1], [L4]
    while (!exchange(seen, seen.with_limit(wanted))) {
    }
    return wanted > seen.limit() ? duty::look : duty::none;
  }

  // By the group's end, with an empty queue. Where nobody is and no ticket is out, who comes later finds nothing to do
  // and leaves the word as it was: only somebody who is there already has to know.
  duty die() noexcept {
    limit_word seen = read();
    while (!seen.dead().is_unused()) {
      // [L9] seq_cst: whoever leaves later frees; pairs with [L2], [L3]
      if (exchange(seen, seen.dead())) return duty::none;
    }
    return duty::free;
  }

  std::uint32_t limit() const noexcept {
    return limit_word(word_.load(base::relaxed)).limit();  // relaxed: a figure
  }
  limit_word glance() const noexcept { return limit_word(word_.load(base::relaxed)); }  // relaxed: a hint

 private:
  static constexpr seat seat_of(limit_word before) noexcept {
    return before.has_lead() ? seat::plain : seat::lead;
  }

  bool exchange(limit_word& seen, limit_word wanted) noexcept {
    std::uint64_t bits = seen.bits();
    // All transitions are seq_cst; their own labels stand at the callers.
    // as [L1]; of a failure weaker would do, but for the acquiring: a change that it misses comes after the look, too,
    // that the caller began with
    const bool done = word_.compare_exchange(bits, wanted.bits(), base::seq_cst, base::seq_cst);
    if (!done) seen = limit_word(bits);
    return done;
  }

  base::atomic<std::uint64_t> word_{0};
};

}  // namespace tg::limiter

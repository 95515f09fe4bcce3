// The groups whose ticket waits for a runner: in the order in which they came, but outer and inner ones take turns.
//
// Outer are groups without a parent, inner those with one. So a tree of many groups, all ready, leaves a root beside it
// every second turn, and new roots do not push out the work that older ones have begun: core/design/0014.
// Any thread, with a segment cache of its own; lock-free, as core/queue/fifo.h.
#pragma once

#include "core/base/cpu.h"
#include "core/memory/pool.h"
#include "core/queue/fifo.h"

#include <cstdint>

namespace tg::arena {

class ready_queue {
 public:
  // Segments beside those that are full of entries: in each queue the last one, and one that is used up and not yet left.
  static constexpr std::size_t partly_filled_segments = 4;

  explicit ready_queue(memory::pool& segments) noexcept : segments_(segments) {}
  // Once, before anybody else knows it. Throws std::bad_alloc.
  void prepare(memory::pool::cache& mine) {
    outer_.prepare(segments_, mine);
    inner_.prepare(segments_, mine);
  }

  void push(memory::pool::cache& mine, std::uint32_t group, bool is_inner) {
    (is_inner ? inner_ : outer_).push(segments_, mine, group);
  }

  // A hint.
  std::uint64_t size(bool inner) const noexcept {
    const queue::fifo& of = inner ? inner_ : outer_;
    const std::uint64_t claims = of.claims(segments_);
    const std::uint64_t pushes = of.pushes(segments_);
    return pushes > claims ? pushes - claims : 0;
  }

  // For who has counted down an entry, hence there is one. It may be missed in both queues, if another pop takes it between
  // the two looks and leaves its own: each look more is another's pop.
  std::uint32_t pop(memory::pool::cache& mine, bool inner_first) noexcept {
    queue::fifo& first = inner_first ? inner_ : outer_;
    queue::fifo& second = inner_first ? outer_ : inner_;
    queue::fifo::claimed entry{};
    while (!first.claim(segments_, mine, entry) && !second.claim(segments_, mine, entry)) base::pause();
    return entry.item;
  }

 private:
  memory::pool& segments_;
  queue::fifo outer_;
  queue::fifo inner_;
};

}  // namespace tg::arena

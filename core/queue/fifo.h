// A first-in-first-out queue of 32-bit items in array segments: a group's own tasks, and the ready groups.
//
// Any thread, with a cache of the segment pool of its own. push and claim are lock-free (an adder that stalls
// is helped), and call no heap while the pool of segments is large enough. Protocol: core/queue/README.md.
// Sources: the two ends with helping follow Michael and Scott (PODC 1996), the arrays of once-written cells
// Correia and Ramalhete's FAAArrayQueue (2016), the generations take the place of a reclamation scheme.
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
  };

  // Once, before anybody else knows the FIFO; its memory may have been a FIFO before: then nothing is done.
  void prepare(memory::pool& segments, memory::pool::cache& mine);
  bool prepared() const noexcept { return head_.load(base::relaxed) != 0; }  // relaxed: own thread wrote it

  // Returns the item's number. The slot is written seq_cst: a look at the queue and this write are ordered
  // with what both sides do to the group's word. Throws std::bad_alloc before anything was changed.
  std::uint64_t push(memory::pool& segments, memory::pool::cache& mine, std::uint32_t item);
  // False: empty at some moment during the call, or the next item's number is not below `bound`.
  bool claim(memory::pool& segments, memory::pool::cache& mine, claimed& out,
             std::uint64_t bound = UINT64_MAX) noexcept;
  // The item so many claims ahead: to be prefetched. A hint; beyond the end of a segment nothing is known.
  enum class view { filled, empty, unknown };
  view peek(const memory::pool& segments, std::uint32_t claims, std::uint32_t& item) const noexcept;

  // False: nothing was queued at some moment during the call. seq_cst.
  bool has_items(const memory::pool& segments) const noexcept;
  // Items claimed since the FIFO was made, exact at some moment during the call.
  std::uint64_t claims(const memory::pool& segments) const noexcept;
  // Items pushed since then; a push in progress may be missing.
  std::uint64_t pushes(const memory::pool& segments) const noexcept;

 private:
  enum class end_state { empty, filled, moved };

  void append_segment(memory::pool& segments, memory::pool::cache& mine, position tail);
  bool leave_segment(memory::pool& segments, memory::pool::cache& mine, position head) noexcept;
  end_state look(const memory::pool& segments, position head, std::uint32_t& item) const noexcept;
  static std::uint64_t count_at(const memory::pool& segments,
                                const base::atomic<std::uint64_t>& end) noexcept;

  alignas(base::cache_line) base::atomic<std::uint64_t> tail_{0};  // position; adders
  alignas(base::cache_line) base::atomic<std::uint64_t> head_{0};  // position; claimers
};

}  // namespace tg::queue

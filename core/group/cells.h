// The cells of callbacks: which of them a setter walks over, and who has one next.
//
// Each slot has a list of cells, which setters walk, and a stack of those in it that are free, from which the next
// registration of any tenant takes one. What a crowd has left in a list is taken out of it again (trimmed), and kept for the
// slot's next crowd; so a walk costs as much as there are registrations. A cell stays with its slot for ever: a late look at
// it is harmless, and calls nothing of another slot's. A walker that stands on a cell which is linked anew goes on from the front.
// Protocol: core/event/README.md.
//
// Any thread; walks also in signal handlers. Lock-free, but for the heap where there are too few cells.
#pragma once

#include "core/group/slot.h"

#include <cstddef>
#include <cstdint>
#include <stop_token>

namespace tg::detail {

struct callback_cell {
  // claimed, with the number of sets that have met it: {sets 29 | claimed 3}. leaving: free, and being trimmed.
  enum state : std::uint32_t { free, claimed, armed, running, awaited, orphaned, spent, leaving };
  static constexpr std::uint32_t state_mask = 7;
  static constexpr std::uint32_t one_set = state_mask + 1;
  static constexpr bool is_claimed(std::uint32_t at) { return (at & state_mask) == claimed; }
  static constexpr bool is_due(std::uint32_t at) { return is_claimed(at) && at != claimed; }

  base::atomic<std::uint32_t> at{free};       // futex of who waits for the end of a call
  std::uint32_t index = 0;                    // fixed
  void (*run)(void*) = nullptr;               // the registrant's until armed, then fixed until free
  void* object = nullptr;                     // as run
  slot* of = nullptr;                         // fixed
  base::atomic<std::uint64_t> epoch{0};       // of the event at registration
  base::atomic<const void*> runner{nullptr};  // the thread that calls, while running
  // Of a cell that is a bridge to stop tokens, else empty and 0; see stop_tokens.cpp.
  std::stop_source source{std::nostopstate};  // written by the registrant before armed, then fixed until free
  base::atomic<std::uint32_t> holders{0};     // {threads that use the source 31 | open 1}
  base::atomic<std::uint32_t> next_free{0};   // index + 1 of the one below on its stack
  // Of the list; written by who links the cell and by the trimmer. Stays when the cell has left.
  base::atomic<callback_cell*> next{nullptr};
};

}  // namespace tg::detail

namespace tg::groups {

using detail::callback_cell;

// All cells of a runtime.
class cell_store {
 public:
  using stack = base::atomic<std::uint64_t>;  // {tag 32 | index + 1 of the top}

  cell_store() = default;
  cell_store(const cell_store&) = delete;
  cell_store& operator=(const cell_store&) = delete;
  ~cell_store();

  // One that is in no list. Throws std::bad_alloc.
  callback_cell& make(slot& of);

  callback_cell* pop(stack& from) const noexcept;
  static void push(stack& to, callback_cell& free) noexcept;

  // That there ever were.
  std::size_t made() const noexcept { return made_.load(base::relaxed); }  // relaxed: a figure

 private:
  // Chunk k has first_chunk << k cells.
  static constexpr std::uint32_t first_chunk = 8;
  static constexpr std::size_t max_chunks = 28;

  static unsigned chunk_of(std::uint32_t index) noexcept;
  callback_cell& at(std::uint32_t index) const noexcept;
  void provide(unsigned chunk);

  base::atomic<callback_cell*> chunks_[max_chunks]{};
  base::atomic<std::uint32_t> made_{0};
};

// The caller's, for a registration. Throws std::bad_alloc.
callback_cell& claim_cell(slot& of);
// Of a cell that nobody else knows any more, but walkers.
void set_free(callback_cell& cell) noexcept;

// True: `found` holds for a cell of the list, and the walk ends there. A cell may be met twice.
template <class Found>
bool any_cell(const slot& of, Found&& found) {
  // [K15] seq_cst: after the event was set; a cell that is listed later is looked after by its registrant; pairs with
  // [K2]
  for (callback_cell* cell = of.cells.load(base::seq_cst); cell != nullptr;) {
    if (found(*cell)) return true;
    // [K26] acquire: if it was linked anew, the cells that it leads to now; pairs with [K27], [K28]
    cell = cell->next.load(base::acquire);
  }
  return false;
}

}  // namespace tg::groups

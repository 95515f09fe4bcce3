// Functions to be called when a group's event is set. A cell stays with its slot for ever and serves one
// registration after the other, so that a setter may walk the cells while registrations come and go.
//
//         claim_cell          arm            found armed          set since             call returns
//   free -----------> claimed ---> armed <----------> claimed ----> running -------------> spent
//    ^                               |    not so         |             |                     |
//    '--- disarm, abandon -----------'-------------------|-------------|---------------------'
//    '--- the caller, on return <-- orphaned <-----------'-------------'
//
// Whoever finds a cell armed claims it and looks whether the event was set since. A set that meets a claimed cell may have
// come after that look: it is counted there, and the look is done again. So a set leaves no callback behind that was
// registered before: it has been called, or somebody is about to.
// Disarming while another thread calls, or has to look again, waits (awaited) until the cell is spent; on the calling
// thread itself, and before a call has begun, it leaves an orphan to the caller, as abandoning does always.
//
// Any thread. Lock-free but for the calls themselves and the wait for one on another thread.
#pragma once

#include "core/group/slot.h"

#include <stop_token>

namespace tg::detail {

struct callback_cell {
  // claimed, with the number of sets that have met it: {sets 29 | claimed 3}
  enum state : std::uint32_t { free, claimed, armed, running, awaited, orphaned, spent };
  static constexpr std::uint32_t state_mask = 7;
  static constexpr std::uint32_t one_set = state_mask + 1;
  static constexpr bool is_claimed(std::uint32_t at) { return (at & state_mask) == claimed; }
  static constexpr bool is_due(std::uint32_t at) { return is_claimed(at) && at != claimed; }

  base::atomic<std::uint32_t> at{free};  // futex of who waits for the end of a call
  void (*run)(void*) = nullptr;          // the registrant's until armed, then fixed until free
  void* object = nullptr;
  slot* of = nullptr;                         // fixed
  base::atomic<std::uint64_t> epoch{0};       // of the event at registration
  base::atomic<const void*> runner{nullptr};  // the thread that calls, while running
  // Of a cell that is a bridge to stop tokens, else empty and 0; see stop_tokens.cpp.
  std::stop_source source{std::nostopstate};  // written by the registrant before armed, then fixed until free
  base::atomic<std::uint32_t> holders{0};     // {threads that use the source 31 | open 1}
  callback_cell* next = nullptr;              // fixed once linked
  callback_cell* next_of_engine = nullptr;    // fixed once listed
};

}  // namespace tg::detail

namespace tg::groups {

using detail::callback_cell;

// The caller's until armed. Throws std::bad_alloc.
callback_cell& claim_cell(slot& of);
// Runs at once if the event is set.
void arm(callback_cell& cell, void (*run)(void*), void* object);
// Afterwards the function does not run. Waits for a call on another thread.
void disarm(callback_cell& cell) noexcept;
// Waits for nobody: a call that has begun goes on.
void abandon(callback_cell& cell) noexcept;
// The event is set, or was between that epoch and now.
bool was_set_since(const slot& of, std::uint64_t epoch) noexcept;
inline std::uint64_t epoch_of(const callback_cell& cell) noexcept {
  return cell.epoch.load(base::relaxed);  // relaxed: written before armed
}
// Calls what is armed in this group, if its event is set or was re-armed since.
void run_callbacks(slot& of) noexcept;
// Some that run_callbacks would have to look at.
bool has_callbacks(const slot& of) noexcept;

// At the runtime's end.
void delete_cells(engine& of) noexcept;

}  // namespace tg::groups

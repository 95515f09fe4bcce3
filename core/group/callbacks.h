// Functions to be called when a group's event is set. A cell (cells.h) serves one registration after the other, so that a
// setter may walk the cells while registrations come and go.
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

#include "core/group/cells.h"

namespace tg::groups {

// Of a cell that was claimed. Runs at once if the event is set.
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

}  // namespace tg::groups

// Functions to be called when a group's event is set. A cell stays with its slot for ever and serves one
// registration after the other, so that a setter may walk the cells while registrations come and go.
//
//            register            set, or set already           call returns
//   free ---> claimed ---> armed --------------------> running -------------> spent
//    ^                       |                            |                     |
//    '---- unregister -------'    unregister, other thread: waits for spent     |
//    '----------------------------- own thread: -> orphaned, freed on return ---'
//
// Any thread. Lock-free but for the calls themselves and the wait for one on another thread.
#pragma once

#include "core/group/slot.h"

namespace tg::detail {

struct callback_cell {
  enum state : std::uint32_t { free, claimed, armed, running, awaited, orphaned, spent };

  base::atomic<std::uint32_t> at{free};  // futex of who waits for the end of a call
  void (*run)(void*) = nullptr;          // the registrant's until armed, then fixed until free
  void* object = nullptr;
  const slot* of = nullptr;                   // fixed
  base::atomic<std::uint64_t> epoch{0};       // of the event at registration
  base::atomic<const void*> runner{nullptr};  // the thread that calls, while running
  callback_cell* next = nullptr;              // fixed once linked
  callback_cell* next_of_engine = nullptr;    // fixed once listed
};

}  // namespace tg::detail

namespace tg::groups {

using detail::callback_cell;

// Runs at once if the event is set. Throws std::bad_alloc.
callback_cell& register_callback(slot& of, void (*run)(void*), void* object);
void unregister_callback(callback_cell& cell) noexcept;
// Calls what is armed in this group, if its event is set or was re-armed since.
void run_callbacks(slot& of) noexcept;
bool has_armed_callbacks(const slot& of) noexcept;

// A std::stop_source that follows the event.
std::stop_token stop_token_of(slot& of);
void discard_stop_bridge(slot& of) noexcept;
// At the end of the group, when nobody else asks for it any more.
void end_stop_bridge(slot& of) noexcept;
// At the runtime's end.
void delete_cells(engine& of) noexcept;

}  // namespace tg::groups

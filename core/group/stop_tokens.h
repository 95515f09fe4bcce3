// The event as std::stop_tokens: a source for each epoch in which somebody asks for one.
//
// The source is kept in a callback cell, the bridge, whose callback requests the stop. The slot points to the bridge
// of the latest epoch for which there was one. Who asks and finds an older one puts a new one in its place.
//
//          asked for           published           another epoch's         last holder gone
//   free ------------> built ------------> open ------------------> closed ----------------> free
//                        '---- another one was quicker: closed -------^
//
// Invariants: a cell is emptied only when it is closed and nobody holds it; what is published is open or has just been
// replaced; a token whose epoch saw the event set is stopped, by the setter or by whoever empties the cell.
#pragma once

#include "core/group/slot.h"

#include <stop_token>

namespace tg::groups {

// Any thread. Lock-free but for the allocation, once an epoch, and the stop callbacks of an older epoch whose setter
// has not come to them yet: they run here. Throws std::bad_alloc.
std::stop_token stop_token_of(slot& of);
// At the group's end, when nobody else asks any more.
void end_stop_tokens(slot& of) noexcept;

}  // namespace tg::groups

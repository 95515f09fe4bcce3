#pragma once

#include <cstddef>

namespace model::heap {

// Gives back what the last schedule has allocated.
void begin_schedule();
// Blocks that the schedule has allocated and not freed yet.
std::size_t blocks_in_use();

}  // namespace model::heap

#pragma once

namespace model::heap {

// Gives back what the last schedule has allocated.
void begin_schedule();

}  // namespace model::heap

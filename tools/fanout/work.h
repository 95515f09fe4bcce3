// Simulated work: keeps a processor busy, and looks at the event while it does.
#pragma once

#include <chrono>

namespace fanout {

// True: worked for all of `time`; false: the event of the task was set before.
bool work_for(std::chrono::nanoseconds time);

}  // namespace fanout

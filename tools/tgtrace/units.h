// Durations for people: three figures and a unit.
#pragma once

#include <string>

#include "tools/tgtrace/model.h"

namespace tgtrace {

// "740 ns", "12.3 us", "4.56 ms", "1.20 s"
std::string duration_text(time_ns took);
// "none" for one that is as large as the library has it.
std::string limit_text(std::uint32_t limit);

}  // namespace tgtrace

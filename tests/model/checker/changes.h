// How often anything was written in this schedule: who looks again and again, and finds nothing written, waits for others.
#pragma once

#include <cstdint>

namespace model {

inline constinit std::uint64_t changes = 0;

}  // namespace model

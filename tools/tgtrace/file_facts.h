// What a file tells about itself: what was lost of it, and why it was made.
#pragma once

#include <cstdint>

#include "tools/tgtrace/clock.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

losses losses_of(const raw_trace& from, const trace_clock& clock, std::int64_t first_ns);
// Without its group.
freeze freeze_of(const raw_trace& from, const trace_clock& clock);

}  // namespace tgtrace

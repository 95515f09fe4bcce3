// Turns a raw step into an operation that a correct program may ask for, and whose effects do not depend on how
// threads interleave.
#pragma once

#include "tests/fuzz/decode.h"
#include "tests/fuzz/reference.h"

#include <optional>

namespace tg_fuzz {

// Nothing: nobody could take this step, or the contract leaves open what it does.
std::optional<operation> choose(const reference& now, const raw_step& raw, bool on_small_runtime);

}  // namespace tg_fuzz

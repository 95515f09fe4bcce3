// Zeroed memory that the core asks the kernel for: cheap to have again in every schedule, because only what was
// written has to be zeroed.
#pragma once

#include <cstddef>

namespace model::arena {

std::byte* begin();
const std::byte* end();  // of what was handed out
void begin_schedule();
// Throws std::bad_alloc.
std::byte* take(std::size_t bytes);

}  // namespace model::arena

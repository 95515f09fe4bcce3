// Telling a forked child from its parent.
#pragma once

#include "core/base/atomic.h"

#include <cstdint>

namespace tg::os {

// How often the process was forked on the way from the first use of the library to here.
extern base::atomic<std::uint32_t> fork_count;

// Counts forks from now on. Any thread, any number of times.
void watch_forks() noexcept;

}  // namespace tg::os

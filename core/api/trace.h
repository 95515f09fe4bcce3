// THREADGROUP_TRACE as the default runtime reads it.
#pragma once

namespace tg {

// Switches recording on if the variable says so. Throws bad_options naming the variable and its value.
void trace_as_environment_says();

}  // namespace tg

// How a wait_for_condition ended.
#pragma once

#include <threadgroup/detail/export.h>

#include <string_view>

namespace tg {

// When several hold, met goes before event_set, event_set before drained, drained before timed_out.
enum class condition { met, drained, event_set, timed_out };

THREADGROUP_API std::string_view to_string(condition how) noexcept;

}  // namespace tg

// A copy of the trace file as it is now, while everybody goes on writing: the rings first, then the table,
// which keeps what they refer to as long as no sweep comes between. Not in the model, which has no files.
#pragma once

#include "core/trace/control.h"

#include <string>

namespace tg::tracing {

struct shelf;

// 0 or an errno value. Allocates. Not beside a sweep.
[[nodiscard]] int copy_file(shelf& from, const std::string& path, const trigger& why);

}  // namespace tg::tracing

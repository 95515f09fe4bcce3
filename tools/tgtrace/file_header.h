// The header of a trace file, checked: what is wrong with it is a trace_error that names the field and the value.
#pragma once

#include "core/trace/format.h"
#include "tools/tgtrace/bytes.h"

namespace tgtrace {

// Of what changes while it is copied: so many looks at it.
inline constexpr int looks_at_a_change = 8;

tg::tracing::file_header read_header(const bytes& file);

}  // namespace tgtrace

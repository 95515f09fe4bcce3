// One ring of a trace file: its records, those that were copied whole and are not damaged.
#pragma once

#include <cstdint>

#include "core/trace/format.h"
#include "tools/tgtrace/bytes.h"
#include "tools/tgtrace/reader.h"

namespace tgtrace {

// Appends the ring, unless it was never written to. False: the file ends before its end.
bool read_ring(const bytes& file, std::uint32_t number, raw_trace& into);

}  // namespace tgtrace

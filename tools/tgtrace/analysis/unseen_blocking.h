// Tasks that hold a worker and use little of the processor: they block in a way that the library does not see.
#pragma once

#include <vector>

#include "tools/tgtrace/analysis/lookup.h"
#include "tools/tgtrace/analysis/tally.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

// By group; of tasks that did so for at least so long.
std::vector<tally> unseen_blocking(const model& m, const lookups& in, time_ns least);

}  // namespace tgtrace

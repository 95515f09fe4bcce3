// What `tgtrace top` shows of a moment: the tree of groups, and what each worker does.
#pragma once

#include <cstddef>
#include <string>

#include "tools/tgtrace/model.h"

namespace tgtrace {

// Of the last moment of the trace. At most so many lines of groups.
std::string top_text(const model& m, std::size_t most_groups);

}  // namespace tgtrace

// What no single record says, but all of them together: who is a worker, and of which tasks something is lost.
#pragma once

#include "tools/tgtrace/model.h"

namespace tgtrace {

void find_workers(model& m);
void mark_incomplete_tasks(model& m);

}  // namespace tgtrace

// What the page is about, as JSON that may stand in a script element.
#pragma once

#include <cstddef>
#include <string>

#include "tools/tgtrace/analysis/findings.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

std::string page_data(const model& m, const findings& found, std::size_t most_tasks);

}  // namespace tgtrace

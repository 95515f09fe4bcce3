// A file system without room.
#pragma once

#include "tests/faults/injection/strike.h"

namespace tg_test {

extern strike_point file_growth;

}  // namespace tg_test

// Threads that cannot be created, by the library or by whoever else is linked with it.
#pragma once

#include "tests/faults/injection/strike.h"

namespace tg_test {

extern strike_point thread_creation;

}  // namespace tg_test

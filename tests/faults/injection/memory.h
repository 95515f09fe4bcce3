// Memory that is not to be had: each kind of call by which the library asks for some.
#pragma once

#include "tests/faults/injection/strike.h"

namespace tg_test {

// operator new, malloc from the library's own objects, mmap from them, and oneTBB's memory for what is enqueued: one
// count for all, so that the n-th of any kind is met.
extern strike_point memory;

}  // namespace tg_test

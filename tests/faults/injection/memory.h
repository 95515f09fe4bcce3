// Memory that is not to be had: each kind of call by which the library asks for some.
#pragma once

#include "tests/faults/injection/strike.h"

#include <atomic>

namespace tg_test {

// operator new, malloc from the library's own objects, mmap from them, and oneTBB's memory for what is enqueued: one
// count for all, so that the n-th of any kind is met.
extern strike_point memory;
// Called by whoever asks operator new or mmap for memory, before it gets any: for a thread that is to be held up there.
extern std::atomic<void (*)()> on_request;

}  // namespace tg_test

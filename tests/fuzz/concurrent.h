// Threads that run freely; what holds in every interleaving is looked after.
#pragma once

#include "tests/fuzz/bytes.h"

namespace tg_fuzz {

void run_concurrent(bytes input);

}  // namespace tg_fuzz

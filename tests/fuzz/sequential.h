// One operation after the other, by several actors; every answer and every figure is foreseen.
#pragma once

#include "tests/fuzz/bytes.h"

namespace tg_fuzz {

void run_sequential(bytes input);

}  // namespace tg_fuzz

// The two runtimes that all programs use, made once: the default one, and one with a single worker.
#pragma once

#include <threadgroup/threadgroup.h>

namespace tg_fuzz {

tg::runtime& default_runtime();
tg::runtime& small_runtime();

}  // namespace tg_fuzz

// Records travel between the core that adds and the core that runs.
#pragma once

#include "core/base/cpu.h"

#include <threadgroup/detail/task_record.h>

namespace tg::task {

// The header and the beginning of the callable, which may stand on two lines.
inline void prefetch(detail::task_record& record) noexcept {
  base::prefetch_to_write(&record);
  base::prefetch_to_write(record.storage + base::cache_line / 4);
}

}  // namespace tg::task

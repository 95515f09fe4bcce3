// oneTBB as it is used best here: as many workers as ours, beside the thread that asks.
#pragma once

#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

namespace bench {

// Workers alone; for enqueue() from outside.
inline tbb::task_arena& worker_arena(unsigned workers) {
  static tbb::task_arena arena(static_cast<int>(workers), 0);
  return arena;
}

// Workers and a place for the calling thread; for execute() with a task_group inside.
inline tbb::task_arena& joined_arena(unsigned workers) {
  static tbb::task_arena arena(static_cast<int>(workers) + 1, 1);
  return arena;
}

}  // namespace bench

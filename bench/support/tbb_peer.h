// oneTBB as it is used best here: as many workers as ours, beside the thread that asks.
#pragma once

#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <map>

namespace bench {

// Workers alone; for enqueue() from outside.
inline tbb::task_arena& worker_arena(unsigned workers) {
  static tbb::task_arena arena(static_cast<int>(workers), 0);
  return arena;
}

// Workers, and a place for each of the threads that call execute() with a task_group inside. Kept, as a program
// would: a new arena has to find its workers first. By one thread at a time.
inline tbb::task_arena& joined_arena(unsigned workers, unsigned callers = 1) {
  static std::map<unsigned, tbb::task_arena> arenas;
  return arenas.try_emplace(callers, static_cast<int>(workers + callers), callers).first->second;
}

}  // namespace bench

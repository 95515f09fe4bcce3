// Counts the calls that this process makes into a heap: malloc and its relatives, hence operator new; the
// allocator that oneTBB loads at run time; mmap. Counts for all threads, while a heap_watch is alive.
#pragma once

#include <cstdint>

namespace bench {

class heap_watch {
 public:
  heap_watch();
  heap_watch(const heap_watch&) = delete;
  heap_watch& operator=(const heap_watch&) = delete;
  ~heap_watch();

  // Calls since construction that ask for memory.
  std::uint64_t calls() const;
};

// Throws std::logic_error if a call to one of the three heaps goes by unseen: then a count of 0 says nothing.
void require_sight();

}  // namespace bench

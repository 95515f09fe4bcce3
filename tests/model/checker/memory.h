// What C++20 allows a load to read, and which plain accesses race.
//
// Each atomic keeps the history of its stores in modification order. A load may read any of them but those that it
// must know to be overwritten: by happens-before, by what its thread has read before, by the single order of the
// sequentially consistent operations, which is the order in which the schedule runs them. A store may enter the
// history before others that its thread cannot know of. Every access also leaves a trace for the detection of races.
//
// Not produced: a load that reads a store which its own thread, or another, only does later (load buffering).
#pragma once

#include "tests/model/checker/vector_clock.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace model {

// One thread's view.
struct observer {
  unsigned thread = 0;
  vector_clock clock;
  vector_clock released;  // at its last release fence
  vector_clock pending;   // of what it has read, for its next acquire fence
  void tick() { ++clock.at[thread]; }
};

class memory {
 public:
  struct store;
  // Which of several values, or places in the history; 0 is the latest.
  using pick_fn = unsigned (*)(unsigned count);
  // The schedule has failed; does not come back.
  using fail_fn = void (*)(const char* what, const void* where);

  memory(pick_fn pick, fail_fn fail);
  ~memory();
  memory(const memory&) = delete;
  memory& operator=(const memory&) = delete;

  // All is forgotten, and what was written between `from` and `to` is zero again.
  void begin_schedule(std::byte* from, const std::byte* to);

  struct loaded {
    std::uint64_t value;
    unsigned behind;  // so many stores of the history are newer
  };
  loaded load(observer& by, const void* at, unsigned size, std::memory_order order);
  // How many stores of the history became newer than this one.
  unsigned write(observer& by, void* at, unsigned size, std::uint64_t value, std::memory_order order);
  template <class Change>
  std::uint64_t modify(observer& by, void* at, unsigned size, std::memory_order order, Change&& change) {
    const std::uint64_t before = begin_change(by, at, size);
    end_change(by, at, size, change(before), order);
    return before;
  }
  // True: exchanged. Else `seen` is what it was instead.
  bool compare_exchange(observer& by, void* at, unsigned size, std::uint64_t& seen, std::uint64_t wanted,
                        std::memory_order success, std::memory_order failure);
  static void fence(observer& by, std::memory_order order);

  void plain_access(observer& by, const void* at, std::size_t size, bool is_write);
  // Whatever was there before, by way of code that is not looked at, has nothing to do with what comes.
  void forget(const void* at, std::size_t size);
  // Nobody may touch the range any more.
  void free(observer& by, const void* at, std::size_t size);

 private:
  struct access;
  struct cell;
  struct slot;
  struct pools;

  cell& cell_of(const void* at);
  cell* known_cell(const void* at);
  void check(observer& by, cell& in, const void* at, unsigned mask, bool is_write, bool is_atomic);
  store& newest(const void* at, unsigned size);
  store& read(observer& by, store& what, std::memory_order order);
  std::uint64_t begin_change(observer& by, void* at, unsigned size);
  void end_change(observer& by, void* at, unsigned size, std::uint64_t value, std::memory_order order);
  store& make_store(observer& by, std::uint64_t value, std::memory_order order);

  const pick_fn pick_;
  const fail_fn fail_;
  pools* const pools_;
};

}  // namespace model

// What the process holds while nothing is alive in it: it must come back to this after every phase.
#pragma once

#include <cstddef>
#include <cstdint>

namespace soak {

class resources {
 public:
  // Before the first phase, with the runtime prewarmed.
  resources();

  // After a phase, when all of its groups and threads have gone: records and threads are back, or a fault. Memory
  // beside the pools' is compared with the most that was held after one of the first phases.
  void check_at_rest();

  // Bytes more than after the first phases, beside the pools'; 0 during them.
  std::int64_t growth() const { return growth_; }

 private:
  void check_memory();

  const std::size_t most_threads_;
  std::size_t rests_ = 0;
  std::size_t base_ = 0;
  std::int64_t growth_ = 0;
};

}  // namespace soak

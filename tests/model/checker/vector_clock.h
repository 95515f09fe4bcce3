// What a thread knows of the others: how far each had come when it last heard of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace model {

// Of one schedule, the test's own body included.
inline constexpr unsigned max_threads = 12;

struct vector_clock {
  std::array<std::uint32_t, max_threads> at{};

  void join(const vector_clock& other) {
    for (unsigned i = 0; i < max_threads; ++i) at[i] = std::max(at[i], other.at[i]);
  }
  bool knows(unsigned thread, std::uint32_t moment) const { return moment <= at[thread]; }
};

}  // namespace model

// What all stress tests share: a printed seed, a box of time, and counts of what was reached.
// TG_SEED repeats a run's random choices; TG_STRESS_SECONDS is the length of each test.
#pragma once

#include "tests/support/bounded.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tg_test {

inline std::uint64_t stress_seed() {
  static const std::uint64_t seed = [] {
    const char* given = std::getenv("TG_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::uint64_t{std::random_device{}()};
  }();
  return seed;
}

inline std::chrono::duration<double> stress_seconds() {
  const char* given = std::getenv("TG_STRESS_SECONDS");
  return std::chrono::duration<double>(given != nullptr ? std::strtod(given, nullptr) : 3.0);
}

// A test's own random numbers; a thread of the test takes its own with a number of its own.
class random_source {
 public:
  explicit random_source(std::uint64_t stream = 0) : engine_(stress_seed() * 1'000'003 + stream) {}
  // 0 to bound - 1.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  bool one_in(std::size_t count) { return below(count) == 0; }

 private:
  std::mt19937_64 engine_;
};

// Says the seed at its birth; then tells how long to go on.
class stress_box {
 public:
  explicit stress_box(double share = 1.0)
      : end_(std::chrono::steady_clock::now() +
             std::chrono::duration_cast<std::chrono::steady_clock::duration>(stress_seconds() * share)) {
    std::cout << "[ seed     ] TG_SEED=" << stress_seed() << '\n';
  }
  bool goes_on() const { return std::chrono::steady_clock::now() < end_; }

 private:
  std::chrono::steady_clock::time_point end_;
};

// Says how often a case was met. Whether the rare ones are met at all depends on the machine: a run that met none
// says so, because it has proved nothing about them.
inline void print_reached(std::string_view what, std::size_t count) {
  std::cout << "[ reached  ] " << what << ": " << count
            << (count == 0 ? "  <- NOT REACHED in this run\n" : "\n");
}

// Runs `work(index)` on so many threads and waits for them.
template <class Work>
void on_threads(std::size_t count, Work work) {
  std::vector<std::thread> threads;
  for (std::size_t index = 0; index < count; ++index) threads.emplace_back(work, index);
  for (std::thread& thread : threads) thread.join();
}

// Spends a moment without calling anything, so that threads meet at ever different places.
inline void spin(std::size_t rounds) {
  // Atomic, so that the compiler keeps the loop.
  for (std::atomic<std::size_t> left{rounds}; left.load(std::memory_order_relaxed) != 0;) {
    left.fetch_sub(1, std::memory_order_relaxed);
  }
}

}  // namespace tg_test

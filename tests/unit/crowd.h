// Threads of a test that really meet, and a seed that its log names.
#pragma once

#include "tests/support/stress.h"

#include <atomic>
#include <cstddef>
#include <iostream>
#include <thread>
#include <vector>

namespace tg_test {

// Nobody goes on before all have arrived. Spins, because threads that are woken come one by one.
class meeting {
 public:
  explicit meeting(std::size_t size) : size_(size) {}

  void wait() {
    const std::size_t before = held_.load();
    if (arrived_.fetch_add(1) + 1 == size_) {
      arrived_ = 0;
      ++held_;
      return;
    }
    for (std::size_t looks = 1; held_.load() == before; ++looks) {
      if (looks % 256 == 0) std::this_thread::yield();
    }
  }

 private:
  const std::size_t size_;
  std::atomic<std::size_t> arrived_{0};
  std::atomic<std::size_t> held_{0};
};

// Runs work(0) to work(count - 1) at the same time and returns when all have returned.
template <class Work>
void run_together(std::size_t count, Work&& work) {
  meeting start(count);
  std::vector<std::jthread> crowd;
  for (std::size_t number = 0; number < count; ++number) {
    crowd.emplace_back([&, number] {
      start.wait();
      work(number);
    });
  }
}

// Lets others go first so many times: on a busy machine threads would take turns in ever the same order.
inline void give_way(std::size_t times) {
  for (; times != 0; --times) std::this_thread::yield();
}

// The same threads again and again: before(round) alone, work(round, number) together, after(round) alone.
template <class Before, class Work, class After>
void repeat_together(std::size_t count, std::size_t rounds, Before&& before, Work&& work, After&& after) {
  meeting all(count);
  run_together(count, [&](std::size_t number) {
    for (std::size_t round = 0; round < rounds; ++round) {
      if (number == 0) before(round);
      all.wait();
      work(round, number);
      all.wait();
      if (number == 0) after(round);
    }
  });
}

// To be called by every test that makes random choices.
inline void print_seed() { std::cout << "[ seed     ] TG_SEED=" << stress_seed() << '\n'; }

}  // namespace tg_test

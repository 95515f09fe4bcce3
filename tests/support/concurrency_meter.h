// Measures, inside the tasks, how many of them run at once.
#pragma once

#include <atomic>
#include <cstddef>

namespace tg_test {

class concurrency_meter {
 public:
  // One inside, for as long as it lives.
  class visit {
   public:
    explicit visit(concurrency_meter& meter) : meter_(meter), inside_(meter.enter()) {}
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
    ~visit() { meter_.inside_.fetch_sub(1); }
    // How many were inside when this one came, itself included.
    std::size_t inside() const { return inside_; }

   private:
    concurrency_meter& meter_;
    const std::size_t inside_;
  };

  std::size_t highest() const { return highest_.load(); }
  std::size_t visits() const { return visits_.load(); }

 private:
  std::size_t enter() {
    const std::size_t now = inside_.fetch_add(1) + 1;
    visits_.fetch_add(1);
    std::size_t seen = highest_.load();
    while (seen < now && !highest_.compare_exchange_weak(seen, now)) {
    }
    return now;
  }

  std::atomic<std::size_t> inside_{0};
  std::atomic<std::size_t> highest_{0};
  std::atomic<std::size_t> visits_{0};
};

}  // namespace tg_test

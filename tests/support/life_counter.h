// Counts how often an object and its copies are made and destroyed.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace tg_test {

// Shared by a tracked object and whatever is made from it.
struct lives {
  std::atomic<int> copies{0};
  std::atomic<int> moves{0};
  std::atomic<int> owners{0};  // objects alive that have not been moved from
  std::atomic<int> ends{0};    // owners that were destroyed
};

class tracked {
 public:
  explicit tracked(lives& of) : of_(&of) { ++of_->owners; }
  tracked(const tracked& other) : of_(other.of_) {
    ++of_->copies;
    ++of_->owners;
  }
  tracked(tracked&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {
    if (of_ != nullptr) ++of_->moves;
  }
  tracked& operator=(const tracked&) = delete;
  tracked& operator=(tracked&&) = delete;
  ~tracked() {
    if (of_ == nullptr) return;
    ++of_->ends;
    --of_->owners;
  }
  bool is_owner() const { return of_ != nullptr; }

 private:
  lives* of_;
};

}  // namespace tg_test

// What the tasks of one group count themselves, to be compared with what the library counts.
#pragma once

#include "tests/fuzz/patience.h"

#include <threadgroup/threadgroup.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

namespace tg_fuzz {

// Where a found fault is left by threads that must not throw; the first one counts.
class findings {
 public:
  void note(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (first_.empty()) first_ = what;
  }
  std::string first() const {
    const std::lock_guard lock(mutex_);
    return first_;
  }

 private:
  mutable std::mutex mutex_;
  std::string first_;
};

struct ledger {
  static constexpr int no_producer = -1;
  static constexpr std::size_t max_producers = 4;

  std::string name;
  findings* found = nullptr;
  std::uint32_t highest_limit = 1;

  std::atomic<std::size_t> added{0}, started{0}, returned{0}, threw{0}, gave_up{0}, destroyed{0};
  // Of all complete joins.
  std::atomic<std::size_t> told_succeeded{0}, told_failed{0}, told_skipped{0};
  std::atomic<std::size_t> running{0};
  std::atomic<bool> is_over{false};  // the last join has returned
  std::atomic<bool> was_set{false};  // somebody has seen the event set
  std::array<std::atomic<std::int64_t>, max_producers> last_started{};

  void add_up(const tg::join_report& report) {
    told_succeeded += report.succeeded;
    told_failed += report.failed;
    told_skipped += report.skipped;
  }
  // At rest after a complete join; empty: all is well.
  std::string imbalance(const tg::group_stats& stats) const;
};

}  // namespace tg_fuzz

// What has been done so far: counted by all tasks, read by the progress line and the summary.
#pragma once

#include <atomic>
#include <cstdint>

namespace find_first {

class counter {
 public:
  void add(std::uint64_t more = 1) { value_.fetch_add(more, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct tally {
  counter directories;
  counter searched;    // files, to their end or to a match
  counter passed_by;   // links, special files, other names
  counter unreadable;  // files and directories
  counter matches;
  counter bytes;
  counter tasks_run;
  counter tasks_skipped;
  counter tasks_failed;
};

}  // namespace find_first

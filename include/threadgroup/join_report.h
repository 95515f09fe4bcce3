// What became of the tasks of a group.
#pragma once

#include <threadgroup/detail/export.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <vector>

namespace tg {

using task_id = std::uint64_t;  // unique in its group, never 0

struct task_failure {
  task_id id = 0;
  std::exception_ptr exception;
};

// Counts since the group was made or last joined completely. Copies share the failures and stay valid on
// their own.
struct join_report {
  bool complete = false;  // false: the join timed out; the counts show what has ended so far
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  std::span<const task_failure> failures;  // at most max_kept_exceptions, in the order in which they ended

  // Does nothing without failures, rethrows a single one as it is, throws group_error for several, and for one
  // that was not kept.
  THREADGROUP_API void throw_if_failed() const;

  std::shared_ptr<const std::vector<task_failure>> keep_alive;  // owns what `failures` shows
};

}  // namespace tg

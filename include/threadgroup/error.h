// What the library throws.
#pragma once

#include <threadgroup/detail/export.h>
#include <threadgroup/event_cause.h>
#include <threadgroup/join_report.h>

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace tg {

// The root of all errors of the library.
class THREADGROUP_API error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ~error() override;
};

// A task was added to a group after close().
class THREADGROUP_API group_closed : public error {
 public:
  explicit group_closed(std::string_view group);
  ~group_closed() override;
};

// The wait would have waited for the waiter itself.
class THREADGROUP_API would_deadlock : public error {
 public:
  using error::error;
  ~would_deadlock() override;
};

// An option, a parent or an environment variable is unusable; the message names it and its value.
class THREADGROUP_API bad_options : public error {
 public:
  using error::error;
  ~bad_options() override;
};

// The process was forked: the child may not use its parent's runtime.
class THREADGROUP_API forked_runtime : public error {
 public:
  forked_runtime();
  ~forked_runtime() override;
};

// The task ended without having run; thrown by future::get, and by a task that gives up early.
class THREADGROUP_API task_skipped : public error {
 public:
  explicit task_skipped(event_cause cause);
  ~task_skipped() override;
  event_cause cause() const noexcept { return cause_; }

 private:
  event_cause cause_;
};

// Several tasks of one join failed; the message tells how many, and what the first one threw.
class THREADGROUP_API group_error : public error {
 public:
  explicit group_error(std::shared_ptr<const std::vector<task_failure>> failures, std::size_t failed);
  ~group_error() override;
  std::span<const task_failure> failures() const noexcept { return *failures_; }

 private:
  std::shared_ptr<const std::vector<task_failure>> failures_;
};

}  // namespace tg

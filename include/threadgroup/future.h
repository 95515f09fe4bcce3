// The outcome of one submitted task.
#pragma once

#include <threadgroup/detail/task_record.h>
#include <threadgroup/detail/time.h>
#include <threadgroup/join_report.h>
#include <threadgroup/task.h>

#include <chrono>
#include <type_traits>
#include <utility>

namespace tg {

class group;

enum class outcome_kind { value, exception, skipped };

namespace detail {

THREADGROUP_API bool is_ready(const task_record& record) noexcept;
// `id`: the task's, which the record does not know. Throws would_deadlock for a still queued task of the waiter's own
// group at limit 1; forked_runtime.
THREADGROUP_API bool wait_ready(task_record& record, task_id id, deadline_ns until);
THREADGROUP_API outcome_kind ready_kind(const task_record& record) noexcept;
// Throws what the task threw, or task_skipped; returns for a value.
THREADGROUP_API void throw_unless_value(task_record& record);
THREADGROUP_API void let_go(task_record& record) noexcept;
[[noreturn]] THREADGROUP_API void throw_no_state();

template <class R>
constexpr void check_result() {
  if constexpr (!std::is_void_v<R>) {
    using kept = kept_result<R>;
    static_assert(
        sizeof(kept) <= inline_result_capacity,
        "threadgroup: this result is larger than tg::inline_result_capacity; return a std::unique_ptr to it");
    static_assert(alignof(kept) <= task_record::alignment,
                  "threadgroup: this result is aligned more strictly than a task record; return a "
                  "std::unique_ptr to it");
    static_assert(std::is_move_constructible_v<kept>,
                  "threadgroup: the result of a submitted task must be movable");
  }
}

}  // namespace detail

// Movable handle; the result lives in the task's record, which is freed with the last of task and future. It
// may outlive its group, not its runtime. One thread at a time may use a future.
template <class T>
class future {
 public:
  future() noexcept = default;
  future(future&& other) noexcept : record_(std::exchange(other.record_, nullptr)), id_(other.id_) {}
  future& operator=(future&& other) noexcept {
    future(std::move(other)).swap(*this);
    return *this;
  }
  // Waits for nobody: the task goes on, and a result that was not fetched is destroyed here, or with the task. Lock-free;
  // calls no heap, the thread's first use of the runtime apart. Throws nothing.
  ~future() {
    if (record_ != nullptr) detail::let_go(*record_);
  }

  bool valid() const noexcept { return record_ != nullptr; }
  bool ready() const noexcept { return valid() && detail::is_ready(*record_); }
  // True if the outcome is there. Inside a task the wait counts as blocking. Runs no tasks, but if the group's event is
  // set and whoever set it has not come to them yet, skips those that are queued there. Calls no heap, the thread's first
  // use of the runtime apart. Throws would_deadlock, forked_runtime, and error if the future has no task.
  template <class Rep, class Period>
  bool wait_for(std::chrono::duration<Rep, Period> timeout) const {
    return detail::wait_ready(checked(), id_, detail::deadline_after(timeout));
  }
  task_id id() const noexcept { return id_; }

  // Waits, and throws, as wait_for.
  outcome_kind kind() const {
    detail::wait_ready(checked(), id_, detail::for_ever);
    return detail::ready_kind(*record_);
  }

  // Waits, and throws, as wait_for; once: the value, or what the task threw, or task_skipped. The future is not
  // valid afterwards.
  T get() {
    detail::wait_ready(checked(), id_, detail::for_ever);
    future spent(std::move(*this));
    detail::throw_unless_value(*spent.record_);
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(*spent.record_->template content<detail::kept_result<T>>());
    } else if constexpr (!std::is_void_v<T>) {
      return std::move(spent.record_->template content<T>());
    }
  }

 private:
  friend class group;
  future(detail::task_record& record, task_id id) noexcept : record_(&record), id_(id) {}

  void swap(future& other) noexcept {
    std::swap(record_, other.record_);
    std::swap(id_, other.id_);
  }
  detail::task_record& checked() const {
    if (record_ == nullptr) detail::throw_no_state();
    return *record_;
  }

  detail::task_record* record_ = nullptr;
  task_id id_ = 0;
};

}  // namespace tg

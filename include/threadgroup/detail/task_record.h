// A task in memory: a header and the callable behind it, whose place its result takes afterwards.
#pragma once

#include <threadgroup/detail/atomic.h>
#include <threadgroup/detail/export.h>

#include <cstddef>
#include <new>

namespace tg::detail {

struct slot;
struct task_record;

// A body destroys its callable in both cases; run calls it first.
enum class task_step : std::uint8_t { run, drop };
using task_body = void(task_record&, task_step);

// Owner: first the thread that adds the task, then the queue, then whoever claims it, at last (submitted
// tasks only) whoever is the second of task and future to let go. Records are reused and never unmapped.
struct task_record {
  static constexpr std::size_t capacity = 64;
  static constexpr std::size_t alignment = 16;

  task_body* body;
  void (*drop_result)(task_record&) noexcept;  // of a submitted task with a value: ends the value's life
  union {
    slot* home;              // of a submitted task: the group that it was added to
    std::uint64_t added_at;  // of another one that is stamped: when it was added, for the trace
  };
  std::uint32_t index;                // its place in the pool
  base::atomic<std::uint32_t> state;  // 0 for an added task; see core/task/outcome.h for submitted ones
  alignas(alignment) std::byte storage[capacity];

  template <class T>
  T& content() noexcept {
    return *std::launder(reinterpret_cast<T*>(storage));
  }
};

}  // namespace tg::detail

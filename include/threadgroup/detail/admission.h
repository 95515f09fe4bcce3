// The way of a task into its group, as the templates of group.h drive it:
// admit (may throw, nothing has been touched) -> build the callable in the record -> commit.
#pragma once

#include <threadgroup/detail/task_record.h>
#include <threadgroup/join_report.h>

namespace tg::detail {

// Looks at closed and at max_pending, waits for room if need be, reserves, and takes a record.
// Throws group_closed, forked_runtime, std::bad_alloc. Allocates only when the pool has to grow.
THREADGROUP_API task_record& admit(slot& home);
// The same without waiting or growing; nullptr: closed, full or out of records.
THREADGROUP_API task_record* try_admit(slot& home);
// Hands the task over; from here on it runs or is skipped. Lock-free, never allocates.
THREADGROUP_API task_id commit(slot& home, task_record& record) noexcept;
// Makes the record a submitted task's, shared with a future.
THREADGROUP_API void share_with_future(slot& home, task_record& record) noexcept;
// The callable could not be built: the reservation and the record go back.
THREADGROUP_API void withdraw(slot& home, task_record& record) noexcept;

// Withdraws unless the callable was built.
struct pending_admission {
  slot& home;
  task_record& record;
  bool built = false;

  ~pending_admission() {
    if (!built) withdraw(home, record);
  }
};

}  // namespace tg::detail

// The future's half of a submitted task.
#include "core/flow/stages.h"
#include "core/group/engine.h"
#include "core/group/traced.h"
#include "core/task/outcome.h"
#include "core/task/this_thread.h"

#include <threadgroup/error.h>
#include <threadgroup/future.h>

namespace tg::detail {
namespace {

bool waits_for_itself(const task_record& record) noexcept {
  return record.home == task::self.current && record.home->limits.limit() == 1 && task::is_queued(record) &&
         !flow::skips(*record.home);
}

}  // namespace

bool is_ready(const task_record& record) noexcept { return task::has_ended(record); }

bool wait_ready(task_record& record, task_id id, deadline_ns until) {
  record.home->owner->check_fork();
  if (task::has_ended(record)) return true;
  if (waits_for_itself(record)) {
    throw would_deadlock("threadgroup: a task of group '" + std::string(record.home->name()) +
                         "', whose limit is 1, waits for one that is queued behind it");
  }
  flow::skip_before_waiting(*record.home);
  groups::traced_wait traced(tracing::wait::future, record.home, id);
  arena::crew::block();
  const bool ended = task::await_end(record, until);
  if (!ended) traced.ends(tracing::wait_end::timed_out);
  arena::crew::unblock();
  return ended;
}

outcome_kind ready_kind(const task_record& record) noexcept {
  switch (task::ended_phase(record)) {
    case task::phase::exception:
      return outcome_kind::exception;
    case task::phase::skipped:
      return outcome_kind::skipped;
    default:
      return outcome_kind::value;
  }
}

void throw_unless_value(task_record& record) {
  switch (task::ended_phase(record)) {
    case task::phase::exception:
      std::rethrow_exception(record.content<std::exception_ptr>());
    case task::phase::skipped:
      throw task_skipped(record.content<event_cause>());
    default:
      return;
  }
}

void let_go(task_record& record) noexcept {
  engine& runtime = *record.home->owner;
  if (!task::let_go(record)) return;
  task::destroy_outcome(record);
  if (runtime.forked()) return;
  const groups::share_for_now here(runtime);
  runtime.tasks.give(runtime.mine().tasks, record.index);
}

void throw_no_state() {
  throw error("threadgroup: the future has no task: it was default-made, moved from or spent");
}

}  // namespace tg::detail

#include "core/task/outcome.h"

#include "core/os/futex.h"

#include <threadgroup/error.h>

#include <utility>

namespace tg::task {

void mark_submitted(task_record& record) noexcept {
  record.drop_result = nullptr;
  record.state.store(outcome_word(phase::queued).bits(), base::relaxed);  // relaxed: published by the queue
}

void mark_running(task_record& record) noexcept {
  // relaxed: a hint for who would wait for a queued task of its own group; the other bits are kept
  record.state.fetch_add(outcome_word(phase::running).bits() - outcome_word(phase::queued).bits(),
                         base::relaxed);
}

void keep_exception(task_record& record, std::exception_ptr what) noexcept {
  ::new (static_cast<void*>(record.storage)) std::exception_ptr(std::move(what));
}

void keep_skipped(task_record& record, event_cause why) noexcept {
  ::new (static_cast<void*>(record.storage)) event_cause(why);
}

bool publish(task_record& record, phase ended) noexcept {
  // [O1] acq_rel: publishes the outcome and the end of the callable; takes over from a future that has gone;
  // pairs with [O2], [O3], [O4]. Both halves are needed: a future that goes has read where the
  // record is at home
  const outcome_word before(record.state.exchange(outcome_word(ended).bits(), base::acq_rel));
  if (before.let_go()) return true;
  // LAST TOUCH: the future may free the record; only the address is used below
  if (before.awaited()) os::futex_wake_all(record.state);
  return false;
}

bool has_ended(const task_record& record) noexcept {
  // [O2] acquire: the outcome; pairs with [O1]
  return outcome_word(record.state.load(base::acquire)).has_ended();
}

phase ended_phase(const task_record& record) noexcept {
  return outcome_word(record.state.load(base::relaxed)).at();  // relaxed: has_ended came before
}

bool is_queued(const task_record& record) noexcept {
  return outcome_word(record.state.load(base::relaxed)).at() == phase::queued;  // relaxed: see mark_running
}

bool await_end(task_record& record, detail::deadline_ns until) noexcept {
  for (;;) {
    // [O3] acquire: the outcome, or that the publisher will wake; pairs with [O1]
    const outcome_word seen(record.state.fetch_or(outcome_word::awaited_bit, base::acquire));
    if (seen.has_ended()) return true;
    const std::uint32_t expected = seen.bits() | outcome_word::awaited_bit;
    if (os::futex_wait(record.state, expected, until) == os::wake_up::timed_out) return has_ended(record);
  }
}

bool let_go(task_record& record) noexcept {
  // [O4] acq_rel: the outcome, or leaves the record to the task; pairs with [O1]
  return outcome_word(record.state.fetch_or(outcome_word::let_go_bit, base::acq_rel)).has_ended();
}

void destroy_outcome(task_record& record) noexcept {
  switch (ended_phase(record)) {
    case phase::value:
      if (record.drop_result != nullptr) record.drop_result(record);
      return;
    case phase::exception:
      record.content<std::exception_ptr>().~exception_ptr();
      return;
    default:
      return;
  }
}

}  // namespace tg::task

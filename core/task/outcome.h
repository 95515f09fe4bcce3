// How a submitted task and its future share a record.
//
//   phase (bits 0-2)   0 added: no future   1 queued   2 running   3 value   4 exception   5 skipped
//   bit 3  awaited     somebody sleeps on this word
//   bit 4  let go      the future has gone: the task frees the record
//   bit 5  stamped     of an added task: the record says when it was added
//
//   queued -> running -> value | exception     queued | running -> skipped
//
// The word is the futex. Whoever comes second of "the task has ended" and "the future has gone" frees the
// record.
#pragma once

#include <threadgroup/detail/task_record.h>
#include <threadgroup/detail/time.h>
#include <threadgroup/event_cause.h>
#include <threadgroup/future.h>

#include <exception>

namespace tg::task {

using detail::task_record;

enum class phase : std::uint32_t { added, queued, running, value, exception, skipped };

class outcome_word {
 public:
  static constexpr std::uint32_t awaited_bit = 8;
  static constexpr std::uint32_t let_go_bit = 16;
  static constexpr std::uint32_t stamped_bit = 32;

  constexpr explicit outcome_word(std::uint32_t bits) noexcept : bits_(bits) {}
  constexpr explicit outcome_word(phase at) noexcept : bits_(static_cast<std::uint32_t>(at)) {}

  constexpr std::uint32_t bits() const noexcept { return bits_; }
  constexpr phase at() const noexcept { return static_cast<phase>(bits_ & 7); }
  constexpr bool has_ended() const noexcept { return at() >= phase::value; }
  constexpr bool awaited() const noexcept { return (bits_ & awaited_bit) != 0; }
  constexpr bool let_go() const noexcept { return (bits_ & let_go_bit) != 0; }

 private:
  std::uint32_t bits_;
};

// The adder's, before the task is queued.
inline void mark_added(task_record& record) noexcept {
  record.state.store(outcome_word(phase::added).bits(), base::relaxed);  // relaxed: published by the queue
}
void mark_submitted(task_record& record) noexcept;
inline bool is_submitted(const task_record& record) noexcept {
  // relaxed: asked by who holds the record
  return outcome_word(record.state.load(base::relaxed)).at() != phase::added;
}

// Of an added task, by the adder; 0: it is not stamped.
inline void mark_stamped(task_record& record, std::uint64_t when) noexcept {
  record.added_at = when;
  record.state.store(outcome_word::stamped_bit, base::relaxed);  // relaxed: published by the queue
}
inline std::uint64_t stamp_of(const task_record& record) noexcept {
  // relaxed: asked by who holds the record
  return record.state.load(base::relaxed) == outcome_word::stamped_bit ? record.added_at : 0;
}

// The runner's. keep_* put the outcome into the record, whose callable has gone.
void mark_running(task_record& record) noexcept;
void keep_exception(task_record& record, std::exception_ptr what) noexcept;
void keep_skipped(task_record& record, event_cause why) noexcept;
// Tells the future; true: it has gone and the caller frees the record. LAST TOUCH of the record when false.
[[nodiscard]] bool publish(task_record& record, phase ended) noexcept;

// The future's.
phase ended_phase(const task_record& record) noexcept;  // only once it has ended
bool has_ended(const task_record& record) noexcept;
bool is_queued(const task_record& record) noexcept;
bool await_end(task_record& record, detail::deadline_ns until) noexcept;  // false: not by then
// True: the task has ended before and the caller frees the record.
[[nodiscard]] bool let_go(task_record& record) noexcept;

// Ends the life of what the record still holds after its task has ended and its future has gone.
void destroy_outcome(task_record& record) noexcept;

}  // namespace tg::task

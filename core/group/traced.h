// Emit points that concern a group, its tasks, or waits: one line each at their places, nothing but a load and a
// branch there while nobody records.
//
// Any thread; lock-free, no heap. A group is entered in the trace's table when it is first met, so that
// recording can be switched on at any time. Not in the model, where nobody records.
#pragma once

#include "core/group/slot.h"
#include "core/trace/recorder.h"

#include <threadgroup/event_cause.h>

namespace tg::groups {

void emit_slow(slot& of, tracing::event what) noexcept;

inline void emit(slot& of, const tracing::event& what) noexcept {
  if (tracing::is_on()) [[unlikely]]
    emit_slow(of, what);
}

// With its parent, name and limit.
void trace_birth(slot& of) noexcept;
inline void emit_birth(slot& of) noexcept {
  if (tracing::is_on()) [[unlikely]]
    trace_birth(of);
}
// Nobody emits for this tenant of the slot any more.
void leave_trace(slot& of) noexcept;
void trace_limit(slot& of, std::uint32_t before) noexcept;

inline std::uint8_t detail_of(event_cause why) noexcept { return static_cast<std::uint8_t>(why); }

// A task on its way into the queue: stamped before the push, told when its number is known.
class traced_add {
 public:
  traced_add(slot& home, detail::task_record& record) noexcept;
  void done(std::uint64_t id) noexcept;

 private:
  slot& home_;
  std::uint64_t stamp_ = 0;
  bool has_future_ = false;
};

// A task that runs.
class traced_run {
 public:
  traced_run(slot& of, const detail::task_record& record, std::uint64_t id) noexcept;
  void ended(tracing::outcome how) noexcept;
  void gave_up(event_cause why) noexcept;

 private:
  void end(tracing::kind how, std::uint8_t detail) noexcept;

  slot& of_;
  const std::uint64_t id_;
  std::uint64_t began_ = 0;  // 0: nobody records
};

// The same while nobody records.
struct untraced_run {
  untraced_run(slot&, const detail::task_record&, std::uint64_t) noexcept {}
  void ended(tracing::outcome) noexcept {}
  void gave_up(event_cause) noexcept {}
};

// A wait of the calling thread; `for_whom`: the group that is waited for, if it is one.
class traced_wait {
 public:
  explicit traced_wait(tracing::wait what, slot* for_whom = nullptr, std::uint64_t task = 0) noexcept
      : began_(tracing::is_on() ? begin(what, for_whom, task) : 0), what_(what), for_whom_(for_whom) {}
  traced_wait(const traced_wait&) = delete;
  traced_wait& operator=(const traced_wait&) = delete;
  ~traced_wait() {
    if (began_ != 0) [[unlikely]]
      finish(what_, how_, for_whom_, began_);
  }
  void ends(tracing::wait_end how) noexcept { how_ = how; }

  // Answers with the moment, or 0.
  static std::uint64_t begin(tracing::wait what, slot* for_whom, std::uint64_t task) noexcept;
  static void finish(tracing::wait what, tracing::wait_end how, slot* for_whom, std::uint64_t began) noexcept;

 private:
  const std::uint64_t began_;
  const tracing::wait what_;
  tracing::wait_end how_ = tracing::wait_end::done;
  slot* const for_whom_;
};

// The event was set here; `began`: when the setter came.
void trace_set(slot& of, std::uint64_t began) noexcept;

// The event of the group has ended a wait of the calling thread.
void trace_heard(slot& of, tracing::wait what) noexcept;
inline void emit_heard(slot& of, tracing::wait what) noexcept {
  if (tracing::is_on()) [[unlikely]]
    trace_heard(of, what);
}

}  // namespace tg::groups

// What happens is written down here. Everybody may emit; the recorder calls nobody.
//
// Off, an emit is one load and one branch. On, it writes 32 bytes into the calling thread's ring: wait-free, no
// heap, async-signal-safe. A thread's first record takes a ring, a cold step with system calls.
#pragma once

#include "core/base/atomic.h"
#include "core/trace/format.h"
#include "core/trace/group_table.h"

namespace tg::tracing {

// 1 while recording is on. Written when it is switched, by every thread that emits only read.
[[gnu::visibility("hidden")]] extern constinit base::atomic<std::uint32_t> recording;

// A build that cannot record is there for a benchmark of what the question costs.
inline bool is_on() noexcept {
#ifdef THREADGROUP_WITHOUT_TRACE
  return false;
#else
  return recording.load(base::relaxed) != 0;  // relaxed: a record more or less at the switch
#endif
}

struct event {
  kind what;
  group_ref group = 0;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::uint8_t detail = 0;
};

// While recording is on; elsewhere `stamp` is 0 and write does nothing useful.
std::uint64_t stamp() noexcept;
void write(const event& what) noexcept;
// Stamped before, by stamp().
void write_at(std::uint64_t stamp, const event& what) noexcept;

// The one line at an emit point.
inline void emit(const event& what) noexcept {
  if (is_on()) [[unlikely]]
    write(what);
}

// How long a task or a wait took: tells the record, and has the rings frozen if it was longer than the threshold.
void watch(freeze_reason why, group_ref group, std::uint64_t task, std::uint64_t ticks) noexcept;
// At moments between which the thread's processor time is of interest, just stamped; most calls do nothing.
void sample_cpu(std::uint64_t stamp) noexcept;

// Groups. enter answers 0 if the table has no place. leave: nobody writes a record for the group any more; also
// while recording is off.
group_ref enter_group(const group_facts& facts) noexcept;
void give_back_group(group_ref of) noexcept;
void limit_group(group_ref of, std::uint32_t limit) noexcept;
void leave_group(group_ref of) noexcept;

// The calling thread ends: another one may have its ring.
void thread_ends() noexcept;

}  // namespace tg::tracing

// What a trace tells, in the words of the library: groups, tasks, waits, events, threads.
//
// Times are nanoseconds of the monotonic clock since the first record. What the trace does not tell, because the
// record was lost or the thing had not happened yet, is `unknown`, and never a number.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tools/tgtrace/reader.h"

namespace tgtrace {

using time_ns = std::int64_t;
inline constexpr time_ns unknown = std::numeric_limits<time_ns>::min();
constexpr bool is_known(time_ns at) noexcept { return at != unknown; }

// Of a group, a task, a thread: its place in the vector of the model.
using index = std::uint32_t;
inline constexpr index nothing = std::numeric_limits<index>::max();

enum class cause : std::uint8_t {
  none,
  requested,
  condition_met,
  failure,
  deadline,
  abandoned,
  shutdown,
  cleared
};
enum class ending : std::uint8_t { open, value, exception, skipped };
enum class waiting_for : std::uint8_t { sleep, join, condition, room, future, blocking };
enum class wait_end : std::uint8_t { open, done, event_set, timed_out, other };

const char* name_of(cause why) noexcept;
const char* name_of(ending how) noexcept;
const char* name_of(waiting_for what) noexcept;

inline constexpr std::uint32_t unknown_limit = std::numeric_limits<std::uint32_t>::max();

struct group {
  std::uint64_t id = 0;
  index parent = nothing;
  std::string name;
  std::uint32_t limit = 0;  // the first one that is known; 0: paused; unknown_limit
  time_ns born = unknown;
  time_ns ended = unknown;
  time_ns deadline = unknown;     // effective
  bool born_before = false;       // it lived already when recording began
  cause born_with = cause::none;  // under an event that was set: why
  std::vector<index> children;
};

struct task {
  index group = nothing;
  std::uint64_t id = 0;
  time_ns added = unknown;
  time_ns started = unknown;  // stays unknown for a task that was skipped
  time_ns ended = unknown;
  index adder = nothing;   // thread
  index runner = nothing;  // thread
  index parent = nothing;  // the task that added it
  index within = nothing;  // the task whose thread helped out with it while it waited
  ending how = ending::open;
  cause why = cause::none;  // of a skipped one
  bool incomplete = false;  // something of it is lost, or happened while recording was off
};

struct wait {
  waiting_for what = waiting_for::blocking;
  index thread = nothing;
  index task = nothing;   // nothing: outside any task
  index group = nothing;  // whose event, end or room
  time_ns began = unknown;
  time_ns ended = unknown;      // unknown: it still waits
  std::uint64_t future_of = 0;  // the task's id, of a wait for its future
  wait_end how = wait_end::open;
  bool inner = false;  // begun inside another wait of the same task
};

struct setting {
  index group = nothing;  // the origin; nothing: every group
  index thread = nothing;
  index task = nothing;  // nothing: outside any task
  cause why = cause::none;
  time_ns at = unknown;
};

struct resetting {
  index group = nothing;
  time_ns at = unknown;
};

struct hearing {
  index setting = nothing;  // nothing: the set is not in the trace
  index group = nothing;
  index thread = nothing;
  index task = nothing;
  time_ns from =
      unknown;  // of the set and of the beginning of the wait, the later one; unknown: it had not waited
  time_ns at = unknown;
};

struct limit_change {
  index group = nothing;
  std::uint32_t limit = 0;
  time_ns at = unknown;
};

enum class worker_step : std::uint8_t { came, parked, woken, left };
struct worker_moment {
  index thread = nothing;
  worker_step what = worker_step::came;
  time_ns at = unknown;
};

// How much processor time a thread had used by then.
struct cpu_sample {
  index thread = nothing;
  time_ns at = unknown;
  time_ns used = 0;
};

struct thread {
  std::uint32_t tid = 0;
  std::string name;
  bool is_worker = false;
  std::uint64_t records = 0;
  std::uint64_t overwritten = 0;
};

struct pause {
  time_ns from = 0;
  time_ns to = 0;
};

// What the recorder or the file has lost.
struct losses {
  std::uint64_t overwritten = 0;           // the oldest of a ring
  std::uint64_t struck = 0;                // by signals, at moments that nobody knows
  std::uint64_t without_ring = 0;          // of threads beyond those there was room for
  std::uint64_t groups_without_entry = 0;  // whose tasks have no name here
  std::uint64_t damaged = 0;               // in the file, or cut off
  bool is_cut = false;                     // the file ends too early; how many records that are is not known
  time_ns whole_from = 0;                  // from here on nothing was overwritten

  bool any_time() const noexcept { return is_cut || struck + without_ring + damaged != 0; }
  // True: a figure that depends on what happened from this moment on may be wrong.
  bool may_touch(time_ns from) const noexcept {
    return any_time() || (overwritten != 0 && (!is_known(from) || from < whole_from));
  }
};

// Why a copy was made of the rings, if it was for a task that took too long.
struct freeze {
  std::string why;  // empty: it was not
  index group = nothing;
  std::uint64_t task = 0;
  time_ns took = 0;
};

struct model {
  std::string program;
  std::uint32_t pid = 0;
  std::uint32_t workers = 0;      // 0: not known
  std::uint32_t max_blocked = 0;  // 0: not known
  time_ns length = 0;             // from the first record to the last
  std::int64_t first_monotonic_ns = 0;
  std::uint64_t records = 0;
  losses lost;
  freeze frozen;

  std::vector<group> groups;
  std::vector<task> tasks;  // in the order in which they were first met
  std::vector<wait> waits;  // by their beginning, but for those whose beginning is lost
  std::vector<setting> settings;
  std::vector<resetting> resets;
  std::vector<hearing> hearings;
  std::vector<limit_change> limits;
  std::vector<worker_moment> moments;
  std::vector<cpu_sample> cpu;
  std::vector<thread> threads;
  std::vector<pause> pauses;         // recording was off
  std::vector<std::string> remarks;  // what was wrong with the file, and could be read all the same
};

// What is still open lasts to the end of the trace.
inline time_ns end_of(const model& m, const task& one) noexcept {
  return is_known(one.ended) ? one.ended : m.length;
}
inline time_ns end_of(const model& m, const wait& one) noexcept {
  return is_known(one.ended) ? one.ended : m.length;
}

model build_model(const raw_trace& from);

}  // namespace tgtrace

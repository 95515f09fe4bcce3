// The trace file: what the recorder writes into memory it shares, and what the tool reads, also after the
// process was killed. Plain integers in the machine's byte order; nothing else of the library is needed to
// read it.
//
//   file header | group table | ring headers | rings of records
//
// The header says where each part begins, how many items it has and how large each is. A reader goes by these
// figures, so that a later writer may append fields to the header, to entries and to ring headers.
// `version` is raised when a reader that ignores unknown fields and kinds would be wrong.
//
// A file is live, while a process may write to it (or was killed while it could), or a copy, that nobody
// writes to any more. In a live file each field is read with one load of its size; what may change while it is
// read says how the reader notices.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tg::tracing {

inline constexpr char file_magic[8] = {'t', 'g', 't', 'r', 'a', 'c', 'e', '\0'};
inline constexpr std::uint32_t file_version = 1;
inline constexpr std::uint32_t byte_order_mark = 0x01020304;

// --- records -------------------------------------------------------------------------------------------------

// What happened. `group` is the group that the table says, unless the line says otherwise; `detail`, `a` and
// `b` are 0 where the line does not name them. Spans of time are in ticks of the file's clock.
// Causes are tg::event_cause, waits are tracing::wait.
enum class kind : std::uint8_t {
  none = 0,           // never written: an empty place
  thread_began = 1,   // no group; a: thread id; b: thread id of the ring's owner before, or 0
  trace_started = 2,  // no group; recording is on from here, for all threads
  trace_stopped = 3,  // no group; recording is off from here until the next trace_started
  cpu_time = 4,       // no group; a: processor time of this thread so far, in ns
  records_lost =
      5,  // no group; a: so many records of this ring are missing before the next one. Not from the
          // recorder: in files that were collected from a live one

  group_born = 10,     // a: the group's id. Born with its event set: detail: cause, b: the origin's id
  group_ended = 11,    // a: the group's id. The last record of the group, but for workers who leave it
  limit_changed = 12,  // a: the new limit; b: the old one

  task_added = 20,    // detail: 1: it has a future; a: task id
  task_started = 21,  // a: task id; b: how long it was queued, 0: not known
  task_ended = 22,    // detail: outcome; a: task id; b: how long it ran
  task_skipped = 23,  // detail: cause; a: task id; b: how long it had run before it gave up; 0: never started

  // Of the thread. group: whose task waits, none outside a task. detail: wait; b: group_ref of the group
  // that is waited for, 0: none.
  wait_began = 30,  // a: task id, of wait::future
  wait_ended = 31,  // a: how long it took; the detail's high half: wait_end

  // Stamped when the set began; descendants have it too. No group: all groups.
  event_set = 40,    // detail: cause; a: id of the origin
  event_heard = 41,  // detail: cause; a: id of the origin; b: wait that it ended
  event_reset = 42,

  limiter_full = 50,    // a: limit. As many workers serve the group as may
  limiter_freed = 51,   // a: limit. One of them leaves
  deadline_armed = 52,  // a: due, in ns of the monotonic clock
  deadline_fired = 53,  // a: due, in ns of the monotonic clock. On the timer's thread

  // No group. Of the thread that is a worker.
  worker_came = 60,    // begins to serve the runtime
  worker_parked = 61,  // goes to sleep for want of work
  worker_woken = 62,   // is awake again
  worker_left = 63,    // gives its thread back
};

enum class outcome : std::uint8_t { value = 0, exception = 1 };

enum class wait : std::uint8_t {
  sleep = 1,       // event_aware_sleep, event_view::wait
  join = 2,        // for a group's tasks
  condition = 3,   // wait_for_condition
  full_queue = 4,  // a producer, for room
  future = 5,
  blocking = 6,  // this_task::blocking: the user's own
};

// How a wait ended, in the high four bits of wait_ended's detail; the low four are the wait.
enum class wait_end : std::uint8_t {
  done = 0,  // what was waited for has come; of a sleep: slept it all; of a condition: to look at it again
  event_set = 1,
  timed_out = 2,
  other = 3,  // the queue was closed, an exception
};

// {0 16 | generation 16 | entry 32}: names a group for as long as a record refers to it. 0: no group.
// Generations begin at 1. A table entry of another generation has a later tenant: the name is lost.
using group_ref = std::uint64_t;
inline constexpr std::uint64_t group_ref_mask = 0xffff'ffff'ffffULL;
constexpr std::uint32_t entry_of(group_ref ref) noexcept { return static_cast<std::uint32_t>(ref); }
constexpr std::uint16_t generation_of(group_ref ref) noexcept {
  return static_cast<std::uint16_t>(ref >> 32);
}
constexpr group_ref make_ref(std::uint32_t entry, std::uint16_t generation) noexcept {
  return std::uint64_t{generation} << 32 | entry;
}

// Kinds whose b is a group_ref.
constexpr bool refers_by_b(kind of) noexcept { return of == kind::wait_began || of == kind::wait_ended; }

struct record {
  std::uint64_t stamp;  // ticks of the file's clock; ascending in a ring but for event_set and task_added
  std::uint64_t what;   // {detail 8 | kind 8 | group_ref 48}
  std::uint64_t a;
  std::uint64_t b;
};
static_assert(sizeof(record) == 32);

constexpr kind kind_of(std::uint64_t what) noexcept { return static_cast<kind>(what >> 48 & 0xff); }
constexpr std::uint8_t detail_of(std::uint64_t what) noexcept {
  return static_cast<std::uint8_t>(what >> 56);
}
constexpr group_ref group_of(std::uint64_t what) noexcept { return what & group_ref_mask; }
constexpr std::uint64_t make_what(kind of, std::uint8_t detail, group_ref group) noexcept {
  return std::uint64_t{detail} << 56 | std::uint64_t{static_cast<std::uint8_t>(of)} << 48 | group;
}

// --- rings ---------------------------------------------------------------------------------------------------

// One writer each: a thread, and after its end perhaps another. Record number n stands in place
// n % records_per_ring; the newest overwrites the oldest.
//
// A reader loads `written`, copies, and loads it again. With w the later value, those whose number is at least
//   max(first, (w >> 1) + (w & 1) - records_per_ring)   and below (earlier value) >> 1
// were copied whole. All the others below `written >> 1` are lost: written, and overwritten since.
struct ring_header {
  std::uint64_t written;  // {records ever written 63 | one is being written 1}
  std::uint64_t struck;   // records lost because a signal handler had interrupted a write
  std::uint64_t first;    // of a copy: the first number that was still there
  std::uint64_t reserved[5];

  std::uint32_t owner;     // thread id of who writes, or wrote last; 0: the ring was never used
  std::uint32_t released;  // 1: the owner has ended, another thread may take it over
  char thread_name[16];    // the owner's when it took the ring; ends with a zero
  std::uint64_t reserved_2[5];
};
static_assert(sizeof(ring_header) == 128);

// --- groups --------------------------------------------------------------------------------------------------

enum class entry_state : std::uint32_t {
  free = 0,    // nobody's; no record refers to it
  taken = 1,   // being filled
  living = 2,  // a group has it
  ended = 3,   // its group has ended; records may refer to it
};

// A group that any record in any ring refers to, or that such a group is a descendant of, has an entry that is
// not used for another group. A group without a place in the table counts in `groups_without_entry`, and its
// records have no group.
// A reader of a live file copies an entry, and drops the copy if state or generation have changed meanwhile.
struct group_entry {
  std::uint32_t state;        // entry_state
  std::uint32_t generation;   // of this tenant; 1 to 65535, then 1 again
  std::uint64_t id;           // group::id(); unique in its runtime
  std::uint64_t parent;       // group_ref of the group it hangs under, or 0: a root
  std::uint64_t entered;      // stamp: born, or first met after recording was switched on
  std::uint64_t ended;        // stamp; 0: lives
  std::int64_t deadline_ns;   // effective, of the monotonic clock; INT64_MAX: none
  std::uint64_t max_pending;  // UINT64_MAX: unlimited
  std::uint32_t limit;        // max_concurrent, as last set
  std::uint32_t flags;        // group_flag
  char name[48];              // ends with a zero
  std::uint32_t next_free;    // the recorder's
  std::uint32_t reserved;
  std::uint64_t reserved_2[1];
};
static_assert(sizeof(group_entry) == 128);

enum group_flag : std::uint32_t {
  runs_pending = 1,  // pending_policy::run
  fails_fast = 2,    // failure_policy::set_event
  born_before = 4,   // it was not seen being born: tasks may have been added and run before `entered`
};

// --- the header ----------------------------------------------------------------------------------------------

enum class clock_kind : std::uint32_t {
  counter = 1,    // the processor's constant counter: ticks to ns by the calibration
  monotonic = 2,  // ticks are ns of CLOCK_MONOTONIC
};

enum class file_state : std::uint32_t { live = 1, copy = 2 };

// Why a copy was made.
enum class freeze_reason : std::uint32_t {
  none = 0,
  asked = 1,      // by trace.h or the tool
  long_run = 2,   // a task ran longer than the threshold
  long_wait = 3,  // a wait inside a task, or its time in the queue, took longer
};

// The same moment on both clocks.
struct clock_pair {
  std::uint64_t ticks;
  std::uint64_t monotonic_ns;
};

// With one calibration, or a span of 0, ticks are ns after pairs[0]. Else
// ns = pairs[0].monotonic_ns + (ticks - pairs[0].ticks) * (span in ns / span in ticks), the span being that from
// pairs[0] to the latest one: pairs[1 + (calibrations & 1)]. The other one is being written when there is a
// newer one. calibrations is at least 1.
struct file_header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t byte_order;    // byte_order_mark
  std::uint32_t header_bytes;  // of this header: where newer writers have more
  std::uint32_t record_bytes;
  std::uint64_t file_bytes;  // of all parts together; the file may have holes where no ring was used

  std::uint64_t groups_at;  // offset of the table
  std::uint32_t group_capacity;
  std::uint32_t group_bytes;  // of an entry
  std::uint64_t rings_at;     // offset of the ring headers
  std::uint32_t ring_capacity;
  std::uint32_t ring_bytes;        // of a ring header
  std::uint64_t records_at;        // ring r begins at records_at + r * records_per_ring * record_bytes
  std::uint32_t records_per_ring;  // a power of two in a live file; any number in a copy
  std::uint32_t rings_used;        // rings from here on were never written to, and may be holes

  std::uint32_t state;      // file_state
  std::uint32_t recording;  // 1: switched on now
  std::uint32_t clock;      // clock_kind
  std::uint32_t calibrations;
  clock_pair pairs[3];
  std::uint64_t started_wall_ns;  // pairs[0] on the wall clock, since 1970

  std::uint64_t lost_without_ring;     // records of threads for which there was no ring
  std::uint64_t groups_without_entry;  // how often a group found no place in the table

  std::uint32_t pid;
  std::uint32_t workers;  // of the runtime; 0: not known yet
  std::uint32_t max_blocked;
  std::uint32_t reserved;

  // Of a copy.
  std::uint64_t frozen_at;   // stamp
  std::uint32_t frozen_why;  // freeze_reason
  std::uint32_t reserved_2;
  std::uint64_t frozen_group;  // group_ref
  std::uint64_t frozen_task;   // task id
  std::uint64_t frozen_ticks;  // how long it took

  char program[256];  // name of the program; ends with a zero
};
static_assert(sizeof(file_header) <= 4096);

}  // namespace tg::tracing

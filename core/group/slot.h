// All that the library keeps of one group. Slots are reused for later groups and never unmapped, so that a
// worker who leaves late touches a slot, never freed memory. One kibibyte with the queue segment that every
// slot keeps.
#pragma once

#include "core/event/place.h"
#include "core/limiter/limiter.h"
#include "core/queue/fifo.h"

#include <threadgroup/group.h>

#include <cstdint>
#include <string_view>

namespace tg::groups {

struct failure_node;

// A group's tasks: claimed ones are counted back when they have ended, on the claimers' cache line. Ended since the
// slot was made is the sum of both counts, of those that have succeeded, and of the slot's failed and skipped; it never
// passes the claims, and equals them at rest.
struct task_queue : queue::fifo {
  base::atomic<std::uint64_t> succeeded{0};          // by anybody
  base::atomic<std::uint64_t> succeeded_by_lead{0};  // written by the group's lead alone
};
static_assert(sizeof(task_queue) == 2 * base::cache_line);

// Who waits for what in a group: {producers and condition waiters 16 | joiners 16}.
struct waiting_word {
  static constexpr std::uint32_t one_joiner = 1;
  static constexpr std::uint32_t one_watcher = 1u << 16;
  static constexpr bool joiners(std::uint32_t bits) noexcept { return (bits & 0xffff) != 0; }
  static constexpr bool watchers(std::uint32_t bits) noexcept { return bits >= one_watcher; }
};

// Of a bounded group: {claimed, and not ended yet 32 | in flight: those, and what is queued 32}.
struct flight_word {
  static constexpr std::uint64_t one_added = 1;
  static constexpr std::uint64_t one_claimed = std::uint64_t{1} << 32;
  static constexpr std::uint64_t in_flight(std::uint64_t bits) noexcept { return bits & (one_claimed - 1); }
  static constexpr std::uint64_t claimed(std::uint64_t bits) noexcept { return bits / one_claimed; }
};

// Nobody adds from outside any more; abandoned: the group is being destroyed and skips all that comes.
struct closed_word {
  static constexpr std::uint32_t closed = 1;
  static constexpr std::uint32_t abandoned = 2;
};

}  // namespace tg::groups

namespace tg::detail {

struct engine;

struct callback_cell;

struct slot : event::place {
  static constexpr std::size_t max_name = 47;

  // Fixed at birth.
  alignas(base::cache_line) engine* owner = nullptr;
  std::size_t max_pending = 0;
  std::size_t max_kept_exceptions = 0;
  std::uint64_t first_number = 0;                // tasks that the slot had ended before
  base::atomic<deadline_ns> deadline{for_ever};  // effective
  base::atomic<pending_policy> on_event{};
  bool fails_fast = false;                   // failure_policy::set_event
  bool states_deadline = false;              // its own is the effective one: the timer knows it
  base::atomic<bool> has_parent{false};      // whose turn it is in the ready queue; of a late ticket a hint
  base::atomic<bool> trimming_cells{false};  // somebody shortens the list of cells of callbacks
  std::uint32_t fork_count = 0;              // the owner's, for who may outlive it; fixed with the owner
  base::atomic<std::uint32_t> closed{0};  // closed_word; written by close and the destructor, read by adders
  base::atomic<std::uint64_t> traced{0};  // tracing::group_ref; 0: the trace's table does not know the group

  // First written when workers come and go; the rest of the line is seldom touched.
  alignas(base::cache_line) limiter::limiter limits;
  base::atomic<std::uint64_t> in_flight{0};  // flight_word
  std::uint64_t first_failed = 0;  // at birth: how many tasks of the slot had failed and been skipped before
  std::uint64_t first_skipped = 0;
  base::atomic<callback_cell*> bridge{nullptr};  // to stop tokens; made by the first who asks in an epoch
  base::atomic<std::uint64_t> failing{0};        // tasks of the slot that have thrown, counted or not
  base::atomic<std::uint32_t> next_deferred{0};  // index + 1 on the list of what signal handlers left over
  base::atomic<std::uint16_t> producers{0};      // that wait for room
  base::atomic<std::uint16_t> skippers{0};       // calls in which a thread skips tasks
  base::atomic<std::uint64_t> spare_cells{0};    // as free_cells: those that are in no list

  // First line written by adders, second by claimers.
  groups::task_queue tasks;

  // Written by who waits and when tasks fail or are skipped; read at the end of every task.
  alignas(base::cache_line) base::atomic<std::uint32_t> waiting{0};  // waiting_word
  base::atomic<std::uint32_t> wait_seq{0};                // the futex of all who wait for the group
  base::atomic<std::uint64_t> failed{0};                  // tasks of the slot that have ended so
  base::atomic<std::uint64_t> skipped{0};                 // the same
  base::atomic<groups::failure_node*> failures{nullptr};  // newest first
  base::atomic<std::uint32_t> collecting{0};  // somebody reads or takes the outcomes; accounts.cpp
  base::atomic<std::uint32_t> deferred{0};    // stands on the list of what a signal handler left over
  std::uint64_t joined_ended = 0;             // what earlier joins have reported; under collecting
  std::uint64_t joined_skipped = 0;
  base::atomic<std::uint64_t> joined_failed{0};  // also where the count of kept exceptions begins

  alignas(base::cache_line)
      base::atomic<std::uint64_t> name_words[6]{};  // the name, zeros, its size in the last byte
  // Of callbacks, see cells.h.
  base::atomic<callback_cell*> cells{nullptr};  // newest first
  base::atomic<std::uint64_t> free_cells{0};    // {tag 32 | index + 1}: stack of free ones in the list

  std::string_view name() const noexcept {
    const char* bytes = reinterpret_cast<const char*>(name_words);
    return {bytes, static_cast<unsigned char>(bytes[max_name])};
  }
};

static_assert(sizeof(slot) == 8 * base::cache_line);

}  // namespace tg::detail

namespace tg::groups {

using detail::engine;
using detail::slot;

inline slot& slot_of(event::place& at) noexcept { return static_cast<slot&>(at); }
inline const slot& slot_of(const event::place& at) noexcept { return static_cast<const slot&>(at); }

// True: `inner` is `outer` or hangs somewhere under it. Costs as many steps as `inner` is deeper: none for a task that
// joins a group of its own. Who asks counts as a walker.
inline bool is_within(const event::place* inner, const event::place& outer) noexcept {
  while (inner != nullptr && inner->depth > outer.depth) inner = inner->parent();
  return inner == &outer;
}

}  // namespace tg::groups

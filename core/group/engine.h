// One runtime: its pools, its forest of groups, its workers, its timer.
#pragma once

#include "core/arena/crew.h"
#include "core/arena/housekeeper.h"
#include "core/deadline/timer.h"
#include "core/event/forest.h"
#include "core/group/cells.h"
#include "core/group/share.h"
#include "core/group/slot.h"
#include "core/memory/pool.h"
#include "core/os/process.h"
#include "core/task/this_thread.h"
#include "core/trace/control.h"

#include <threadgroup/runtime.h>

namespace tg::groups {

// What the stages in flow/ do for the parts below them.
struct upcalls {
  void (*serve)(engine& runtime, slot& group);
  void (*deadline_passed)(engine& runtime, slot& group);
  void (*follow_signals)(engine& runtime);
  void (*look_at_stalled)(engine& runtime, slot& group);
  void (*run_errands)(engine& runtime);
};

}  // namespace tg::groups

namespace tg::detail {

// Of a runtime, while it lives: no other has it.
class runtime_number {
 public:
  runtime_number() noexcept;
  runtime_number(const runtime_number&) = delete;
  runtime_number& operator=(const runtime_number&) = delete;
  ~runtime_number();
  // Each runtime counts the tenancies of its places from another number, so that ids of groups differ in the process.
  std::uint64_t first_tenancy() const noexcept;

 private:
  const std::uint32_t value_;
};

struct engine {
  engine(const runtime_options& options, const groups::upcalls& above);
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  ~engine();

  // The calling thread's share. Allocates at the thread's first call; throws std::bad_alloc.
  groups::local::share& mine() {
    groups::local* const latest = task::self.locals;
    // relaxed: written by this thread, or to nullptr
    if (latest != nullptr && latest->owner.load(base::relaxed) == this) [[likely]]
      return *latest->mine;
    return mine_slow();
  }
  // nullptr: there is no memory for it.
  groups::local::share* try_mine() noexcept;
  // So many that the ready queue always finds one: announcing a group must not fail. Throws std::bad_alloc.
  void provide_ready_segments();
  // The same, and so many segments for the groups' queues that a thread that comes finds some, too: try_add_task must
  // not let their pool grow. Throws std::bad_alloc.
  void provide_for_threads();

  // In a child of fork() this runtime is a picture of its parent's.
  bool forked() const noexcept {
    // relaxed: changes only in a child with one thread
    return os::fork_count.load(base::relaxed) != fork_count;
  }
  // Throws forked_runtime.
  void check_fork() const {
    if (forked()) [[unlikely]]
      throw_forked();
  }

  slot& slot_at(std::uint32_t index) const noexcept { return slots.at<slot>(index); }
  task_record& record_at(std::uint32_t index) const noexcept { return tasks.at<task_record>(index); }

  // By the keeper: what is queued in `errands` is run, with or without a worker.
  void wake_errand_thread() noexcept;

  // Ends the library's threads. Afterwards only records of futures that are still out may be given back.
  void shut_down() noexcept;
  // Afterwards nobody is left to set an event: those of groups that have ended read set from then on, for views that are
  // still out.
  void set_left_events() noexcept;
  std::size_t living_groups() noexcept;

  std::size_t records_in_use(const memory::pool& of,
                             memory::pool::cache groups::local::share::*cache) const noexcept;
  runtime_stats stats() noexcept;

  const runtime_options options;
  const std::uint32_t fork_count;
  const groups::upcalls above;
  const runtime_number number;
  memory::pool tasks;
  memory::pool segments;        // of the groups' queues
  memory::pool ready_segments;  // of the ready queue
  memory::pool slots;
  event::forest trees;
  event::place backstage;  // the parent of groups that are not the user's
  deadline::timer deadlines;
  groups::share_list shares;
  groups::cell_store cells;  // of callbacks
  base::atomic<std::uint64_t> deferred{
      0};  // {tag 32 | index + 1}: groups whose set a signal handler left half done
  base::atomic<std::uint32_t> all_deferred{0};
  engine* next_living = nullptr;         // the roster's
  base::atomic<slot*> errands{nullptr};  // the group that runs what the timer and signal handlers must not
  arena::crew crew;
  tracing::bell bell;
  arena::housekeeper keeper;
  arena::housekeeper
      errand_thread;  // calls what the keeper must not wait for, should all workers be busy; made by it

 private:
  static deadline_ns tick(void* self, deadline_ns now);
  static deadline_ns run_errands(void* self, deadline_ns now);
  [[noreturn]] static void throw_forked();
  groups::local::share& mine_slow();
  bool has_deferred() const noexcept;
};

}  // namespace tg::detail

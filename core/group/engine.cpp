#include "core/group/engine.h"

#include "core/event/propagate.h"
#include "core/group/roster.h"
#include "core/os/process.h"
#include "core/trace/session.h"

#include <threadgroup/error.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <exception>
#include <new>

namespace tg::groups {
namespace {

event::place& place_in(memory::pool& slots, std::uint32_t index) { return slots.at<slot>(index); }

arena::crew_settings crew_settings_of(const runtime_options& options) {
  return {{options.workers, options.max_blocked},
          std::chrono::nanoseconds(options.linger).count(),
          options.thread_name,
          options.cpus};
}

// The workers, and some of the user's.
std::size_t expected_threads(const runtime_options& options) { return options.workers + 4; }

// Where the magazines of the expected threads could hold more than half of the task records, nobody keeps any: on other
// threads try_add_task, which must not let the pool grow, would be refused for ever though nothing is in use.
memory::sharing sharing_of_tasks(const runtime_options& options) {
  constexpr std::size_t kept_by_one = 2 * memory::magazine::capacity;
  return options.task_records < 2 * kept_by_one * expected_threads(options) ? memory::sharing::one_by_one
                                                                            : memory::sharing::by_magazines;
}

std::size_t segments_for(std::size_t groups, std::size_t tasks, std::size_t threads) {
  // A group between two segments holds both, and every thread keeps some at hand.
  return 2 * groups + tasks / queue::segment::capacity + 64 * threads;
}

// For what could not be done for want of memory.
constexpr detail::deadline_ns retry_time = 10'000'000;

// Entries of all groups at once, and what threads keep.
std::size_t ready_segments_for(std::size_t groups, std::size_t threads) {
  return groups / queue::segment::capacity + arena::ready_queue::partly_filled_segments +
         threads * local::kept_segments;
}

}  // namespace

}  // namespace tg::groups

namespace tg::detail {

using groups::local;
using groups::roster;

runtime_number::runtime_number() noexcept : value_(roster::take_number()) {}

runtime_number::~runtime_number() { roster::give_number(value_); }

std::uint64_t runtime_number::first_tenancy() const noexcept {
  constexpr unsigned number_bits = std::bit_width(roster::max_numbers - 1);
  constexpr unsigned tenancy_bits = 64 - event::forest::index_bits;
  return std::uint64_t{value_} << (tenancy_bits - number_bits);
}

engine::engine(const runtime_options& opts, const groups::upcalls& calls)
    : options(opts),
      fork_count(os::fork_count.load(base::relaxed)),  // relaxed: changes only in a child with one thread
      above(calls),
      tasks(sizeof(task_record), opts.task_records, std::size_t{1} << 31, groups::sharing_of_tasks(opts)),
      segments(sizeof(queue::segment),
               groups::segments_for(opts.group_records, opts.task_records, groups::expected_threads(opts)),
               queue::segment::max_segments),
      ready_segments(sizeof(queue::segment),
                     groups::ready_segments_for(opts.group_records, groups::expected_threads(opts)),
                     queue::segment::max_segments),
      slots(sizeof(slot), opts.group_records, event::forest::max_places - 1),
      trees(slots, &groups::place_in, number.first_tenancy()),
      deadlines(opts.group_records),
      crew(groups::crew_settings_of(opts), ready_segments,
           {this,
            [](void* self, std::uint32_t index) {
              auto& runtime = *static_cast<engine*>(self);
              runtime.above.serve(runtime, runtime.slot_at(index));
            },
            [](void* self, std::uint32_t index) {
              return static_cast<engine*>(self)->slot_at(index).has_parent.load(
                  base::relaxed);  // relaxed: see slot.h
            },
            [](void* self) -> memory::pool::cache& {
              return static_cast<engine*>(self)->mine().ready_segments;
            },
            [](void* self) { static_cast<engine*>(self)->keeper.call(); }}),
      keeper(&engine::tick, this, opts.thread_name, bell.word()),
      errand_thread(&engine::run_errands, this, opts.thread_name) {
  os::watch_forks();
  roster::begin_anew_in_children();
  tracing::describe_runtime(opts.workers, opts.max_blocked);
  // relaxed: nobody else knows the runtime yet
  backstage.refs.store(1, base::relaxed);
  shares.make_spare(*this);
  keeper.start();
}

void engine::shut_down() noexcept {
  keeper.stop();
  errand_thread.stop();
  crew.dismiss();
}

engine::~engine() {
  shut_down();
  // Views of ended groups may still be looked at.
  slots.abandon();
}

void engine::set_left_events() noexcept {
  const auto used = static_cast<std::uint32_t>(slots.handed_out());
  for (std::uint32_t index = 0; index < used; ++index) {
    // Without an owner it never had a tenant, hence no view; its memory has not been touched yet.
    if (slot_at(index).owner != nullptr) event::set_for_good(slot_at(index));
  }
}

std::size_t engine::living_groups() noexcept {
  event::forest::walk_guard walking(trees);
  std::size_t count = 0;
  event::forest::walk(trees.root(), [&](const event::place& at) {
    // relaxed: a figure
    if (event::life_word(at.life.load(base::relaxed)).state() == event::tenant::active) ++count;
  });
  return count;
}

local::share& engine::mine_slow() {
  if (local::share* mine = groups::share_list::find(*this)) return *mine;
  return shares.first_use(*this);
}

void engine::provide_ready_segments() {
  ready_segments.ensure(groups::ready_segments_for(slots.capacity(), shares.count()));
}

void engine::provide_for_threads() {
  provide_ready_segments();
  segments.ensure(groups::segments_for(slots.capacity(), options.task_records, shares.count()));
}

void engine::throw_forked() { throw forked_runtime(); }

local::share* engine::try_mine() noexcept {
  try {
    return &mine();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

bool engine::has_deferred() const noexcept {
  // relaxed: looked at in earnest later
  return static_cast<std::uint32_t>(deferred.load(base::relaxed)) != 0 ||
         all_deferred.load(base::relaxed) != 0;
}

deadline_ns engine::tick(void* self, deadline_ns now) {
  auto& runtime = *static_cast<engine*>(self);
  const groups::share_for_now here(runtime);
  auto& slots_cache = runtime.mine().slots;
  if (runtime.bell.word() != nullptr) tracing::keep_house();
  runtime.above.follow_signals(runtime);
  const deadline_ns next_deadline = runtime.deadlines.collect(
      now,
      [&](const deadline::entry& due) {
        slot& group = runtime.slot_at(due.place);
        if (!runtime.trees.try_hold(group, due.tenancy, slots_cache)) return;
        runtime.above.deadline_passed(runtime, group);
        event::forest::unpin(group);
        runtime.trees.drop(group, slots_cache);
      },
      [&](const deadline::entry& at) {
        return event::forest::may_live(runtime.slot_at(at.place), at.tenancy);
      });
  const deadline_ns next_crew = runtime.crew.tend(now);
  if (runtime.crew.stalled()) {
    runtime.crew.rotate(
        [&](std::uint32_t index) { runtime.above.look_at_stalled(runtime, runtime.slot_at(index)); });
  }
  const deadline_ns next = std::min(next_deadline, next_crew);
  return runtime.has_deferred() ? std::min(next, now + groups::retry_time) : next;
}

deadline_ns engine::run_errands(void* self, deadline_ns now) {
  auto& runtime = *static_cast<engine*>(self);
  if (runtime.try_mine() == nullptr) return now + groups::retry_time;
  runtime.above.run_errands(runtime);
  return for_ever;
}

void engine::wake_errand_thread() noexcept {
  // Without a thread a worker does it, or the next attempt.
  if (errand_thread.try_start()) errand_thread.call();
}

std::size_t engine::records_in_use(const memory::pool& of,
                                   memory::pool::cache local::share::*cache) const noexcept {
  const std::size_t kept = shares.kept(cache);
  const std::size_t out = of.out();
  return out > kept ? out - kept : 0;
}

runtime_stats engine::stats() noexcept {
  const arena::load_word now = crew.load();
  runtime_stats out;
  out.workers = crew.workers();
  out.spare_workers = crew.spare_threads();
  out.blocked = now.blocked();
  out.blocked_cap = options.max_blocked;
  out.cap_reached = crew.cap_reached();
  out.task_records = tasks.capacity();
  out.task_records_in_use = records_in_use(tasks, &local::share::tasks);
  out.task_records_grown = tasks.growths();
  out.group_records = slots.capacity();
  out.group_records_in_use = living_groups();
  out.group_records_grown = slots.growths();
  return out;
}

}  // namespace tg::detail

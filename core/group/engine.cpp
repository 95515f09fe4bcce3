#include "core/group/engine.h"

#include "core/group/callbacks.h"
#include "core/os/process.h"
#include "core/task/this_thread.h"
#include "core/trace/recorder.h"
#include "core/trace/session.h"

#include <threadgroup/error.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>

namespace tg::groups {
namespace {

// Gives the thread's shares back when it ends.
struct exit_guard {
  bool armed = false;
  ~exit_guard() {
    for (local* at = task::self.locals; at != nullptr;) {
      local* next = at->next_of_thread;
      auto expected = local::use::taken;
      // [N1] acq_rel: the share goes on as this thread leaves it, or has lost its runtime; pairs with [N2],
      // [N3]
      if (!at->state.compare_exchange(expected, local::use::idle, base::acq_rel, base::acquire)) delete at;
      at = next;
    }
    task::self.locals = nullptr;
    tracing::thread_ends();
  }
};

thread_local exit_guard guard;

event::place& place_in(memory::pool& slots, std::uint32_t index) { return slots.at<slot>(index); }

arena::crew_settings crew_settings_of(const runtime_options& options) {
  return {{options.workers, options.max_blocked},
          std::chrono::nanoseconds(options.linger).count(),
          options.thread_name,
          options.cpus};
}

std::size_t segments_for(const runtime_options& options) {
  // A group between two segments holds both, and every thread keeps some at hand.
  return 2 * options.group_records + options.task_records / queue::segment::capacity +
         64 * (options.workers + 4);
}

}  // namespace

local::share::share(engine& of)
    : tasks(of.tasks), segments(of.segments), slots(of.slots), deadlines(of.deadlines.inbox()) {}

}  // namespace tg::groups

namespace tg::detail {

using groups::local;

engine::engine(const runtime_options& opts, const groups::upcalls& calls)
    : options(opts),
      fork_count(os::fork_count.load(base::relaxed)),  // relaxed: changes only in a child with one thread
      above(calls),
      tasks(sizeof(task_record), opts.task_records, std::size_t{1} << 31),
      segments(sizeof(queue::segment), groups::segments_for(opts), queue::segment::max_segments),
      slots(sizeof(slot), opts.group_records, event::forest::max_places - 1),
      trees(slots, &groups::place_in),
      deadlines(opts.group_records),
      crew(groups::crew_settings_of(opts), segments,
           {this,
            [](void* self, std::uint32_t index) {
              auto& runtime = *static_cast<engine*>(self);
              runtime.above.serve(runtime, runtime.slot_at(index));
            },
            [](void* self) -> memory::pool::cache& { return static_cast<engine*>(self)->mine().segments; },
            [](void* self) -> arena::mailbox& { return static_cast<engine*>(self)->mine().offers; },
            [](void* self) { static_cast<engine*>(self)->keeper.call(); }}),
      keeper(&engine::tick, this, opts.thread_name, bell.word()) {
  os::watch_forks();
  tracing::describe_runtime(opts.workers, opts.max_blocked);
  // relaxed: nobody else knows the runtime yet
  backstage.refs.store(1, base::relaxed);
  keeper.start();
}

void engine::shut_down() noexcept {
  keeper.stop();
  crew.dismiss();
}

// Shares of living threads are emptied here and deleted by those threads.
engine::~engine() {
  shut_down();
  for (local* at = locals.load(base::acquire); at != nullptr;) {  // as [N4]
    local* next = at->next_of_engine;
    at->mine.reset();
    at->owner.store(nullptr, base::relaxed);  // relaxed: published below
    auto expected = local::use::taken;
    // [N3] acq_rel: its thread deletes it when it ends, or has ended already; pairs with [N1]
    if (!at->state.compare_exchange(expected, local::use::orphan, base::acq_rel, base::acquire)) delete at;
    at = next;
  }
  groups::delete_cells(*this);
  // Views of ended groups may still be looked at.
  slots.abandon();
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

// A thread that goes from one runtime to another finds the one that it is at in front.
local::share& engine::mine_slow() {
  for (local** link = &task::self.locals; *link != nullptr; link = &(*link)->next_of_thread) {
    local* const at = *link;
    if (at->owner.load(base::relaxed) != this) continue;  // relaxed: written by this thread, or to nullptr
    *link = at->next_of_thread;
    at->next_of_thread = std::exchange(task::self.locals, at);
    return *at->mine;
  }
  return first_use();
}

local::share& engine::first_use() {
  groups::guard.armed = true;
  local* found = nullptr;
  // [N4] acquire: the listed shares; pairs with [N5]
  for (local* at = locals.load(base::acquire); at != nullptr; at = at->next_of_engine) {
    auto expected = local::use::idle;
    // [N2] acquire: the share as its last thread left it; pairs with [N1]
    if (at->state.compare_exchange(expected, local::use::taken, base::acquire, base::relaxed)) {
      found = at;
      break;
    }
  }
  if (found == nullptr) {
    auto fresh = std::make_unique<local>();
    fresh->owner.store(this, base::relaxed);  // relaxed: published by the list
    fresh->mine.emplace(*this);
    crew.list_mailbox(fresh->mine->offers);
    found = fresh.release();
    found->next_of_engine = locals.load(base::relaxed);  // relaxed: the exchange decides
    // [N5] release: the share is complete; pairs with [N4]
    while (!locals.compare_exchange(found->next_of_engine, found, base::release, base::relaxed)) {
    }
  }
  found->next_of_thread = task::self.locals;
  task::self.locals = found;
  return *found->mine;
}

void engine::throw_forked() { throw forked_runtime(); }

deadline_ns engine::tick(void* self, deadline_ns now) {
  auto& runtime = *static_cast<engine*>(self);
  auto& slots_cache = runtime.mine().slots;
  if (runtime.bell.word() != nullptr) tracing::keep_house();
  runtime.above.follow_signals(runtime);
  const deadline_ns next_deadline = runtime.deadlines.collect(
      now,
      [&](const deadline::entry& due) {
        slot& group = runtime.slot_at(due.place);
        if (!runtime.trees.try_hold(group, due.tenancy, slots_cache)) return;
        runtime.above.deadline_passed(runtime, group);
        runtime.trees.drop(group, slots_cache);
      },
      [&](const deadline::entry& at) {
        return event::forest::may_live(runtime.slot_at(at.place), at.tenancy);
      });
  const deadline_ns next_crew = runtime.crew.tend(now);
  if (runtime.crew.stalled()) {
    for (std::uint32_t left = runtime.crew.load().ready(), index = 0; left != 0 && runtime.crew.rotate(index);
         --left) {
      runtime.above.look_at_stalled(runtime, runtime.slot_at(index));
    }
  }
  return std::min(next_deadline, next_crew);
}

std::size_t engine::records_in_use(const memory::pool& of,
                                   memory::pool::cache local::share::*cache) const noexcept {
  std::size_t kept = 0;
  for (local* at = locals.load(base::acquire); at != nullptr; at = at->next_of_engine) {  // as [N4]
    if (at->mine) kept += memory::pool::kept((*at->mine).*cache);
  }
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

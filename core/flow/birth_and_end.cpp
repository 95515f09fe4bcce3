// Groups come and go. Birth is lock-free and calls no heap while the pools are large enough; the end waits
// for what still runs.
#include "core/flow/stages.h"
#include "core/group/stop_tokens.h"
#include "core/group/traced.h"
#include "core/os/futex.h"
#include "core/task/this_thread.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <utility>

namespace tg::flow {
namespace {

using groups::closed_word;

// Who makes one root after the other goes on in one place, and writes nothing that others write.
event::place& take_place(engine& runtime, event::place& parent, groups::local::share& mine) {
  if (&parent != &runtime.trees.root() || mine.kept_root == nullptr)
    return runtime.trees.take(parent, mine.slots);
  return event::forest::take_kept(*std::exchange(mine.kept_root, nullptr));
}

// Takes a place and sets its limit. A slot in which a latecomer from the tenant before is still assigned is not taken.
slot& take_slot(engine& runtime, event::place& parent, const group_options& options) {
  const std::uint32_t limit = std::min(options.max_concurrent, limiter::limit_word::max_limit);
  for (;;) {
    slot& group = groups::slot_of(take_place(runtime, parent, runtime.mine()));
    if (group.limits.prepare(limit)) return group;
    if (group.limits.die() == limiter::duty::free) release_slot(runtime, group);
  }
}

void write_name(slot& group, std::string_view name) noexcept {
  char bytes[sizeof group.name_words] = {};
  const std::size_t size = std::min(name.size(), slot::max_name);
  if (size != 0) std::memcpy(bytes, name.data(), size);
  bytes[slot::max_name] = static_cast<char>(size);
  for (std::size_t i = 0; i < std::size(group.name_words); ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i * sizeof word, sizeof word);
    // [Y3] release: after the tenant before has ended; a snapshot looks at the tenancy again; pairs with [Y2]
    group.name_words[i].store(word, base::release);
  }
}

deadline_ns stated_deadline(const group_options& options) noexcept {
  return options.deadline ? detail::deadline_at(*options.deadline) : detail::for_ever;
}

deadline_ns deadline_of(const slot& group) noexcept {
  return group.deadline.load(base::relaxed);  // relaxed: fixed at birth
}

// Not one of the hidden places under which roots hang.
bool is_group(const engine& runtime, const event::place& at) noexcept {
  return &at != &runtime.trees.root() && &at != &runtime.backstage;
}

deadline_ns inherited_deadline(const engine& runtime, const event::place& parent) noexcept {
  return is_group(runtime, parent) ? deadline_of(groups::slot_of(parent)) : detail::for_ever;
}

void prepare_queue(engine& runtime, slot& group) {
  try {
    if (group.tasks.prepared()) return;
    runtime.provide_ready_segments();
    auto& mine = runtime.mine();
    // Not one that is put by for a task whose argument makes this group.
    runtime.segments.keep_at_hand(mine.segments, mine.pledged + 1, memory::pool::when_empty::grow);
    group.tasks.prepare(runtime.segments, mine.segments);
  } catch (...) {
    release_slot(runtime, group);
    throw;
  }
}

void begin_counts(slot& group) noexcept {
  // relaxed: nobody else is here, and all that the slot's queue has seen has ended
  const std::uint64_t succeeded =
      group.tasks.succeeded.load(base::relaxed) + group.tasks.succeeded_by_lead.load(base::relaxed);
  group.first_failed = group.failed.load(base::relaxed);                           // relaxed: as above
  group.joined_failed.store(group.first_failed, base::relaxed);                    // relaxed: as above
  group.first_skipped = group.joined_skipped = group.skipped.load(base::relaxed);  // relaxed: as above
  group.first_number = group.joined_ended = succeeded + group.first_failed + group.first_skipped;
}

void write_options(slot& group, const group_options& options) noexcept {
  group.max_pending = options.max_pending;
  group.max_kept_exceptions = options.max_kept_exceptions;
  group.on_event.store(options.on_event, base::relaxed);  // relaxed: published by the birth
  group.fails_fast = options.on_failure == failure_policy::set_event;
  group.closed.store(0, base::relaxed);     // relaxed: published by the birth
  group.in_flight.store(0, base::relaxed);  // relaxed: as above
}

// Before the birth, which nothing may follow that fails. Should the timer be quicker than the birth, it finds no
// tenant, and set_if_overdue does its work.
void arm_deadline(engine& runtime, slot& group) {
  const deadline::entry entry{deadline_of(group), group.tenancy() + 1, group.index, group.depth};
  group.pinned.store(1, base::relaxed);  // relaxed: published by the birth
  if (runtime.deadlines.arm(runtime.mine().deadlines, entry)) runtime.keeper.call();
}

void arm_or_give_back(engine& runtime, slot& group) {
  try {
    arm_deadline(runtime, group);
  } catch (...) {
    release_slot(runtime, group);
    throw;
  }
}

// The ancestor who has stated the group's deadline, held. None: it was merged away, so its deadline has come down.
slot* hold_stater_above(engine& runtime, slot& group) noexcept {
  const event::forest::walk_guard looking(runtime.trees);
  event::place* at = group.parent();
  while (is_group(runtime, *at) && !groups::slot_of(*at).states_deadline) at = at->parent();
  if (!is_group(runtime, *at)) return nullptr;
  slot& stater = groups::slot_of(*at);
  // A later one: that of an ancestor above the one who has gone.
  if (deadline_of(stater) != deadline_of(group)) return nullptr;
  return runtime.trees.try_hold(stater, stater.tenancy(), runtime.mine().slots) ? &stater : nullptr;
}

// The timer may be late. For an ancestor's deadline, the ancestor's event is set now, as the timer will set it, and its
// callbacks are left to the timer.
void set_if_overdue(engine& runtime, slot& group) noexcept {
  if (deadline_of(group) > detail::now_ns()) return;
  if (group.states_deadline) {
    event::set_word(group, event_cause::deadline, group.as_origin());
    return event::forest::unpin(group);  // the timer may have found no tenant, and not come again
  }
  slot* const stater = hold_stater_above(runtime, group);
  if (stater == nullptr) return;
  set_event(runtime, *stater, event_cause::deadline, setter::signal_handler);
  runtime.trees.drop(*stater, runtime.mine().slots);
}

// Whatever is queued is skipped here, what runs is waited for.
void abandon(engine& runtime, slot& group) noexcept {
  // [D2] release: adders from inside are let in and skipped from now on; pairs with [D1]. Weaker would do: who skips
  // them has seen the event
  group.closed.store(closed_word::closed | closed_word::abandoned, base::release);
  set_event(runtime, group, event_cause::abandoned, setter::thread);
  const auto skip_some = [&] {
    const groups::share_for_now here(runtime);
    return help(runtime, group);
  };
  while (!groups::is_drained(group)) {
    if (!skip_some()) wait_for_end_or_work(group);
  }
}

[[noreturn]] void die_of_own_destruction(const slot& group) noexcept {
  const std::string_view name = group.name();
  std::fprintf(stderr,
               "threadgroup: group '%.*s' is destroyed by one of its own tasks or of a descendant's\n",
               static_cast<int>(name.size()), name.data());
  std::terminate();
}

}  // namespace

slot& make_group(engine& runtime, event::place& parent, std::string_view name, const group_options& options) {
  slot& group = take_slot(runtime, parent, options);
  if (group.owner == nullptr) {
    group.owner = &runtime;
    group.fork_count = runtime.fork_count;
  }
  prepare_queue(runtime, group);
  write_name(group, name);
  write_options(group, options);
  begin_counts(group);
  group.has_parent.store(is_group(runtime, parent),
                         base::relaxed);  // relaxed: known to who adds; else a hint
  const deadline_ns stated = stated_deadline(options);
  const deadline_ns inherited = inherited_deadline(runtime, parent);
  // [Y5] release: after the tenant before has ended; pairs with [Y4]
  group.deadline.store(std::min(stated, inherited), base::release);
  group.states_deadline = stated < inherited;
  if (group.states_deadline) arm_or_give_back(runtime, group);
  runtime.trees.activate(group);
  if (stated != detail::for_ever) set_if_overdue(runtime, group);
  groups::emit_birth(group);
  return group;
}

void end_group(engine& runtime, slot& group) noexcept {
  if (runtime.forked()) return;
  if (runs_inside(group)) die_of_own_destruction(group);
  if (!groups::is_drained(group)) abandon(runtime, group);
  groups::end_stop_tokens(group);
  groups::drop_failures(group);
  if (group.states_deadline) runtime.deadlines.forget();
  groups::emit(group, {tracing::kind::group_ended, 0, event::forest::id_of(group)});
  runtime.trees.end(group);
  if (group.limits.die() == limiter::duty::free) release_slot(runtime, group);
}

void release_slot(engine& runtime, slot& group) noexcept {
  const groups::share_for_now here(runtime);
  groups::leave_trace(group);
  auto& mine = runtime.mine();
  runtime.trees.drop(group, mine.slots, mine.kept_root);
}

}  // namespace tg::flow

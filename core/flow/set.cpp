// An event is set: flags down the tree first, then wake-ups, then what must not happen in between: callbacks, and the end
// of what is queued.
//
// set_event and set_all_events: any thread; by signal_handler: what needs a heap, a worker or a user's function is left to
// the housekeeper. Lock-free but for users' callbacks and destructors. Protocol: core/event/README.md.
#include "core/flow/stages.h"
#include "core/group/callbacks.h"
#include "core/group/traced.h"
#include "core/task/this_thread.h"

#include <threadgroup/error.h>

#include <new>

namespace tg::flow {
namespace {

using groups::slot_of;

event_cause as_given(event_cause why) noexcept {
  return why == event_cause::none || why == event_cause::cleared ? event_cause::requested : why;
}

// Under `source`, and of `source` itself unless it is the hidden root.
template <class Visit>
void for_subtree(engine& runtime, event::place& source, Visit&& visit) {
  if (&source != &runtime.trees.root()) visit(slot_of(source));
  event::forest::walk(source, [&](event::place& at) { visit(slot_of(at)); });
}

// Of what the hints tell, what there is: they last longer.
std::uint32_t left_in(engine& runtime, const slot& group, std::uint32_t hints) noexcept {
  std::uint32_t left = 0;
  if ((hints & event::callbacks) != 0 && groups::has_callbacks(group)) left |= event::callbacks;
  if ((hints & event::backlog) != 0 && has_backlog(runtime, group)) left |= event::backlog;
  return left;
}

// Wakes; answers what else there is to do below `source`: what calls users' functions.
std::uint32_t wake_pass(engine& runtime, event::place& source) noexcept {
  std::uint32_t left = 0;
  for_subtree(runtime, source, [&](slot& group) {
    const std::uint32_t hints = event::wake_sleepers(group);
    // as [W6], after the event was set
    if ((hints & event::waiters) != 0 && group.waiting.load(base::seq_cst) != 0) wake_waiters(group);
    left |= left_in(runtime, group, hints);
  });
  return left;
}

void send_for_backlog(engine& runtime, event::place& source) noexcept {
  for_subtree(runtime, source, [&](slot& group) {
    if (has_backlog(runtime, group)) send_for_workers(runtime, group);
  });
}

// Callbacks first: there may be threads that hear of the event by them. They may wait for a task that is to be skipped: a
// worker that is free comes and begins. On a thread that has its share, or nothing is left of the backlog.
void follow(engine& runtime, event::place& source, std::uint32_t left) {
  const event::forest::walk_guard walking(runtime.trees);
  if (left == (event::callbacks | event::backlog)) send_for_backlog(runtime, source);
  if ((left & event::callbacks) != 0)
    for_subtree(runtime, source, [](slot& group) { groups::run_callbacks(group); });
  if ((left & event::backlog) != 0)
    for_subtree(runtime, source, [&](slot& group) { skip_backlog(runtime, group); });
}

void defer(engine& runtime, event::place& source) noexcept;

task_record* admit_errand(slot& errands) noexcept {
  try {
    return &detail::admit(errands);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

// On another thread, by way of a group of the library's own: the timer must not wait for a user's function, and all workers
// may be busy.
void follow_elsewhere(engine& runtime, event::place& source, std::uint32_t left) noexcept {
  // [S8] acquire: the group; pairs with [S7]. Weaker would do, as there
  slot& errands = *runtime.errands.load(base::acquire);
  task_record* const admitted = admit_errand(errands);
  if (admitted == nullptr) {
    // What is queued may have all the records.
    const event::forest::walk_guard walking(runtime.trees);
    send_for_backlog(runtime, source);
    return defer(runtime, source);
  }
  task_record& record = *admitted;
  source.refs.fetch_add(1, base::relaxed);  // relaxed: the caller holds it
  struct errand {
    engine* runtime;
    event::place* source;
    std::uint32_t left;
    void operator()() const {
      const task::acting_for nobody(nullptr, detail::never_set);
      follow(*runtime, *source, left);
      if (source != &runtime->trees.root()) {
        runtime->trees.drop(*source, runtime->mine().slots);
      } else {
        source->refs.fetch_sub(1, base::relaxed);  // relaxed: the root stays
      }
    }
  };
  using call = detail::bound<errand>;
  ::new (static_cast<void*>(record.storage)) call(errand{&runtime, &source, left});
  record.body = &detail::added_body<call>;
  detail::commit(errands, record);
  runtime.wake_errand_thread();
}

// For the housekeeper's next look.
void defer(engine& runtime, event::place& source) noexcept {
  if (&source == &runtime.trees.root()) {
    // [S1] release: published to the housekeeper; pairs with [S2]. Weaker would do: the call below publishes
    runtime.all_deferred.store(1, base::release);
  } else {
    slot& group = slot_of(source);
    // [S3] acq_rel: on the list once; pairs with [S4]. Beyond the model: that who finds it listed relies on a look that
    // came before
    if (group.deferred.exchange(1, base::acq_rel) != 0) return;
    source.refs.fetch_add(1, base::relaxed);                    // relaxed: the caller holds it
    std::uint64_t seen = runtime.deferred.load(base::relaxed);  // relaxed: the exchange decides
    do {
      group.next_deferred.store(static_cast<std::uint32_t>(seen), base::relaxed);  // relaxed: see below
      // [S5] release: the list; pairs with [S6]
    } while (!runtime.deferred.compare_exchange(seen, ((seen >> 32) + 1) << 32 | (group.index + 1),
                                                base::release, base::relaxed));
  }
}

// What was deferred: a walk over all that may have been set.
void follow_deferred(engine& runtime, event::place& source) {
  std::uint32_t left = 0;
  {
    const event::forest::walk_guard walking(runtime.trees);
    for_subtree(runtime, source,
                [&](slot& group) { left |= left_in(runtime, group, event::callbacks | event::backlog); });
  }
  if (left != 0) follow_elsewhere(runtime, source, left);
}

}  // namespace

void follow_up(engine& runtime, event::place& source, std::uint32_t left, setter by) noexcept {
  if (left == 0) return;
  switch (by) {
    case setter::thread:
      if ((left & event::backlog) == 0 || runtime.try_mine() != nullptr) return follow(runtime, source, left);
      // Without memory for a share the housekeeper's is used.
      defer(runtime, source);
      runtime.keeper.call();
      return follow(runtime, source, left & ~event::backlog);
    case setter::housekeeper:
      return follow_elsewhere(runtime, source, left);
    case setter::signal_handler:
      defer(runtime, source);
      return runtime.keeper.call();
  }
}

set_outcome set_and_wake(engine& runtime, slot& group, event_cause why) noexcept {
  const std::uint64_t began = tracing::is_on() ? tracing::stamp() : 0;
  const event::setting setting(runtime.trees, group);
  std::uint32_t found = 0;
  const bool first = event::set_subtree(group, as_given(why), found);
  if (began != 0 && first) [[unlikely]]
    groups::trace_set(group, began);
  return {first, found == 0 ? 0 : wake_pass(runtime, group)};
}

bool set_event(engine& runtime, slot& group, event_cause why, setter by) noexcept {
  const set_outcome done = set_and_wake(runtime, group, why);
  follow_up(runtime, group, done.left, by);
  return done.first;
}

void set_all_events(engine& runtime, event_cause why, setter by) noexcept {
  tracing::emit({tracing::kind::event_set, 0, 0, 0, groups::detail_of(as_given(why))});
  std::uint32_t left = 0;
  {
    event::setting setting(runtime.trees, runtime.trees.root());
    std::uint32_t found = 0;
    event::set_all(runtime.trees, as_given(why), found);
    if (found != 0) left = wake_pass(runtime, runtime.trees.root());
  }
  follow_up(runtime, runtime.trees.root(), left, by);
}

void follow_signals(engine& runtime) {
  // [S2] acquire: what the handler set; pairs with [S1]. Weaker would do, as there
  if (runtime.all_deferred.exchange(0, base::acquire) != 0) follow_deferred(runtime, runtime.trees.root());
  // [S6] acquire: the list; pairs with [S5]. Weaker would do as long as the exchange below acquires
  std::uint64_t seen = runtime.deferred.load(base::acquire);
  if (static_cast<std::uint32_t>(seen) == 0) return;
  // as [S6]; weaker would do where it succeeds, as long as the looks acquire: by its tag the value is the one that they
  // have read; of a failure weaker would do, as long as the exchange that succeeds acquires
  while (!runtime.deferred.compare_exchange(seen, ((seen >> 32) + 1) << 32, base::acquire, base::acquire)) {
  }
  for (auto next = static_cast<std::uint32_t>(seen); next != 0;) {
    slot& group = runtime.slot_at(next - 1);
    next = group.next_deferred.load(base::relaxed);  // relaxed: this thread's alone
    // [S4] acq_rel: a handler that comes later puts it on the list again; pairs with [S3]. Beyond the model, as there
    group.deferred.exchange(0, base::acq_rel);
    follow_deferred(runtime, group);
    runtime.trees.drop(group, runtime.mine().slots);
  }
}

bool reset_event(engine& runtime, slot& group) {
  event::rearm attempt(group);
  if (attempt.was_unset()) return true;
  // Another reset, or a set, was quicker.
  if (!attempt.begun()) return !event::look(group).is_set();
  // relaxed: fixed at birth
  const bool overdue = group.deadline.load(base::relaxed) <= detail::now_ns();
  if (overdue || !attempt.tree_allows(runtime.trees) || is_being_added_to(group) ||
      !groups::is_drained(group)) {
    attempt.undo();
    return false;
  }
  if (!attempt.finish()) return false;
  groups::emit(group, {tracing::kind::event_reset});
  return true;
}

event_state state_of(const engine& runtime, const slot& group) noexcept {
  const event::event_word word = event::look(group);
  if (!word.is_set()) return {false, event_cause::none, word.epoch(), 0};
  return {true, word.cause(), word.epoch(), runtime.trees.id_of(word.origin())};
}

groups::upcalls upcalls() {
  return {[](engine& runtime, slot& group) { serve(runtime, group); },
          [](engine& runtime, slot& group) {
            // relaxed: fixed at birth
            const deadline_ns due = group.deadline.load(base::relaxed);
            groups::emit(group, {tracing::kind::deadline_fired, 0, static_cast<std::uint64_t>(due)});
            set_event(runtime, group, event_cause::deadline, setter::housekeeper);
          },
          [](engine& runtime) { follow_signals(runtime); }, [](engine&, slot& group) { wake_waiters(group); },
          [](engine& runtime) {
            // as [S8]; weaker would do, as there
            slot& errands = *runtime.errands.load(base::acquire);
            while (help(runtime, errands)) {
            }
          }};
}

}  // namespace tg::flow

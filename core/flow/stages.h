// The stages of a task and of an event, as they call each other. One file implements each heading.
#pragma once

#include "core/event/propagate.h"
#include "core/group/accounts.h"
#include "core/group/engine.h"

#include <optional>

namespace tg::flow {

using detail::deadline_ns;
using detail::engine;
using detail::slot;
using detail::task_record;

// --- add.cpp: a task comes into its group

// Sees to it that somebody comes for what is queued, if somebody may, to run or to skip it. After every change that frees a
// place, gives up a ticket or raises the limit.
void send_for_workers(engine& runtime, slot& group) noexcept;
// The same after a push. The ticket goes to this thread's mailbox first: the thread may serve the group itself before
// anybody comes.
void offer_to_workers(engine& runtime, slot& group) noexcept;
// max_pending tasks may be queued, and no more.
inline bool is_bounded(const slot& group) noexcept { return group.max_pending != unlimited; }

// Of a bounded group: a task is queued, or runs, or somebody is adding one. Of another one it is known of this thread only;
// see core/event/README.md, "A task that is added beside a reset".
bool is_being_added_to(const slot& group) noexcept;

// --- serve.cpp: a worker comes to a group and runs its tasks

// What a popped ticket asks for.
void serve(engine& runtime, slot& group);
// A joiner's part; false: nothing to do, or no place.
bool help(engine& runtime, slot& group);
// Tasks are queued in a group whose event is set.
bool has_backlog(engine& runtime, const slot& group) noexcept;
// Skips such tasks until there is none, whatever the limit. Where skipped tasks' destructors have nested it more than a few
// levels deep, it calls a worker instead. The thread must have its share.
void skip_backlog(engine& runtime, slot& group) noexcept;
// Called before a thread waits for a task: the setter may be calling what waits for this thread.
void skip_before_waiting(slot& group) noexcept;
// Of somebody assigned; the slot may be another group's afterwards.
void leave(engine& runtime, slot& group, limiter::seat as) noexcept;

// --- complete.cpp: a task ends

// Both leave the counting to the caller's tally.
enum class [[nodiscard]] end{succeeded, failed, skipped};
end run_task(slot& group, task_record& record, task_id id) noexcept;
end skip_task(slot& group, task_record& record, task_id id, event_cause why) noexcept;
// Queued tasks end as skipped: the group's event is set.
bool skips(const slot& group) noexcept;
// The same, of tasks that are skipped hereby: no reset of this event succeeds any more. Why, or none.
event_cause decide_to_skip(slot& group) noexcept;
// Ends what was queued before `bound`, whatever the limit; how many. Who is skipped may move the bound on.
std::size_t drain(engine& runtime, slot& group, limiter::seat as, const std::uint64_t& bound,
                  event_cause why) noexcept;
void wake_waiters(slot& group) noexcept;
// The same if there is a reason: a watcher, or a joiner and nothing left to wait for.
void wake_who_waits_for_ends(slot& group) noexcept;

// --- set.cpp: an event is set, goes down the tree, and wakes

enum class setter { thread, signal_handler, housekeeper };
bool set_event(engine& runtime, slot& group, event_cause why, setter by) noexcept;
// In two steps: flags and wake-ups, and then what calls users' functions; the group is held until that is done.
struct set_outcome {
  bool first;          // it was not set before
  std::uint32_t left;  // hints, for the second step
};
set_outcome set_and_wake(engine& runtime, slot& group, event_cause why) noexcept;
void follow_up(engine& runtime, event::place& source, std::uint32_t left, setter by) noexcept;
void set_all_events(engine& runtime, event_cause why, setter by) noexcept;
void follow_signals(engine& runtime);
bool reset_event(engine& runtime, slot& group);
event_state state_of(const engine& runtime, const slot& group) noexcept;

// --- wait.cpp: threads wait for events, tasks and predicates

bool sleep(const detail::event_flag& flag, deadline_ns until);
// For a joiner: until all is done, which it answers with, or the deadline.
std::optional<groups::counts> wait_for_end(slot& group, deadline_ns until) noexcept;
// For one that helps: until all is done or there is something that it may run.
void wait_for_end_or_work(slot& group) noexcept;
condition wait_for_condition(slot& group, bool (*look)(void*), void* pred, deadline_ns until,
                             std::int64_t poll_ns);

// --- control.cpp: what is done to a living group from outside its tasks

void set_limit(engine& runtime, slot& group, std::uint32_t limit) noexcept;
void close(slot& group) noexcept;
bool is_closed(const slot& group) noexcept;
void notify(slot& group) noexcept;
// How many this call has ended itself. Where cleared tasks' destructors have nested it more than a few levels deep, it
// leaves what is queued to the call around it.
std::size_t clear_pending(engine& runtime, slot& group);

// --- birth_and_end.cpp: groups come and go

slot& make_group(engine& runtime, event::place& parent, std::string_view name, const group_options& options);
void end_group(engine& runtime, slot& group) noexcept;
// Nobody is assigned and no ticket is out any more: the slot's own reference goes back.
void release_slot(engine& runtime, slot& group) noexcept;

// --- join.cpp

join_report join(engine& runtime, slot& group);
join_report join_until(engine& runtime, slot& group, deadline_ns until);
// True on a thread that runs a task of the group or of one of its descendants.
bool runs_inside(const slot& group) noexcept;

// What the runtime's lower parts are given at construction.
groups::upcalls upcalls();

}  // namespace tg::flow

// The calls of the reference. What follows from them is in consequences.cpp.
#include "tests/fuzz/reference.h"

#include "tests/fuzz/answers.h"

#include <algorithm>
#include <utility>

namespace tg_fuzz {

reference::reference() : actors_(static_cast<std::size_t>(thread_count)) {
  for (actor_model& thread : actors_) thread.now = activity::idle;
}

int reference::home_of(int actor) const {
  return is_task(actor) ? tasks_[static_cast<std::size_t>(task_of_actor(actor))].group : none;
}

bool reference::is_within(int number, int top) const {
  while (number != none && number != top) number = group(number).parent;
  return number == top;
}

bool reference::is_inside(int actor, int number) const {
  const int home = home_of(actor);
  return home != none && is_within(home, number);
}

// A task that can start at once does not count against max_pending.
bool reference::is_full(int number) const {
  const group_model& at = group(number);
  return at.running.size() >= at.limit && at.queue.size() >= at.plan.max_pending;
}

int reference::nearest_living_ancestor(int number) const {
  int up = group(number).parent;
  while (up != none && !group(up).alive) up = group(up).parent;
  return up;
}

int reference::depth_of(int number) const {
  int depth = 0;
  while ((number = nearest_living_ancestor(number)) != none) ++depth;
  return depth;
}

void reference::answer(int number, std::string text) {
  actor(number).now = activity::idle;
  actor(number).due = std::make_shared<std::vector<std::string>>(1, std::move(text));
}

// Until settle() finds that it has ended, which may be in this very operation.
void reference::block(const operation& asked) {
  actor(asked.actor).now = activity::busy;
  actor(asked.actor).doing = asked;
  actor(asked.actor).satisfied = false;
}

void reference::perform(const operation& asked) {
  actor(asked.actor).doing = asked;
  if (!perform_on_event(asked) && !perform_on_group(asked)) perform_on_others(asked);
  settle();
}

bool reference::perform_on_event(const operation& asked) {
  switch (asked.what) {
    case verb::set_event:
      answer(asked.actor, say::yes_or_no(set_event(asked.group, asked.cause)));
      return true;
    case verb::set_siblings: {
      const int home = home_of(asked.actor);
      answer(asked.actor, say::yes_or_no(home != none && set_event(home, asked.cause)));
      return true;
    }
    case verb::set_all:
      set_all();
      answer(asked.actor, "done");
      return true;
    case verb::reset_event:
      answer(asked.actor, reset_event(asked.group));
      return true;
    case verb::wait_condition:
      wait_condition(asked);
      return true;
    case verb::sleep:
      sleep(asked);
      return true;
    case verb::satisfy:
      actor(asked.target).satisfied = true;
      answer(asked.actor, "done");
      return true;
    case verb::notify:
      answer(asked.actor, "done");
      return true;
    default:
      return false;
  }
}

bool reference::perform_on_group(const operation& asked) {
  switch (asked.what) {
    case verb::make_group:
      make_group(asked);
      return true;
    case verb::add_task:
    case verb::try_add_task:
    case verb::submit:
      add(asked);
      return true;
    case verb::end_task:
      end_task(asked);
      return true;
    case verb::set_limit:
      group(asked.group).limit = std::min(asked.limit, tg::group::max_limit);
      answer(asked.actor, "done");
      return true;
    case verb::clear:
      answer(asked.actor, clear(asked.group));
      return true;
    case verb::close:
      group(asked.group).closed = group(asked.group).closed_by_call = true;
      answer(asked.actor, "done");
      return true;
    case verb::join:
    case verb::timed_join:
      join(asked);
      return true;
    case verb::destroy_group:
      destroy_group(asked);
      return true;
    default:
      return false;
  }
}

bool reference::perform_on_others(const operation& asked) {
  switch (asked.what) {
    case verb::make_callback: {
      const bool at_once = group(asked.group).event.set;
      callbacks_.push_back({asked.group, true, at_once ? 1 : 0});
      answer(asked.actor, "done");
      return true;
    }
    case verb::drop_callback: {
      callback_model& dropped = callbacks_[static_cast<std::size_t>(asked.target)];
      dropped.exists = false;
      answer(asked.actor, "called " + std::to_string(dropped.calls));
      return true;
    }
    case verb::take_token:
      tokens_.push_back({asked.group, group(asked.group).event.set});
      answer(asked.actor, "done");
      return true;
    case verb::snapshot:
      answer(asked.actor, snapshot());
      return true;
    case verb::look_around:
      answer(asked.actor, look_around(asked.actor));
      return true;
    case verb::future_drop:
      task(asked.task).has_future = false;
      answer(asked.actor, "done");
      return true;
    default:
      wait_future(asked);
      return true;
  }
}

void reference::make_group(const operation& asked) {
  const birth how = asked.plan.how;
  if (how == birth::detached_with_parent || how == birth::with_foreign_runtime) {
    return answer(asked.actor, say::threw("bad_options"));
  }
  group_model made;
  made.plan = asked.plan;
  made.parent = asked.group;
  made.limit = std::min(asked.plan.limit, tg::group::max_limit);
  made.has_deadline = asked.plan.deadline != due::never;
  made.is_overdue = asked.plan.deadline == due::past || asked.plan.deadline == due::soon;
  if (made.parent != none) {
    const group_model& parent = group(made.parent);
    made.has_deadline |= parent.has_deadline;
    made.is_overdue |= parent.is_overdue;
    made.event = parent.event;
    made.event.rearmed = made.event.reset_tries = 0;
  }
  groups_.push_back(made);
  if (made.is_overdue) set_word(asked.made, tg::event_cause::deadline, asked.made);
  answer(asked.actor, "done");
}

void reference::add(const operation& asked) {
  const group_model& to = group(asked.group);
  const bool is_try = asked.what == verb::try_add_task;
  tasks_.push_back({});
  tasks_.back().group = asked.group;
  tasks_.back().submitted = asked.what == verb::submit;
  actors_.push_back({});
  if (to.closed && !to.being_destroyed) {
    task(asked.made).at = phase::refused;
    return answer(asked.actor, is_try ? say::yes_or_no(false) : say::threw("group_closed"));
  }
  if (is_try) {
    // What is going to be skipped needs no room.
    const bool skips = to.event.set && to.plan.on_event == tg::pending_policy::skip;
    const bool fits = skips || !is_full(asked.group);
    if (fits) {
      enqueue(asked.made);
    } else {
      task(asked.made).at = phase::refused;
    }
    return answer(asked.actor, say::yes_or_no(fits));
  }
  if (!is_inside(asked.actor, asked.group)) return block(asked);
  enqueue(asked.made);
  answer(asked.actor, "added");
}

void reference::end_task(const operation& asked) {
  const int number = task_of_actor(asked.actor);
  task_model& ended = task(number);
  group_model& home = group(ended.group);
  if (asked.satisfies) actor(asked.target).satisfied = true;
  ended.how = asked.how;
  ended.cause = asked.cause;
  if (asked.how == ending::exception) {
    if (home.plan.on_failure == tg::failure_policy::set_event)
      set_event(ended.group, tg::event_cause::failure);
    if (home.kept_failures.size() < home.plan.max_kept) home.kept_failures.push_back(number);
  }
  home.running.erase(number);
  actor(asked.actor).now = activity::gone;
  count(number);
}

std::string reference::reset_event(int number) {
  group_model& of = group(number);
  if (!of.event.set) return say::yes_or_no(true);
  ++of.event.reset_tries;
  bool allowed = of.is_drained() && !of.is_overdue;
  for (int other = 0; other < static_cast<int>(groups_.size()); ++other) {
    if (other == number || !group(other).alive) continue;
    if (is_within(other, number)) allowed = false;
    if (is_within(number, other) && group(other).event.set) allowed = false;
  }
  if (!allowed) return say::yes_or_no(false);
  of.event.set = false;
  of.event.cause = tg::event_cause::none;
  of.event.origin = none;
  ++of.event.rearmed;
  return say::yes_or_no(true);
}

std::string reference::clear(int number) {
  const std::deque<int> cleared = std::exchange(group(number).queue, {});
  for (const int each : cleared) skip(each, tg::event_cause::cleared);
  return "cleared " + std::to_string(cleared.size());
}

void reference::join(const operation& asked) {
  if (is_inside(asked.actor, asked.group)) return answer(asked.actor, say::threw("would_deadlock"));
  const bool waits = asked.what == verb::join || asked.span == length::long_time;
  if (waits || group(asked.group).is_drained()) return block(asked);
  answer(asked.actor, report(asked.group, false));
}

void reference::wait_condition(const operation& asked) {
  if (asked.look == predicate::throws) return answer(asked.actor, say::threw("the predicate's own"));
  block(asked);
  actor(asked.actor).satisfied = asked.look == predicate::holds;
}

void reference::sleep(const operation& asked) { block(asked); }

void reference::wait_future(const operation& asked) {
  const task_model& of = task(asked.task);
  const bool has_ended = of.at == phase::ended;
  if (asked.what == verb::future_ready) return answer(asked.actor, say::yes_or_no(has_ended));
  const bool in_own_way =
      of.at == phase::queued && home_of(asked.actor) == of.group && group(of.group).limit == 1;
  if (in_own_way) return answer(asked.actor, say::threw("would_deadlock"));
  const bool polls = asked.what == verb::future_wait && asked.span != length::long_time;
  if (polls && !has_ended) return answer(asked.actor, say::yes_or_no(false));
  block(asked);
}

void reference::destroy_group(const operation& asked) {
  group_model& of = group(asked.group);
  if (!of.is_drained()) {
    of.closed = of.being_destroyed = true;
    set_event(asked.group, tg::event_cause::abandoned);
  }
  block(asked);
}

std::string reference::look_around(int number) const {
  const int home = home_of(number);
  if (home == none) return "outside, unset";
  return "in " + say::group_name(home) + (group(home).event.set ? ", set" : ", unset");
}

std::string reference::snapshot() const {
  std::string text = "groups:";
  for (int number = 0; number < static_cast<int>(groups_.size()); ++number) {
    const group_model& of = group(number);
    if (!of.alive) continue;
    text +=
        say::snapshot_line({number, nearest_living_ancestor(number), static_cast<unsigned>(depth_of(number)),
                            of.limit, of.event.set, of.has_deadline});
    if (!of.being_destroyed) text += say::load(of.running.size(), of.queue.size());
  }
  return text;
}

}  // namespace tg_fuzz

// What follows from a call: events go down the tree, tasks start and are skipped, those who wait go on.
#include "tests/fuzz/answers.h"
#include "tests/fuzz/reference.h"

#include <utility>

namespace tg_fuzz {

void reference::settle() {
  for (bool moved = true; std::exchange(moved, false);) {
    for (int number = 0; number < static_cast<int>(groups_.size()); ++number) {
      moved |= start_or_skip(number);
    }
    if (moved) continue;
    for (int number = 0; number < static_cast<int>(actors_.size()) && !moved; ++number) {
      moved = resume(number);
    }
  }
}

bool reference::start_or_skip(int number) {
  group_model& of = group(number);
  if (of.queue.empty()) return false;
  if (of.being_destroyed || (of.event.set && of.plan.on_event == tg::pending_policy::skip)) {
    const tg::event_cause why = of.being_destroyed ? tg::event_cause::abandoned : of.event.cause;
    for (const int each : std::exchange(of.queue, {})) skip(each, why);
    return true;
  }
  bool started = false;
  for (; !of.queue.empty() && of.running.size() < of.limit; started = true) {
    const int first = of.queue.front();
    of.queue.pop_front();
    of.running.insert(first);
    task(first).at = phase::running;
    actor(actor_of_task(first)).now = activity::idle;
  }
  return started;
}

bool reference::resume(int number) {
  if (actor(number).now != activity::busy) return false;
  const operation asked = actor(number).doing;
  if (asked.what == verb::join || asked.what == verb::timed_join) {
    if (!group(asked.group).is_drained()) return false;
    resume_joiners(asked.group);
    return true;
  }
  std::string text;
  if (!has_ended(asked, text)) return false;
  answer(number, std::move(text));
  return true;
}

// Of overlapping joins one receives the outcomes, and nobody knows which.
void reference::resume_joiners(int number) {
  const auto shared = std::make_shared<std::vector<std::string>>();
  for (actor_model& each : actors_) {
    if (each.now != activity::busy || each.doing.group != number) continue;
    if (each.doing.what != verb::join && each.doing.what != verb::timed_join) continue;
    each.now = activity::idle;
    each.due = shared;
    shared->push_back(report(number, true));
    group(number).since_join = {};
    group(number).kept_failures.clear();
  }
}

// Where the wait is over; does what the end of it does.
bool reference::has_ended(const operation& asked, std::string& text) {
  switch (asked.what) {
    case verb::add_task:
    case verb::submit: {
      const group_model& to = group(asked.group);
      if (to.closed && !to.being_destroyed) {
        task(asked.made).at = phase::refused;
        text = say::threw("group_closed");
        return true;
      }
      // A producer that waits wakes on the event too, and then does not wait for room any more.
      if (is_full(asked.group) && !to.event.set) return false;
      enqueue(asked.made);
      text = "added";
      return true;
    }
    case verb::wait_condition: {
      if (actor(asked.actor).satisfied) {
        if (asked.group != none) set_event(asked.group, tg::event_cause::condition_met);
        text = "met";
        return true;
      }
      const bool set = asked.group != none && group(asked.group).event.set;
      const bool drained = asked.group != none && group(asked.group).is_drained();
      if (!set && !drained && asked.span == length::long_time) return false;
      text = set ? "event_set" : drained ? "drained" : "timed_out";
      return true;
    }
    case verb::sleep: {
      const bool set = asked.group != none && group(asked.group).event.set;
      if (!set && asked.span == length::long_time) return false;
      text = set ? "heard the event" : "slept it all";
      return true;
    }
    case verb::destroy_group:
      if (!group(asked.group).is_drained()) return false;
      group(asked.group).alive = false;
      text = "done";
      return true;
    default:
      if (task(asked.task).at != phase::ended) return false;
      text = ended_as(asked);
      return true;
  }
}

// What the waits for a future answer once its task has ended.
std::string reference::ended_as(const operation& asked) {
  task_model& of = task(asked.task);
  if (asked.what == verb::future_wait) return say::yes_or_no(true);
  if (asked.what == verb::future_get) of.has_future = false;
  const bool gets = asked.what == verb::future_get;
  switch (of.how) {
    case ending::value:
      return gets ? std::to_string(asked.task) : "value";
    case ending::exception:
      return gets ? say::threw(say::failure(asked.task)) : "exception";
    case ending::skipped:
      break;
  }
  return gets ? say::skipped(of.cause) : "skipped";
}

bool reference::set_word(int number, tg::event_cause cause, int origin) {
  event_model& of = group(number).event;
  if (of.set) return false;
  of.set = true;
  of.cause = cause;
  of.origin = origin;
  for (callback_model& each : callbacks_) {
    if (each.group == number && each.exists && each.calls == 0) each.calls = 1;
  }
  for (token_model& each : tokens_) {
    if (each.group == number) each.stopped = true;
  }
  return true;
}

bool reference::set_event(int number, tg::event_cause cause) {
  if (cause == tg::event_cause::none || cause == tg::event_cause::cleared) cause = tg::event_cause::requested;
  const bool first = set_word(number, cause, number);
  const event_model source = group(number).event;
  for (int other = 0; other < static_cast<int>(groups_.size()); ++other) {
    if (group(other).alive && is_within(other, number)) set_word(other, source.cause, source.origin);
  }
  return first;
}

void reference::set_all() {
  for (int number = 0; number < static_cast<int>(groups_.size()); ++number) {
    if (group(number).alive) set_word(number, tg::event_cause::shutdown, event_model::any_origin);
  }
}

void reference::enqueue(int number) {
  task(number).at = phase::queued;
  task(number).has_future = task(number).submitted;
  group(task(number).group).queue.push_back(number);
}

void reference::skip(int number, tg::event_cause cause) {
  task(number).how = ending::skipped;
  task(number).cause = cause;
  count(number);
}

void reference::count(int number) {
  group_model& home = group(task(number).group);
  const auto add_to = [&](ends& sums) {
    switch (task(number).how) {
      case ending::value:
        ++sums.succeeded;
        break;
      case ending::exception:
        ++sums.failed;
        break;
      case ending::skipped:
        ++sums.skipped;
        break;
    }
  };
  task(number).at = phase::ended;
  add_to(home.total);
  add_to(home.since_join);
}

std::string reference::report(int number, bool complete) const {
  const group_model& of = group(number);
  std::vector<std::string> failures;
  for (const int failed : of.kept_failures) failures.push_back(say::failure(failed));
  std::string text =
      say::report(complete, of.since_join.succeeded, of.since_join.failed, of.since_join.skipped, failures);
  if (!complete || of.since_join.failed == 0) return text;
  const bool is_single = of.since_join.failed == 1 && failures.size() == 1;
  return text + (is_single ? say::single(failures.front()) : say::several(failures.size()));
}

}  // namespace tg_fuzz

#include "tests/fuzz/free_thread.h"

#include <chrono>
#include <stdexcept>

namespace tg_fuzz {

using namespace std::chrono_literals;

void free_thread::run() {
  for (const free_step& step : in_.program.threads[static_cast<std::size_t>(number_)]) {
    if (!perform_on_event(step)) perform_on_group(step);
  }
  while (!futures_.empty()) settle_future();
}

bool free_thread::perform_on_event(const free_step& step) {
  switch (step.what) {
    case deed::set_event:
      set_event(step);
      return true;
    case deed::set_all:
      tg::set_all_events();
      for (std::size_t each = 0; each < in_.groups.size(); ++each) {
        expect_set(static_cast<int>(each), "after set_all_events");
      }
      return true;
    case deed::reset_event:
      reset_event(step);
      return true;
    case deed::wait_condition:
      wait_condition(step);
      return true;
    case deed::callback:
      use_callback(step);
      return true;
    case deed::stop_token:
      use_stop_token(step);
      return true;
    case deed::sleep:
      static_cast<void>(group_of(step).event().sleep_for(std::chrono::microseconds(step.detail * 2)));
      return true;
    case deed::notify:
      group_of(step).notify();
      return true;
    case deed::look:
      look(step);
      return true;
    default:
      return false;
  }
}

void free_thread::perform_on_group(const free_step& step) {
  switch (step.what) {
    case deed::settle_future:
      if (!futures_.empty()) settle_future();
      return;
    case deed::set_limit:
      return group_of(step).set_max_concurrent(limit_of(in_.program, step));
    case deed::clear:
      static_cast<void>(group_of(step).clear_pending_tasks());
      return;
    case deed::close:
      group_of(step).close();
      if (!group_of(step).closed()) note(step, "is not closed after close()");
      return;
    case deed::join_briefly:
    case deed::join:
      return join(step);
    case deed::private_child:
      return use_private_child(step);
    case deed::short_deadline:
      return use_short_deadline(step);
    default:
      return add(step);
  }
}

bool free_thread::try_to_add(const free_step& step, free_task&& task) {
  tg::group& to = group_of(step);
  if (step.what == deed::try_add) return to.try_add_task(std::move(task));
  if (step.what == deed::add) return to.add_task(std::move(task)) != 0;
  // A task that throws or gives up has no value; a paused group may hold its tasks back.
  const std::int64_t number = next_number_[static_cast<std::size_t>(step.group)];
  futures_.push_back({to.submit(std::move(task)), number, plan_of(step).may_be_paused});
  return futures_.back().future.valid();
}

void free_thread::add(const free_step& step) {
  ledger& of = ledger_of(step);
  std::int64_t& number = next_number_[static_cast<std::size_t>(step.group)];
  free_task task(of, group_of(step), step.kind(), number_, number);
  bool was_added = false;
  try {
    was_added = try_to_add(step, std::move(task));
  } catch (const tg::group_closed&) {
    if (!plan_of(step).may_be_closed) note(step, "add_task found it closed, and nobody has closed it");
  }
  const bool is_still_here = task.dismiss();
  if (was_added == is_still_here)
    note(step, was_added ? "a task was added and not moved" : "a task was moved and not added");
  if (!was_added) return;
  ++of.added;
  ++number;
}

void free_thread::settle_future() {
  pending_future first = std::move(futures_.front());
  futures_.pop_front();
  if (!first.future.wait_for(first.may_be_late ? std::chrono::milliseconds(1)
                                               : std::chrono::milliseconds(patience))) {
    if (!first.may_be_late) in_.found.note("a submitted task does not end");
    return;
  }
  const tg::outcome_kind kind = first.future.kind();
  tg::outcome_kind got = tg::outcome_kind::value;
  try {
    if (first.future.get() != first.number) in_.found.note("a future has another task's value");
  } catch (const tg::task_skipped&) {
    got = tg::outcome_kind::skipped;
  } catch (const std::runtime_error&) {
    got = tg::outcome_kind::exception;
  }
  if (got != kind) in_.found.note("a future's kind and what get() did differ");
}

void free_thread::expect_set(int group, const std::string& why) {
  const auto index = static_cast<std::size_t>(group);
  if (in_.program.groups[index].may_be_reset) return;
  if (!in_.groups[index]->event().is_set()) in_.found.note(in_.ledgers[index]->name + " reads unset " + why);
  in_.ledgers[index]->was_set = true;
}

void free_thread::set_event(const free_step& step) {
  const auto cause = static_cast<tg::event_cause>(step.detail % 8);
  if (step.detail / 8 % 4 == 3) {
    group_of(step).set_event_from_signal(cause);
  } else {
    group_of(step).set_event(cause);
  }
  for (int each = 0; each < static_cast<int>(in_.groups.size()); ++each) {
    if (in_.program.is_within(each, step.group)) {
      expect_set(each, "after set_event of " + ledger_of(step).name);
    }
  }
}

void free_thread::reset_event(const free_step& step) { static_cast<void>(group_of(step).reset_event()); }

void free_thread::look(const free_step& step) {
  if (ledger_of(step).was_set) expect_set(step.group, "although it was set and nobody resets it");
  const tg::event_state state = group_of(step).state();
  const bool has_cause = state.cause != tg::event_cause::none && state.cause != tg::event_cause::cleared;
  if (state.set != has_cause || state.set != (state.origin != 0))
    note(step, "its event's state contradicts itself");
  const tg::group_stats stats = group_of(step).stats();
  if (stats.limit > ledger_of(step).highest_limit) note(step, "its limit is higher than it ever was");
  if (step.detail % 8 != 0 || in_.program.on_small_runtime) return;
  std::vector<int> seen(in_.groups.size());
  for (const tg::group_info& each : tg::snapshot().groups) {
    for (std::size_t number = 0; number < in_.groups.size(); ++number) {
      if (in_.groups[number]->id() == each.id) ++seen[number];
    }
  }
  for (const int times : seen) {
    if (times != 1) in_.found.note("a living group is in a snapshot " + std::to_string(times) + " times");
  }
}

void free_thread::join(const free_step& step) {
  const bool is_timed = step.what == deed::join_briefly || plan_of(step).may_be_paused;
  const tg::join_report report = is_timed ? group_of(step).join_for(1ms) : group_of(step).join();
  if (report.complete) ledger_of(step).add_up(report);
}

void free_thread::wait_condition(const free_step& step) {
  int looks = 0;
  const int wanted = step.detail % 4;
  const tg::condition how = group_of(step).wait_for_condition([&] { return ++looks > wanted; }, 500us, 100us);
  if (how == tg::condition::met) expect_set(step.group, "after a condition was met");
  if (how == tg::condition::event_set && !plan_of(step).may_be_reset)
    expect_set(step.group, "and was told to be set");
  if ((how == tg::condition::met) != (looks > wanted))
    note(step, "a condition's answer is not the predicate's");
}

// What a callback may do that sets no event itself.
void free_thread::act_in_callback(const free_step& step) {
  if (step.detail / 32 % 2 == 0) return;
  ledger& of = ledger_of(step);
  free_task task(of, group_of(step), task_kind::returns, ledger::no_producer, 0);
  if (group_of(step).try_add_task(std::move(task))) ++of.added;
  static_cast<void>(task.dismiss());
  group_of(step).notify();
}

void free_thread::use_callback(const free_step& step) {
  const bool was_set = ledger_of(step).was_set && !plan_of(step).may_be_reset;
  std::atomic<int> calls{0};
  bool is_set = false;
  {
    const auto count = [&] {
      ++calls;
      act_in_callback(step);
    };
    const tg::event_callback<decltype(count)> registered(group_of(step), count);
    if (was_set && calls != 1) note(step, "its event was set, and a callback was not called at once");
    static_cast<void>(group_of(step).event().sleep_for(std::chrono::microseconds(step.detail)));
    if (step.detail % 16 == 1) is_set = group_of(step).set_event();
  }
  if (calls > 1) note(step, "a callback was called twice");
  if (is_set && calls != 1) note(step, "a callback was not called by the set of its own thread");
}

void free_thread::use_stop_token(const free_step& step) {
  const std::stop_token token = group_of(step).stop_token();
  if (ledger_of(step).was_set && !plan_of(step).may_be_reset &&
      !eventually([&] { return token.stop_requested(); }))
    note(step, "its event was set, and a new stop token is not stopped");
}

// A group that only this thread adds to, below one that everybody uses.
void free_thread::use_private_child(const free_step& step) {
  ledger counts;
  counts.name = "a child of " + ledger_of(step).name;
  counts.found = &in_.found;
  counts.highest_limit = 1 + step.detail / 12 % 3;
  const bool was_set = ledger_of(step).was_set && !plan_of(step).may_be_reset;
  {
    tg::group child(group_of(step), "private", {.max_concurrent = counts.highest_limit});
    if (was_set && !child.event().is_set()) in_.found.note(counts.name + " is born unset");
    add_simple(child, counts, 1 + step.detail % 5, step.kind());
    if (step.detail / 36 % 2 == 0) {
      counts.add_up(child.join());
      counts.is_over = true;
      const std::string wrong = counts.imbalance(child.stats());
      if (!wrong.empty()) in_.found.note(wrong);
    }
  }
  counts.is_over = true;
  if (counts.destroyed != counts.added) in_.found.note(counts.name + ": callables outlive their group");
}

void free_thread::use_short_deadline(const free_step& step) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(step.detail * 4);
  tg::group_options options;
  options.deadline = until;
  tg::group limited(group_of(step), "short deadline", options);
  tg::group below(limited, "below", {});
  if (below.event().sleep_for(patience)) note(step, "a deadline passed and a descendant sleeps on");
  if (!limited.event().is_set())
    note(step, "its descendant is set, and the group that stated a deadline is not");
  if (limited.state().cause == tg::event_cause::deadline && limited.state().origin == limited.id() &&
      std::chrono::steady_clock::now() < until)
    note(step, "a deadline was there too early");
}

}  // namespace tg_fuzz

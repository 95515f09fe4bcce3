// Calls about groups, tasks and futures.
#include "tests/fuzz/stage.h"

#include "tests/fuzz/answers.h"
#include "tests/fuzz/patience.h"
#include "tests/fuzz/runtimes.h"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace tg_fuzz {
namespace {

std::optional<std::chrono::steady_clock::time_point> deadline_of(due when) {
  const auto now = std::chrono::steady_clock::now();
  switch (when) {
    case due::past:
      return now - std::chrono::seconds(1);
    case due::soon:
      return now + std::chrono::microseconds(300);
    case due::far:
      return now + long_time;
    case due::never:
      break;
  }
  return std::nullopt;
}

template <class Call>
std::string or_error(Call call) {
  try {
    return call();
  } catch (const tg::group_closed&) {
    return say::threw("group_closed");
  } catch (const tg::would_deadlock&) {
    return say::threw("would_deadlock");
  } catch (const tg::bad_options&) {
    return say::threw("bad_options");
  } catch (const tg::task_skipped& skipped) {
    return say::skipped(skipped.cause());
  } catch (const std::exception& other) {
    return say::threw(other.what());
  }
}

}  // namespace

stage::stage(board& with, bool on_small_runtime)
    : board_(with),
      home_(on_small_runtime ? small_runtime() : default_runtime()),
      foreign_(on_small_runtime ? default_runtime() : small_runtime()) {
  callbacks_.reserve(64);
  tokens_.reserve(64);
}

int stage::number_of(std::uint64_t group_id) const {
  for (int number = 0; number < max_groups; ++number) {
    if (ids_[static_cast<std::size_t>(number)] == group_id && group_id != 0) return number;
  }
  return none;
}

std::string stage::perform(const operation& asked) {
  return or_error([&] {
    std::string text = perform_on_event(asked);
    if (text.empty()) text = perform_on_group(asked);
    return text.empty() ? perform_on_others(asked) : text;
  });
}

std::string stage::perform_on_group(const operation& asked) {
  switch (asked.what) {
    case verb::make_group:
      return make_group(asked);
    case verb::add_task:
    case verb::try_add_task:
    case verb::submit:
      return add(asked);
    case verb::set_limit:
      at(asked.group).set_max_concurrent(asked.limit);
      return "done";
    case verb::clear:
      return "cleared " + std::to_string(at(asked.group).clear_pending_tasks());
    case verb::close:
      at(asked.group).close();
      return at(asked.group).closed() ? "done" : "it is not closed";
    case verb::join:
    case verb::timed_join:
      return join(asked);
    case verb::destroy_group: {
      // Not reset(): its own tasks may call it until it is gone.
      std::unique_ptr<tg::group>& dying = groups_[static_cast<std::size_t>(asked.group)];
      std::default_delete<tg::group>()(dying.get());
      static_cast<void>(dying.release());
      return "done";
    }
    default:
      return "";
  }
}

tg::group_options stage::options_of(const operation& asked) const {
  tg::group_options options;
  options.max_concurrent = asked.plan.limit;
  options.max_pending = asked.plan.max_pending;
  options.on_event = asked.plan.on_event;
  options.on_failure = asked.plan.on_failure;
  options.deadline = deadline_of(asked.plan.deadline);
  options.max_kept_exceptions = asked.plan.max_kept;
  const bool is_root = asked.group == none;
  if (is_root) options.on = &home_;
  if (asked.plan.how == birth::with_foreign_runtime) options.on = &foreign_;
  const bool detaches = asked.plan.how == birth::detached || asked.plan.how == birth::detached_with_parent;
  if (detaches) options.parent = tg::parent_policy::detached;
  return options;
}

std::string stage::construct(const operation& asked) {
  const std::string name = say::group_name(asked.made);
  const tg::group_options options = options_of(asked);
  std::unique_ptr<tg::group> made;
  if (asked.plan.how == birth::inherit || asked.plan.how == birth::detached) {
    made = std::make_unique<tg::group>(name, options);
  } else {
    made = std::make_unique<tg::group>(at(asked.group), name, options);
  }
  if (made->id() == 0 || number_of(made->id()) != none) return "its id was there before";
  if (made->name() != name) return "its name is " + std::string(made->name());
  ids_[static_cast<std::size_t>(asked.made)] = made->id();
  groups_[static_cast<std::size_t>(asked.made)] = std::move(made);
  return "done";
}

std::string stage::make_group(const operation& asked) {
  return or_error([&] { return construct(asked); });
}

std::string stage::note_id(const operation& asked, tg::task_id id) {
  for (std::size_t other = 0; other < task_ids_.size(); ++other) {
    const bool is_same = groups_of_tasks_[other] == asked.group && task_ids_[other] == id;
    if (id == 0 || is_same) return "the id of the task is zero or was there before";
  }
  groups_of_tasks_[static_cast<std::size_t>(asked.made)] = asked.group;
  task_ids_[static_cast<std::size_t>(asked.made)] = id;
  return "added";
}

std::string stage::add(const operation& asked) {
  puppet callable(*this, asked.made);
  std::string text = or_error([&]() -> std::string {
    tg::group& to = at(asked.group);
    if (asked.what == verb::try_add_task) return say::yes_or_no(to.try_add_task(std::move(callable)));
    if (asked.what == verb::add_task) return note_id(asked, to.add_task(std::move(callable)));
    auto& future = futures_[static_cast<std::size_t>(asked.made)] = to.submit(std::move(callable));
    return future.valid() ? note_id(asked, future.id()) : "the future is not valid";
  });
  const bool was_added = text == "added" || text == say::yes_or_no(true);
  const bool has_moved = std::exchange(callable.of, nullptr) == nullptr;
  if (was_added != has_moved) text += was_added ? ", and did not move" : ", and moved the argument";
  return text;
}

std::string stage::join(const operation& asked) {
  tg::group& of = at(asked.group);
  if (asked.what == verb::join) return report_text(asked.group, of.join());
  switch (asked.span) {
    case length::zero:
      return report_text(asked.group, of.join_for(std::chrono::seconds(0)));
    case length::negative:
      return report_text(asked.group,
                         of.join_until(std::chrono::steady_clock::now() - std::chrono::hours(1)));
    case length::long_time:
      break;
  }
  return report_text(asked.group, of.join_for(long_time));
}

// Nobody is told the id of a task that try_add_task has added: of those it must be a new one.
std::string stage::failure_text(int group, const tg::task_failure& failure) const {
  std::string text = "no exception";
  try {
    std::rethrow_exception(failure.exception);
  } catch (const std::exception& what) {
    text = what.what();
  }
  for (int task = 0; task < max_tasks; ++task) {
    const tg::task_id known = task_ids_[static_cast<std::size_t>(task)];
    if (known == 0 || groups_of_tasks_[static_cast<std::size_t>(task)] != group) continue;
    if ((known == failure.id) != (text == say::failure(task))) return text + " under the id of another task";
  }
  return text;
}

std::string stage::report_text(int group, const tg::join_report& report) const {
  std::vector<std::string> failures;
  for (const tg::task_failure& each : report.failures) failures.push_back(failure_text(group, each));
  std::string text = say::report(report.complete, report.succeeded, report.failed, report.skipped, failures);
  if (!report.complete) return text;
  try {
    report.throw_if_failed();
    return text;
  } catch (const tg::group_error& several) {
    return text + say::several(several.failures().size());
  } catch (const std::exception& single) {
    return text + say::single(single.what());
  }
}

std::string stage::use_future(const operation& asked) {
  tg::future<int>& future = futures_[static_cast<std::size_t>(asked.task)];
  switch (asked.what) {
    case verb::future_ready:
      return say::yes_or_no(future.ready());
    case verb::future_wait:
      if (asked.span == length::long_time) return say::yes_or_no(future.wait_for(long_time));
      return say::yes_or_no(future.wait_for(std::chrono::seconds(asked.span == length::zero ? 0 : -1)));
    case verb::future_kind: {
      const tg::outcome_kind kind = future.kind();
      return kind == tg::outcome_kind::value     ? "value"
             : kind == tg::outcome_kind::skipped ? "skipped"
                                                 : "exception";
    }
    case verb::future_get:
      return get(future, asked.task);
    default:
      future = {};
      return "done";
  }
}

std::string stage::get(tg::future<int>& future, int task) {
  const std::string text = or_error([&] { return std::to_string(future.get()); });
  const bool keeps = text == say::threw("would_deadlock");
  if (future.valid() != keeps)
    return text + ", and the future of task " + std::to_string(task) + " stays valid";
  return text;
}

int stage::act_in_task(int task) {
  board_.started(task);
  const int actor = actor_of_task(task);
  for (;;) {
    const operation asked = tg::this_task::blocking([&] { return board_.next_order(actor); });
    if (asked.what == verb::end_task) return end_task(asked);
    board_.answered(actor, perform(asked));
  }
}

int stage::end_task(const operation& asked) {
  if (asked.satisfies) predicates_[static_cast<std::size_t>(asked.target)] = true;
  const int task = task_of_actor(asked.actor);
  if (asked.how == ending::exception) throw std::runtime_error(say::failure(task));
  if (asked.how == ending::skipped) throw tg::task_skipped(asked.cause);
  return task;
}

}  // namespace tg_fuzz

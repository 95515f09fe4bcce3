// Calls about events, and looks at the forest.
#include "tests/fuzz/answers.h"
#include "tests/fuzz/patience.h"
#include "tests/fuzz/runtimes.h"
#include "tests/fuzz/stage.h"

#include <chrono>
#include <map>
#include <utility>

namespace tg_fuzz {
namespace {

struct own_exception {};

struct lowered_at_exit {
  std::atomic<bool>& flag;
  ~lowered_at_exit() { flag = false; }
};

std::string to_text(tg::condition how) { return std::string(tg::to_string(how)); }

std::string slept(bool all) { return all ? "slept it all" : "heard the event"; }

}  // namespace

std::string stage::perform_on_event(const operation& asked) {
  switch (asked.what) {
    case verb::set_event:
      return set_event(asked);
    case verb::set_siblings:
      return set_siblings(asked);
    case verb::set_all:
      tg::set_all_events();
      return "done" + unset_below(none, true);
    case verb::reset_event: {
      const bool succeeded = at(asked.group).reset_event();
      const bool is_set = at(asked.group).event().is_set();
      return say::yes_or_no(succeeded) + (is_set == succeeded ? ", and the event says otherwise" : "");
    }
    case verb::wait_condition:
      return wait_condition(asked);
    case verb::satisfy:
      return satisfy(asked);
    case verb::notify:
      at(asked.group).notify();
      return "done";
    case verb::sleep:
      return sleep(asked);
    default:
      return "";
  }
}

std::string stage::set_event(const operation& asked) {
  tg::group& top = at(asked.group);
  const bool from_signal = asked.way == 2;
  const bool first = from_signal      ? top.set_event_from_signal(asked.cause)
                     : asked.way == 1 ? top.set_event_for_child_tasks()
                                      : top.set_event(asked.cause);
  return say::yes_or_no(first) + unset_below(asked.group, !from_signal);
}

std::string stage::set_siblings(const operation& asked) {
  const bool first = tg::this_task::set_event_for_siblings(asked.cause);
  const int home = number_of(tg::this_task::current_group().id());
  return say::yes_or_no(first) + (home == none ? "" : unset_below(home, true));
}

// Flags first: all of them are up when the call returns, and what was to be called has been.
std::string stage::unset_below(int top, bool with_callbacks) {
  return board_.with_model([&](const reference& model) -> std::string {
    for (int number = 0; number < static_cast<int>(model.groups().size()); ++number) {
      const group_model& each = model.groups()[static_cast<std::size_t>(number)];
      if (!each.alive || (top != none && !model.is_within(number, top))) continue;
      if (!at(number).event().is_set()) return ", and " + say::group_name(number) + " reads unset";
    }
    for (int number = 0; with_callbacks && number < static_cast<int>(model.callbacks().size()); ++number) {
      const callback_model& each = model.callbacks()[static_cast<std::size_t>(number)];
      if (each.exists && (top == none || model.is_within(each.group, top)) && callback_calls(number) == 0)
        return ", and callback " + std::to_string(number) + " was not called";
    }
    return "";
  });
}

std::string stage::wait_condition(const operation& asked) {
  // Lowered after the wait, not before: somebody may have satisfied it before this thread came to wait.
  std::atomic<bool>& holds = predicates_[static_cast<std::size_t>(asked.actor)];
  const lowered_at_exit lowered{holds};
  const auto look = [&]() -> bool {
    if (asked.look == predicate::throws) throw own_exception();
    return asked.look == predicate::holds || holds;
  };
  const std::chrono::seconds timeout = asked.span == length::long_time ? std::chrono::seconds(long_time)
                                       : asked.span == length::zero    ? std::chrono::seconds(0)
                                                                       : std::chrono::seconds(-1);
  try {
    // A poll would hide a wake-up that was lost.
    if (asked.way == 0) return to_text(at(asked.group).wait_for_condition(look, timeout, long_time));
    return to_text(tg::this_task::wait_for_condition(look, timeout, long_time));
  } catch (const own_exception&) {
    return say::threw("the predicate's own");
  }
}

std::string stage::satisfy(const operation& asked) {
  predicates_[static_cast<std::size_t>(asked.target)] = true;
  if (asked.way == 0) {
    at(asked.group).notify();
  } else {
    tg::this_task::notify();
  }
  return "done";
}

std::string stage::sleep(const operation& asked) {
  using std::chrono::seconds;
  const seconds span = asked.span == length::long_time ? seconds(long_time)
                       : asked.span == length::zero    ? seconds(0)
                                                       : seconds(-1);
  const auto until = std::chrono::steady_clock::now() + span;
  switch (asked.way) {
    case 0:
      return slept(tg::this_task::event_aware_sleep(span));
    case 1:
      return slept(tg::this_task::event_aware_sleep_until(until));
    case 2:
      return slept(at(asked.group).event().sleep_for(span));
    default:
      break;
  }
  if (asked.span != length::long_time) return slept(at(asked.group).event().sleep_until(until));
  at(asked.group).event().wait();
  return slept(false);
}

std::string stage::make_callback(const operation& asked) {
  auto made = std::make_unique<counted_callback>();
  made->registration = std::make_unique<tg::event_callback<counted_callback::count>>(
      at(asked.group), counted_callback::count{&made->calls});
  callbacks_.push_back(std::move(made));
  return "done";
}

std::string stage::drop_callback(const operation& asked) {
  counted_callback& dropped = *callbacks_[static_cast<std::size_t>(asked.target)];
  dropped.registration.reset();
  return "called " + std::to_string(dropped.calls);
}

std::string stage::perform_on_others(const operation& asked) {
  switch (asked.what) {
    case verb::make_callback:
      return make_callback(asked);
    case verb::drop_callback:
      return drop_callback(asked);
    case verb::take_token:
      tokens_.push_back(at(asked.group).stop_token());
      return "done";
    case verb::snapshot:
      return snapshot();
    case verb::look_around:
      return look_around();
    default:
      return use_future(asked);
  }
}

std::string stage::look_around() const {
  const tg::group_ref here = tg::this_task::current_group();
  const bool is_set = tg::this_task::event_set();
  const std::string set = is_set ? ", set" : ", unset";
  if (tg::this_task::this_event().is_set() != is_set) return "this_event says otherwise";
  if (!here) return "outside" + set;
  const std::string name = say::group_name(number_of(here.id()));
  if (here.name() != name || here.event().is_set() != is_set) return "current_group says otherwise";
  return "in " + name + set;
}

std::string stage::snapshot() {
  std::map<int, std::string> lines;
  std::string odd;
  for (const tg::group_info& each : tg::snapshot().groups) {
    const int number = number_of(each.id);
    const bool is_new = lines.find(number) == lines.end();
    if (number == none || !is_new || each.name != say::group_name(number)) odd += " odd: " + each.name;
    std::string line = say::snapshot_line(
        {number, number_of(each.parent), each.depth, each.limit, each.event.set, each.deadline.has_value()});
    const bool is_ending = board_.with_model([&](const reference& model) {
      return model.groups()[static_cast<std::size_t>(number)].being_destroyed;
    });
    lines[number] = is_ending ? line : line + say::load(each.running, each.pending);
  }
  std::string text = "groups:";
  for (const auto& [number, line] : lines) text += line;
  return text + odd;
}

}  // namespace tg_fuzz

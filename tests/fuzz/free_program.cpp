#include "tests/fuzz/free_program.h"

#include "tests/fuzz/decode.h"

#include <algorithm>
#include <iterator>

namespace tg_fuzz {
namespace {

constexpr std::size_t max_free_steps = 96;
constexpr std::uint32_t live_limits[] = {1, 2, 3, 0, 32, 1, 4'000'000'000, 2};

// New deeds go to the end of the list: a kept input then means what it meant.
constexpr deed deeds[] = {
    deed::add,
    deed::add,
    deed::add,
    deed::try_add,
    deed::submit,
    deed::submit,
    deed::settle_future,
    deed::add,
    deed::set_event,
    deed::reset_event,
    deed::set_limit,
    deed::clear,
    deed::close,
    deed::join_briefly,
    deed::join,
    deed::private_child,
    deed::wait_condition,
    deed::callback,
    deed::stop_token,
    deed::look,
    deed::private_child,
    deed::sleep,
    deed::notify,
    deed::short_deadline,
    deed::set_all,
};

constexpr const char* deed_names[] = {
    "add",   "try_add",       "submit",       "settle_future", "set_event",      "reset_event", "set_limit",
    "clear", "close",         "join_briefly", "join",          "wait_condition", "callback",    "stop_token",
    "look",  "private_child", "sleep",        "notify",        "short_deadline", "set_all"};
constexpr const char* kind_names[] = {
    "returns",         "throws",           "gives_up", "sleeps",          "sets_siblings",    "adds_one",
    "nests_and_joins", "nests_and_leaves", "notifies", "waits_condition", "submits_and_gets", "spins"};

// A bounded group is never paused: its producers would wait for ever.
std::uint32_t allowed(std::uint32_t limit, const group_plan& plan) {
  return limit == 0 && plan.max_pending != tg::unlimited ? 1 : std::min(limit, tg::group::max_limit);
}

void decode_group(bytes& from, free_program& into) {
  free_group made;
  const int others = static_cast<int>(into.groups.size());
  made.parent = static_cast<int>(from.below(static_cast<unsigned>(others) + 1)) - 1;
  const std::uint8_t first = from.next();
  made.plan = decode_plan(first, from.next());
  made.plan.how = made.parent == none ? birth::inherit : birth::with_parent;
  made.plan.limit = allowed(made.plan.limit, made.plan);
  made.highest_limit = std::max(made.highest_limit, made.plan.limit);
  made.may_be_paused = made.plan.limit == 0;
  into.groups.push_back(made);
}

void foresee(free_program& in, const free_step& step) {
  free_group& of = in.groups[static_cast<std::size_t>(step.group)];
  if (step.what == deed::set_limit) {
    const std::uint32_t limit = limit_of(in, step);
    of.highest_limit = std::max(of.highest_limit, limit);
    of.may_be_paused |= limit == 0;
  }
  of.may_be_reset |= step.what == deed::reset_event;
  of.may_be_closed |= step.what == deed::close;
}

bool makes_tasks(deed what) {
  return what == deed::add || what == deed::try_add || what == deed::submit || what == deed::private_child;
}

}  // namespace

bool free_program::is_within(int group, int top) const {
  while (group != none && group != top) group = groups[static_cast<std::size_t>(group)].parent;
  return group == top;
}

std::uint32_t limit_of(const free_program& in, const free_step& step) {
  return allowed(live_limits[step.detail % std::size(live_limits)],
                 in.groups[static_cast<std::size_t>(step.group)].plan);
}

free_program decode_free(bytes& from) {
  free_program program;
  program.on_small_runtime = from.below(4) == 3;
  for (unsigned count = 1 + from.below(6); count != 0; --count) decode_group(from, program);
  program.threads.resize(2 + from.below(3));
  for (std::size_t steps = 0; !from.is_empty() && steps < max_free_steps; ++steps) {
    auto& thread = program.threads[from.below(static_cast<unsigned>(program.threads.size()))];
    free_step step;
    step.what = deeds[from.below(std::size(deeds))];
    step.group = static_cast<int>(from.below(static_cast<unsigned>(program.groups.size())));
    step.detail = from.next();
    if (step.what == deed::set_all && program.on_small_runtime) step.what = deed::look;
    foresee(program, step);
    thread.push_back(step);
  }
  return program;
}

std::string to_text(const free_program& program) {
  std::string text = program.on_small_runtime ? "program on the small runtime:\n" : "program:\n";
  for (std::size_t number = 0; number < program.groups.size(); ++number) {
    operation made;
    made.what = verb::make_group;
    made.made = static_cast<int>(number);
    made.group = program.groups[number].parent;
    made.plan = program.groups[number].plan;
    text += "  " + to_text(made) + "\n";
  }
  for (std::size_t thread = 0; thread < program.threads.size(); ++thread) {
    text += "  thread " + std::to_string(thread) + ":\n";
    for (const free_step& step : program.threads[thread]) {
      text += std::string("    ") + deed_names[static_cast<std::size_t>(step.what)] + " group " +
              std::to_string(step.group);
      if (makes_tasks(step.what))
        text += std::string(" task ") + kind_names[static_cast<std::size_t>(step.kind())];
      if (step.what == deed::set_limit) text += " to " + std::to_string(limit_of(program, step));
      text += " (" + std::to_string(step.detail) + ")\n";
    }
  }
  return text;
}

}  // namespace tg_fuzz

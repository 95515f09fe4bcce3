#include "tests/fuzz/operation.h"

#include "tests/fuzz/answers.h"

#include <iterator>

namespace tg_fuzz {
namespace {

constexpr const char* verb_names[] = {
    "make_group",    "add_task",      "try_add_task",   "submit",      "end_task",     "set_event",
    "set_siblings",  "set_all",       "reset_event",    "set_limit",   "clear",        "close",
    "join",          "timed_join",    "wait_condition", "satisfy",     "notify",       "sleep",
    "make_callback", "drop_callback", "take_token",     "snapshot",    "look_around",  "future_ready",
    "future_wait",   "future_kind",   "future_get",     "future_drop", "destroy_group"};
constexpr const char* length_names[] = {"zero", "negative", "long"};
constexpr const char* ending_names[] = {"value", "exception", "skipped"};
constexpr const char* predicate_names[] = {"false", "true", "throws"};
constexpr const char* due_names[] = {"never", "past", "soon", "far"};
constexpr const char* birth_names[] = {"inherit", "with_parent", "detached", "detached_with_parent",
                                       "with_foreign_runtime"};

template <std::size_t Size, class Enum>
std::string name_in(const char* const (&names)[Size], Enum value) {
  return names[static_cast<std::size_t>(value) % Size];
}

std::string number_text(std::size_t number) {
  return number == tg::unlimited ? "unlimited" : std::to_string(number);
}

std::string plan_text(const group_plan& plan) {
  return " {" + name_in(birth_names, plan.how) + ", limit " + std::to_string(plan.limit) + ", max_pending " +
         number_text(plan.max_pending) + (plan.on_event == tg::pending_policy::run ? ", run" : ", skip") +
         (plan.on_failure == tg::failure_policy::collect ? ", collect" : ", set_event") + ", deadline " +
         name_in(due_names, plan.deadline) + ", keeps " + number_text(plan.max_kept) + "}";
}

std::string details(const operation& of) {
  switch (of.what) {
    case verb::make_group:
      return plan_text(of.plan);
    case verb::end_task:
      return " " + name_in(ending_names, of.how) +
             (of.how == ending::skipped ? " " + say::cause(of.cause) : "") +
             (of.satisfies ? ", after which the predicate holds" : "");
    case verb::set_event:
    case verb::set_siblings:
      return " " + say::cause(of.cause);
    case verb::set_limit:
      return " to " + std::to_string(of.limit);
    case verb::wait_condition:
      return " predicate " + name_in(predicate_names, of.look) + " for " + name_in(length_names, of.span);
    case verb::timed_join:
    case verb::sleep:
    case verb::future_wait:
      return " for " + name_in(length_names, of.span);
    default:
      return "";
  }
}

void name_object(std::string& text, const char* kind, int number) {
  if (number != none) text += std::string(" ") + kind + " " + std::to_string(number);
}

}  // namespace

std::string to_text(const operation& what) {
  std::string text = name_in(verb_names, what.what);
  name_object(text, "made", what.made);
  name_object(text, "group", what.group);
  name_object(text, "task", what.task);
  name_object(text, "target", what.target);
  text += details(what);
  if (what.way != 0) text += " (way " + std::to_string(what.way) + ")";
  return text;
}

}  // namespace tg_fuzz

// How both sides, the reference and the driver of the library, put what a call has answered.
#pragma once

#include "tests/fuzz/operation.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tg_fuzz::say {

inline std::string yes_or_no(bool answer) { return answer ? "true" : "false"; }

inline std::string threw(std::string_view what) { return "threw " + std::string(what); }

inline std::string cause(tg::event_cause cause) { return std::string(tg::to_string(cause)); }

inline std::string skipped(tg::event_cause why) { return threw("task_skipped(" + cause(why) + ")"); }

// What a task of the program throws.
inline std::string failure(int task) { return "task " + std::to_string(task) + " fails"; }

inline std::string group_name(int group) { return "group " + std::to_string(group); }

inline std::string state(bool set, tg::event_cause why) { return set ? "set by " + cause(why) : "unset"; }

inline std::string report(bool complete, std::size_t succeeded, std::size_t failed, std::size_t skipped,
                          const std::vector<std::string>& failures) {
  std::string text = complete ? "complete" : "incomplete";
  text += ", " + std::to_string(succeeded) + " succeeded, " + std::to_string(failed) + " failed, " +
          std::to_string(skipped) + " skipped";
  for (const std::string& failure : failures) text += "; " + failure;
  return text;
}

// What join_report::throw_if_failed does.
inline std::string several(std::size_t kept) { return ", throws group_error of " + std::to_string(kept); }
inline std::string single(const std::string& failure) { return ", throws " + failure; }

struct group_line {
  int number, parent;
  unsigned depth;
  std::uint32_t limit;
  bool set, has_deadline;
};

inline std::string snapshot_line(const group_line& of) {
  return "\n    " + group_name(of.number) + " below " + std::to_string(of.parent) + " depth " +
         std::to_string(of.depth) + " limit " + std::to_string(of.limit) + (of.set ? " set" : " unset") +
         (of.has_deadline ? " with deadline" : "");
}

inline std::string load(std::size_t running, std::size_t pending) {
  return " running " + std::to_string(running) + " pending " + std::to_string(pending);
}

}  // namespace tg_fuzz::say

// Messages, and the places where the error classes' type information lives.
#include <threadgroup/condition.h>
#include <threadgroup/error.h>

#include <exception>

namespace tg {

error::~error() = default;
group_closed::~group_closed() = default;
would_deadlock::~would_deadlock() = default;
bad_options::~bad_options() = default;
forked_runtime::~forked_runtime() = default;
task_skipped::~task_skipped() = default;
group_error::~group_error() = default;

group_closed::group_closed(std::string_view group)
    : error("threadgroup: group '" + std::string(group) + "' is closed") {}

forked_runtime::forked_runtime() : error("threadgroup: a forked child cannot use its parent's runtime") {}

task_skipped::task_skipped(event_cause cause)
    : error("threadgroup: the task was skipped (" + std::string(to_string(cause)) + ")"), cause_(cause) {}

namespace {

std::string message_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "not a std::exception";
  }
}

std::string tell(const std::vector<task_failure>& failures, std::size_t failed) {
  std::string out = "threadgroup: " + std::to_string(failed) + " tasks failed, " +
                    std::to_string(failures.size()) + " exceptions kept";
  if (failures.empty()) return out;
  const task_failure& first = failures.front();
  return out + "; task " + std::to_string(first.id) + ": " + message_of(first.exception);
}

}  // namespace

group_error::group_error(std::shared_ptr<const std::vector<task_failure>> failures, std::size_t failed)
    : error(tell(*failures, failed)), failures_(std::move(failures)) {}

void join_report::throw_if_failed() const {
  if (failed == 0) return;
  if (failures.size() == 1 && failed == 1) std::rethrow_exception(failures.front().exception);
  if (keep_alive != nullptr) throw group_error(keep_alive, failed);
  throw group_error(std::make_shared<const std::vector<task_failure>>(), failed);
}

std::string_view to_string(event_cause cause) noexcept {
  switch (cause) {
    case event_cause::none:
      return "none";
    case event_cause::requested:
      return "requested";
    case event_cause::condition_met:
      return "condition_met";
    case event_cause::failure:
      return "failure";
    case event_cause::deadline:
      return "deadline";
    case event_cause::abandoned:
      return "abandoned";
    case event_cause::shutdown:
      return "shutdown";
    case event_cause::cleared:
      return "cleared";
  }
  return "unknown";
}

std::string_view to_string(condition how) noexcept {
  switch (how) {
    case condition::met:
      return "met";
    case condition::drained:
      return "drained";
    case condition::event_set:
      return "event_set";
    case condition::timed_out:
      return "timed_out";
  }
  return "unknown";
}

}  // namespace tg

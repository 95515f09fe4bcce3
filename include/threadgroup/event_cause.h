// Why an event was set, and one consistent view of it.
#pragma once

#include <threadgroup/detail/export.h>

#include <cstdint>
#include <string_view>

namespace tg {

enum class event_cause : std::uint8_t {
  none,           // not set
  requested,      // set_event() without a reason
  condition_met,  // a wait_for_condition was satisfied
  failure,        // a task threw under failure_policy::set_event
  deadline,       // the deadline of the group, or of an ancestor, passed
  abandoned,      // the group was destroyed with tasks left
  shutdown,       // set_all_events()
  cleared,        // only as the cause of a skipped task: clear_pending_tasks()
};

struct event_state {
  bool set = false;
  event_cause cause = event_cause::none;
  std::uint64_t epoch = 0;   // changes whenever the event is re-armed, and when that is tried in vain
  std::uint64_t origin = 0;  // id of the group where the event was set first; 0 while unset
};

THREADGROUP_API std::string_view to_string(event_cause cause) noexcept;

}  // namespace tg

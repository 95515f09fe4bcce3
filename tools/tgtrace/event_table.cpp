#include "tools/tgtrace/event_table.h"

#include <algorithm>

#include "tools/tgtrace/meaning.h"

namespace tgtrace {

using tg::tracing::detail_of;
using tg::tracing::record;

void event_table::set(const record& is, index on, time_ns at) {
  const auto which = static_cast<index>(m_.settings.size());
  if (tg::tracing::group_of(is.what) == 0) {
    latest_of_all_ = which;
  } else {
    latest_[is.a] = which;
  }
  m_.settings.push_back(
      {parts_.group_of(is), on, parts_.threads.task_on(on), cause_of(detail_of(is.what)), at});
}

void event_table::reset(const record& is, time_ns at) {
  if (const index group = parts_.group_of(is); group != nothing) m_.resets.push_back({group, at});
}

// The latest one there, or of all groups.
index event_table::setting_of(std::uint64_t origin) const {
  const auto found = latest_.find(origin);
  if (found == latest_.end()) return latest_of_all_;
  if (latest_of_all_ == nothing) return found->second;
  return std::max(found->second, latest_of_all_);
}

// Of the kind that the record names, and not over before the event was set: else the thread met the event, and had not
// waited for it.
index event_table::wait_that_heard(const record& is, index on, time_ns set_at) const {
  const index latest = parts_.threads.latest_wait(on);
  if (latest == nothing || m_.waits[latest].what != waiting_of(is.b)) return nothing;
  const bool was_over = is_known(m_.waits[latest].ended) && m_.waits[latest].ended < set_at;
  return was_over ? nothing : latest;
}

void event_table::hear(const record& is, index on, time_ns at) {
  hearing made;
  made.group = parts_.group_of(is);
  made.thread = on;
  made.task = parts_.threads.task_on(on);
  made.at = at;
  made.setting = setting_of(is.a);
  if (made.setting != nothing) {
    const time_ns set_at = m_.settings[made.setting].at;
    if (const index waited = wait_that_heard(is, on, set_at); waited != nothing) {
      made.from = std::max(set_at, m_.waits[waited].began);
      // Some waits end before they look why.
      if (is_known(m_.waits[waited].ended)) m_.waits[waited].how = wait_end::event_set;
    }
  }
  m_.hearings.push_back(made);
}

}  // namespace tgtrace

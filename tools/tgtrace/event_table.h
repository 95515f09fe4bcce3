// Who set which event, and who heard of it, while the records go by that tell of them.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "tools/tgtrace/build_parts.h"

namespace tgtrace {

class event_table {
 public:
  explicit event_table(build_parts& parts) : parts_(parts), m_(parts.m) {}

  void set(const tg::tracing::record& is, index on, time_ns at);
  void reset(const tg::tracing::record& is, time_ns at);
  void hear(const tg::tracing::record& is, index on, time_ns at);

 private:
  index setting_of(std::uint64_t origin) const;
  index wait_that_heard(const tg::tracing::record& is, index on, time_ns set_at) const;

  build_parts& parts_;
  model& m_;
  std::unordered_map<std::uint64_t, index> latest_;  // by the id of the origin
  index latest_of_all_ = nothing;
};

}  // namespace tgtrace

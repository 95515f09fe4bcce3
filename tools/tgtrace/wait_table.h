// The waits of a trace, while the records go by that tell of them.
#pragma once

#include "tools/tgtrace/build_parts.h"

namespace tgtrace {

class wait_table {
 public:
  explicit wait_table(build_parts& parts) : parts_(parts), m_(parts.m) {}

  void begin(const tg::tracing::record& is, index on, time_ns at);
  void end(const tg::tracing::record& is, index on, time_ns at);

 private:
  void note_frozen(const tg::tracing::record& is, index which);

  build_parts& parts_;
  model& m_;
};

}  // namespace tgtrace

// What several tasks of one group have in common, for a warning: how many they are, and which is the worst.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>

#include "tools/tgtrace/model.h"

namespace tgtrace {

struct tally {
  std::size_t tasks = 0;
  time_ns worst = 0;
  index which = nothing;

  void add(index task, time_ns took) {
    ++tasks;
    if (took <= worst) return;
    worst = took;
    which = task;
  }
};

inline std::string tasks_text(std::size_t count) {
  return fmt::format("{} task{}", count, count == 1 ? "" : "s");
}

}  // namespace tgtrace

// What a runtime consists of, for tests that count what there is of something.
#pragma once

#include "core/group/callbacks.h"
#include "core/group/engine.h"
#include "core/task/this_thread.h"
#include "tests/model/runtime_model.h"

#include <cstddef>

namespace model_test {

inline tg::detail::engine& engine_of(runtime_model& at) {
  const model::calm meanwhile;
  tg::detail::engine* engine = nullptr;
  tg::group probe("probe", at.in());
  probe.submit([&] { engine = tg::task::self.current->owner; }).get();
  return *engine;
}

// Callback cells that were ever made.
inline std::size_t cells_of(const tg::detail::engine& engine) {
  std::size_t count = 0;
  for (const auto* cell = engine.cells.load(base::relaxed); cell != nullptr; cell = cell->next_of_engine)
    ++count;
  return count;
}

}  // namespace model_test

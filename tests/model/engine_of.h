// What a runtime consists of, for tests that count what there is of something.
#pragma once

#include "core/group/callbacks.h"
#include "core/group/engine.h"
#include "core/task/this_thread.h"
#include "tests/model/runtime_model.h"

#include <bit>

namespace model_test {

inline tg::detail::engine& engine_of(runtime_model& at) {
  const model::calm meanwhile;
  tg::detail::engine* engine = nullptr;
  tg::group probe("probe", at.in());
  probe.submit([&] { engine = tg::task::self.current->owner; }).get();
  return *engine;
}

inline tg::detail::slot& slot_of(const tg::group& group) {
  const auto* flag = std::bit_cast<const tg::detail::event_flag*>(group.event());
  return const_cast<tg::detail::slot&>(static_cast<const tg::detail::slot&>(*flag));
}

}  // namespace model_test

#include "work.h"

#include <threadgroup/this_task.h>

namespace fanout {

bool work_for(std::chrono::nanoseconds time) {
  const tg::event_view event = tg::this_task::this_event();
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    if (event.is_set()) return false;
  }
  return true;
}

}  // namespace fanout

// Ctrl-C as an event: every group of the process is told to stop, and the program still writes its summary.
#pragma once

#include <threadgroup/event.h>

#include <csignal>

namespace support {

// From now on the first SIGINT or SIGTERM sets the event of every group alive; the second ends the process. Call it
// when the topmost group exists: groups made later under a set one are born set, so that no signal is lost.
inline void stop_on_signals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { tg::set_all_events_from_signal(tg::event_cause::shutdown); };
  action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace support

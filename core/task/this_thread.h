// What the library knows of the calling thread. Constant-initialised and trivially destroyed, so that it can
// be read in signal handlers and while the thread ends.
#pragma once

#include <threadgroup/detail/event_flag.h>

#include <cstdint>

namespace tg::arena {
class crew;
}

namespace tg::groups {
struct local;
}

namespace tg::detail {
struct slot;
}

namespace tg::flow {
class skipping;
}

namespace tg::task {

struct this_thread {
  const detail::event_flag* event = &detail::never_set;  // of the group whose task runs here
  detail::slot* current = nullptr;                       // that group
  groups::local* locals = nullptr;                       // this thread's shares of the runtimes it has used
  arena::crew* crew = nullptr;                           // whose runner this thread is now
  flow::skipping* skips = nullptr;                       // the innermost group whose tasks this thread skips
  int blocked_depth = 0;                                 // nested waits count as one
  std::uint64_t yielded_at = 0;  // of a runner, in ticks: its last yield, or when it left the idle ones
  bool inner_turn = false;       // whether the ready group that it took last was to be an inner one
};

extern constinit thread_local this_thread self;

// While one of these lives, the thread acts for a task of the group, or, with nullptr, for none.
class acting_for {
 public:
  acting_for(detail::slot* group, const detail::event_flag& event) noexcept
      : group_before_(self.current), event_before_(self.event) {
    self.current = group;
    self.event = &event;
  }
  acting_for(const acting_for&) = delete;
  acting_for& operator=(const acting_for&) = delete;
  ~acting_for() {
    self.current = group_before_;
    self.event = event_before_;
  }

 private:
  detail::slot* const group_before_;
  const detail::event_flag* const event_before_;
};

}  // namespace tg::task

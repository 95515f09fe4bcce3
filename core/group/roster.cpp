#include "core/group/roster.h"

#include "core/os/process.h"

namespace tg::groups {

constinit tracing::turn roster::turn_;
constinit engine* roster::first_ = nullptr;

void roster::begin_anew_in_children() noexcept {
  static const bool asked = [] {
    os::when_forked([] {
      turn_.reset();
      first_ = nullptr;
    });
    return true;
  }();
  static_cast<void>(asked);
}

void roster::enter(engine& born) noexcept {
  begin_anew_in_children();
  const tracing::turn::mine now(turn_);
  engine** end = &first_;
  while (*end != nullptr) end = &(*end)->next_living;
  *end = &born;
}

void roster::leave(engine& dying) noexcept {
  const tracing::turn::mine now(turn_);
  for (engine** at = &first_; *at != nullptr; at = &(*at)->next_living) {
    if (*at != &dying) continue;
    *at = dying.next_living;
    return;
  }
}

}  // namespace tg::groups

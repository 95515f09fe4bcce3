#include "core/group/roster.h"

#include "core/os/process.h"

namespace tg::groups {

constinit tracing::turn roster::turn_;
constinit engine* roster::first_ = nullptr;
constinit std::uint64_t roster::numbers_out_[] = {};

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

std::uint32_t roster::take_number() noexcept {
  const tracing::turn::mine now(turn_);
  for (std::uint32_t number = 0; number < max_numbers; ++number) {
    std::uint64_t& word = numbers_out_[number / 64];
    const std::uint64_t bit = std::uint64_t{1} << number % 64;
    if ((word & bit) != 0) continue;
    word |= bit;
    return number;
  }
  return max_numbers - 1;
}

void roster::give_number(std::uint32_t number) noexcept {
  const tracing::turn::mine now(turn_);
  numbers_out_[number / 64] &= ~(std::uint64_t{1} << number % 64);
}

void roster::enter(engine& born) noexcept {
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

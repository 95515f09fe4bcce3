// How much work waits and who is there for it: one word for the whole runtime, touched when tickets are
// pushed and when runners come, go, park and block, never per task.
//
//   bits  0-19  ready    entries in the ready queue, each counted after it was pushed
//   bits 20-30  idle     runners without work, parked or awake; includes those asked for and not yet arrived
//   bits 31-41  parked   idle runners that sleep and that nobody has called
//   bits 42-52  runners  all of them
//   bits 53-63  blocked  runners whose task waits, each replaced by another runner up to the cap
//
// Invariant: ready > 0 implies that an awake idle runner is on the way, or that as many runners work as may.
// Since one word holds all of it, a runner cannot park or leave beside an entry that was just counted.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tg::arena {

class load_word {
 public:
  static constexpr std::uint32_t max_ready = (1u << 20) - 1;
  static constexpr std::uint32_t max_runners = (1u << 11) - 1;

  constexpr explicit load_word(std::uint64_t bits) noexcept : bits_(bits) {}

  constexpr std::uint64_t bits() const noexcept { return bits_; }
  constexpr std::uint32_t ready() const noexcept { return static_cast<std::uint32_t>(bits_ & max_ready); }
  constexpr std::uint32_t idle() const noexcept { return field(idle_at); }
  constexpr std::uint32_t parked() const noexcept { return field(parked_at); }
  constexpr std::uint32_t runners() const noexcept { return field(runners_at); }
  constexpr std::uint32_t blocked() const noexcept { return field(blocked_at); }
  constexpr std::uint32_t awake() const noexcept { return idle() - parked(); }

  constexpr load_word more_ready() const noexcept { return load_word(bits_ + 1); }
  constexpr load_word less_ready() const noexcept { return load_word(bits_ - 1); }
  constexpr load_word more_idle() const noexcept { return load_word(bits_ + one(idle_at)); }
  constexpr load_word less_idle() const noexcept { return load_word(bits_ - one(idle_at)); }
  constexpr load_word more_parked() const noexcept { return load_word(bits_ + one(parked_at)); }
  constexpr load_word less_parked() const noexcept { return load_word(bits_ - one(parked_at)); }
  constexpr load_word more_runners() const noexcept { return load_word(bits_ + one(runners_at)); }
  constexpr load_word less_runners() const noexcept { return load_word(bits_ - one(runners_at)); }
  constexpr load_word more_blocked() const noexcept { return load_word(bits_ + one(blocked_at)); }
  constexpr load_word less_blocked() const noexcept { return load_word(bits_ - one(blocked_at)); }

 private:
  static constexpr unsigned idle_at = 20;
  static constexpr unsigned parked_at = 31;
  static constexpr unsigned runners_at = 42;
  static constexpr unsigned blocked_at = 53;
  static constexpr std::uint64_t one(unsigned at) noexcept { return std::uint64_t{1} << at; }
  constexpr std::uint32_t field(unsigned at) const noexcept {
    return static_cast<std::uint32_t>(bits_ >> at & max_runners);
  }

  std::uint64_t bits_;
};

// How many runners there may be at most.
struct runner_cap {
  std::uint32_t workers;
  std::uint32_t max_blocked;
  constexpr std::uint32_t at(load_word load) const noexcept {
    return workers + std::min(load.blocked(), max_blocked);
  }
};

}  // namespace tg::arena

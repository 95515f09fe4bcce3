// Futex calls that do not do what the caller hopes for: waits that end for no reason, wakes that come late.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>

namespace tg_test {

// How a wait ends without having slept.
enum class wake_fault { interrupted, spurious, word_moved, timed_out_early };

inline std::ostream& operator<<(std::ostream& out, wake_fault fault) {
  const char* const names[] = {"EINTR", "a wake for no reason", "EAGAIN", "ETIMEDOUT before the time"};
  return out << names[static_cast<std::size_t>(fault)];
}

inline std::string name_of(wake_fault fault) {
  const char* const names[] = {"interrupted", "spurious", "word_moved", "timed_out_early"};
  return names[static_cast<std::size_t>(fault)];
}

// As long as one lives, of every `in_a_row + 1` waits of a thread that is meant the first `in_a_row` end so, and the
// last sleeps. Early time-outs strike waits with a deadline only, the others all.
class struck_waits {
 public:
  enum class of { this_thread, all };

  struck_waits(wake_fault fault, std::size_t in_a_row, of threads) noexcept;
  struck_waits(const struck_waits&) = delete;
  struck_waits& operator=(const struck_waits&) = delete;
  ~struck_waits();

  std::size_t struck() const noexcept;
  // The calling thread, and no longer, is one that is meant; who makes the object is from the beginning.
  static void meant_here() noexcept;
  static void not_meant_here() noexcept;
};

// As long as one lives, who is about to wake all sleepers of a word first calls `before(context)`. One at a time.
class late_wakes {
 public:
  late_wakes(void (*before)(void* context), void* context) noexcept;
  late_wakes(const late_wakes&) = delete;
  late_wakes& operator=(const late_wakes&) = delete;
  ~late_wakes();
};

}  // namespace tg_test

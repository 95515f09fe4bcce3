// The clock, pauses and waits, and a value that the optimiser has to produce.
#pragma once

#include <time.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace bench {

inline std::int64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// What all threads of this process have spent.
inline std::int64_t processor_ns() {
  timespec spent;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<std::int64_t>(spent.tv_sec) * 1'000'000'000 + spent.tv_nsec;
}

inline void sleep_until_ns(std::int64_t when) {
  const timespec until{when / 1'000'000'000, when % 1'000'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) != 0) {
  }
}

inline void sleep_for_ns(std::int64_t span) { sleep_until_ns(now_ns() + span); }

// Waits for what takes no time on a machine that is not overloaded. Throws std::runtime_error after a minute.
template <class Reached>
void await(const char* what, Reached&& reached) {
  for (const std::int64_t end = now_ns() + 60'000'000'000; !reached(); sleep_for_ns(50'000)) {
    if (now_ns() > end) throw std::runtime_error(std::string("waited a minute in vain for ") + what);
  }
}

// Work that cannot be given away: holds the processor for a span of time.
inline void burn_ns(std::int64_t span) {
  if (span <= 0) return;
  for (const std::int64_t end = now_ns() + span; now_ns() < end;) {
  }
}

// Has the compiler make the value and forget that nobody reads it. Touches no memory.
template <class Value>
inline void keep(const Value& value) {
  asm volatile("" : : "r"(value));
}

}  // namespace bench

// What a run has done and what went wrong; all threads count here.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace soak {

using count = std::atomic<std::uint64_t>;

struct ledger {
  count births{0}, sets{0}, resets{0}, wakes{0}, timeouts{0};
  count added{0}, succeeded{0}, failed{0}, skipped{0};
  count callbacks{0}, futures{0}, deadlines{0}, conditions{0}, snapshots{0}, threads{0};
  count signals{0};
  count lost{0};    // waits that outlived what they waited for
  count faults{0};  // everything that did not hold, lost waits included
};

inline constinit ledger counted;

// Where a run is: told with every fault, so that it can be run again.
struct position {
  std::atomic<std::uint64_t> phase{0};
  static inline thread_local const char* scene = "none";
};
inline constinit position now_at;

// Says once more what a fault needs to be met again; after the first few only counts.
void fault(std::string_view what);

inline bool holds(bool condition, std::string_view what) {
  if (!condition) fault(what);
  return condition;
}

// A wait that ended for a reason that was not there, or not for one that was.
inline void lose(std::string_view what) {
  ++counted.lost;
  fault(what);
}

}  // namespace soak

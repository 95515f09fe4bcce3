// How long anything in here is waited for. Only a run that fails ever waits so long.
#pragma once

#include <chrono>
#include <thread>

namespace tg_fuzz {

inline constexpr std::chrono::seconds patience{30};
// Of a wait that something else must end.
inline constexpr std::chrono::hours long_time{1};

template <class Pred>
[[nodiscard]] bool eventually(Pred pred) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (int look = 0; !pred(); ++look) {
    if (std::chrono::steady_clock::now() > end) return pred();
    if (look < 64) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }
  return true;
}

}  // namespace tg_fuzz

#include "core/os/process.h"

#include <pthread.h>

namespace tg::os {

constinit base::atomic<std::uint32_t> fork_count{0};

void watch_forks() noexcept {
  static const int registered = pthread_atfork(nullptr, nullptr, [] {
    fork_count.fetch_add(1, base::relaxed);  // relaxed: the child has one thread
  });
  static_cast<void>(registered);
}

}  // namespace tg::os

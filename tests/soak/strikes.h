// Real signals: SIGUSR1 strikes the threads that take part and sets the event of one group from the handler; in a storm
// a handler sets all events.
#pragma once

#include <threadgroup/group.h>

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace soak {

// The threads that may be struck; each takes itself out before it ends.
class targets {
 public:
  class enlisted {
   public:
    explicit enlisted(targets& in) : in_(in) { in_.add(::pthread_self()); }
    enlisted(const enlisted&) = delete;
    enlisted& operator=(const enlisted&) = delete;
    ~enlisted() { in_.remove(::pthread_self()); }

   private:
    targets& in_;
  };

  void strike(std::size_t which, int signal) const;

 private:
  void add(pthread_t thread);
  void remove(pthread_t thread);

  mutable std::mutex mutex_;
  std::vector<pthread_t> threads_;
};

// Installs the handlers, for the whole process and for good.
void install_handlers();

// The group whose event signals set from here on; nullptr: none. Of the one before, no handler may be running any more.
void aim_at(tg::group* group);

// The event of the group aimed at, set by a handler on the calling thread.
void strike_here();
// All events, likewise.
void strike_all();

// While one lives, one of the targets is struck again and again.
class strikes {
 public:
  strikes(const targets& at, std::chrono::microseconds between, std::uint64_t stream);
  strikes(const strikes&) = delete;
  strikes& operator=(const strikes&) = delete;
  ~strikes();

 private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace soak

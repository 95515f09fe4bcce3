// Ctrl-C ends what a command does for as long as it is told to, and lets it finish.
#pragma once

#include <signal.h>

namespace tgtrace {

// While one lives, SIGINT and SIGTERM are only noted, and interrupt the calls that wait.
class interrupt {
 public:
  interrupt() {
    struct sigaction action {};
    action.sa_handler = [](int) { noted = 1; };
    ::sigaction(SIGINT, &action, &before_int_);
    ::sigaction(SIGTERM, &action, &before_term_);
  }
  interrupt(const interrupt&) = delete;
  interrupt& operator=(const interrupt&) = delete;
  ~interrupt() {
    ::sigaction(SIGINT, &before_int_, nullptr);
    ::sigaction(SIGTERM, &before_term_, nullptr);
  }

  static bool came() noexcept { return noted != 0; }

 private:
  static inline volatile sig_atomic_t noted = 0;
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

}  // namespace tgtrace

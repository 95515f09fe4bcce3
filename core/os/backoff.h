// A wait for another thread that needs a few instructions more, and may have lost its processor before them.
#pragma once

namespace tg::os {

// One wait. Looks follow each other at once, then after who waits for this processor, and then the thread sleeps in between:
// whatever the priorities are, the other one goes on. No heap. Any thread but a signal handler.
class backoff {
 public:
  void pause() noexcept;

 private:
  unsigned looks_ = 0;
};

}  // namespace tg::os

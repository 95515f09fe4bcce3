// One thread of the library that is not for tasks: it keeps the deadlines, provides workers, and does what
// signal handlers must leave to others. It sleeps until it is called or due.
#pragma once

#include "core/base/atomic.h"
#include "core/os/thread.h"

#include <threadgroup/detail/time.h>

#include <string>

namespace tg::arena {

class housekeeper {
 public:
  // Does all that is due and answers when there is more.
  using tick_fn = detail::deadline_ns (*)(void* context, detail::deadline_ns now);

  // `bell`: a futex that others may ring too, also from other processes; else one of its own.
  // Throws tg::error if the thread cannot be made.
  housekeeper(tick_fn tick, void* context, const std::string& name,
              base::atomic<std::uint32_t>* bell = nullptr);
  housekeeper(const housekeeper&) = delete;
  housekeeper& operator=(const housekeeper&) = delete;
  ~housekeeper();

  void start();
  // False: there is no thread, and none can be made. By one thread.
  bool try_start() noexcept;
  void stop() noexcept;
  // Has it look now. Any thread, signal handlers too.
  void call() noexcept;

 private:
  static void run(void* self);

  const tick_fn tick_;
  void* const context_;
  const std::string name_;
  base::atomic<std::uint32_t> own_bell_{0};
  base::atomic<std::uint32_t>& calls_;  // futex; raised by every call
  base::atomic<std::uint32_t> asleep_{0};
  base::atomic<std::uint32_t> stop_{0};
  os::thread thread_;
};

}  // namespace tg::arena

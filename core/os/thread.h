// Threads of the library's own, made with checked errors.
#pragma once

#include <sched.h>

#include <cstddef>
#include <string>
#include <vector>

namespace tg::os {

// A joinable thread that runs `entry(argument)`; all signals are blocked in it. 0, or an errno value.
class thread {
 public:
  using entry_fn = void (*)(void*);

  thread() noexcept = default;
  thread(const thread&) = delete;
  thread& operator=(const thread&) = delete;

  [[nodiscard]] int start(entry_fn entry, void* argument, const std::string& name) noexcept;
  void join() noexcept;
  bool started() const noexcept { return started_; }

 private:
  struct start_state {
    entry_fn entry;
    void* argument;
  };
  static void* trampoline(void* self) noexcept;

  start_state start_{};
  unsigned long handle_ = 0;
  bool started_ = false;
};

// 0 if `count` threads more could live at once just now, else the errno value: makes them, and lets them end.
[[nodiscard]] int try_threads(std::size_t count, const std::string& name) noexcept;

// Another thread that waits for this processor comes first.
void yield() noexcept;
// An address that no other thread has while the calling one lives.
const void* this_thread_mark() noexcept;
// Restricts the calling thread; false if the kernel would not.
bool pin_this_thread(const std::vector<int>& cpus) noexcept;

// While one of these lives, the calling thread is restricted, for threads that are only lent; without `cpus` nothing changes.
class pinned {
 public:
  explicit pinned(const std::vector<int>& cpus) noexcept;
  pinned(const pinned&) = delete;
  pinned& operator=(const pinned&) = delete;
  ~pinned();

 private:
  cpu_set_t before_;
  bool changed_;
};

unsigned hardware_threads() noexcept;

}  // namespace tg::os

#include "core/os/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

namespace tg::os {

void* thread::trampoline(void* self) noexcept {
  const start_state start = static_cast<thread*>(self)->start_;
  start.entry(start.argument);
  return nullptr;
}

int thread::start(entry_fn entry, void* argument, const std::string& name) noexcept {
  start_ = {entry, argument};
  // The new thread inherits this mask: signals are for the program's own threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int failure = pthread_create(&handle_, nullptr, &thread::trampoline, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  started_ = failure == 0;
  if (started_) pthread_setname_np(handle_, name.substr(0, 15).c_str());
  return failure;
}

void thread::join() noexcept {
  if (started_) pthread_join(handle_, nullptr);
  started_ = false;
}

const void* this_thread_mark() noexcept {
  static constinit thread_local const char mark = 0;
  return &mark;
}

bool pin_this_thread(const std::vector<int>& cpus) noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
  return pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
}

unsigned hardware_threads() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int count = pthread_getaffinity_np(pthread_self(), sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
  return count > 0 ? static_cast<unsigned>(count) : 1u;
}

}  // namespace tg::os

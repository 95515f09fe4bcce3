#include "core/os/thread.h"

#include "core/base/atomic.h"
#include "core/os/futex.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <cerrno>
#include <limits>
#include <memory>
#include <new>

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

int try_threads(std::size_t count, const std::string& name) noexcept {
  const std::unique_ptr<thread[]> tried(new (std::nothrow) thread[count]);
  if (tried == nullptr) return ENOMEM;
  base::atomic<std::uint32_t> over{0};
  const auto stay = [](void* at) {
    const auto& is_over = *static_cast<const base::atomic<std::uint32_t>*>(at);
    // relaxed: says only that it is over
    while (is_over.load(base::relaxed) == 0) {
      futex_wait(is_over, 0, std::numeric_limits<std::int64_t>::max());
    }
  };
  int failure = 0;
  for (std::size_t i = 0; i < count && failure == 0; ++i) failure = tried[i].start(stay, &over, name);
  over.store(1, base::relaxed);  // relaxed: as above
  futex_wake_all(over);
  for (std::size_t i = 0; i < count; ++i) tried[i].join();
  return failure;
}

void yield() noexcept { ::sched_yield(); }

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

pinned::pinned(const std::vector<int>& cpus) noexcept
    : changed_(!cpus.empty() && pthread_getaffinity_np(pthread_self(), sizeof before_, &before_) == 0 &&
               pin_this_thread(cpus)) {}

pinned::~pinned() {
  if (changed_) static_cast<void>(pthread_setaffinity_np(pthread_self(), sizeof before_, &before_));
}

unsigned hardware_threads() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int count = pthread_getaffinity_np(pthread_self(), sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
  return count > 0 ? static_cast<unsigned>(count) : 1u;
}

}  // namespace tg::os

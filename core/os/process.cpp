#include "core/os/process.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace tg::os {

constinit base::atomic<std::uint32_t> fork_count{0};

void watch_forks() noexcept {
  static const int registered = pthread_atfork(nullptr, nullptr, [] {
    fork_count.fetch_add(1, base::relaxed);  // relaxed: the child has one thread
  });
  static_cast<void>(registered);
}

void when_forked(void (*in_child)()) noexcept { pthread_atfork(nullptr, nullptr, in_child); }

std::uint32_t process_id() noexcept { return static_cast<std::uint32_t>(::getpid()); }

const char* environment(const char* variable) noexcept { return ::secure_getenv(variable); }

std::string program_name() { return program_invocation_short_name; }

std::uint32_t thread_id() noexcept { return static_cast<std::uint32_t>(::syscall(SYS_gettid)); }

void thread_name(char (&name)[16]) noexcept {
  name[0] = '\0';
  ::prctl(PR_GET_NAME, name);
}

std::uint64_t thread_cpu_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

bool thread_has_ended(std::uint32_t id) noexcept {
  const int before = errno;
  const bool ended = ::syscall(SYS_tgkill, ::getpid(), id, 0) != 0 && errno == ESRCH;
  errno = before;
  return ended;
}

}  // namespace tg::os

// What the core and the standard library ask of the kernel, answered by the schedule.
#include "core/os/backoff.h"
#include "core/os/futex.h"
#include "core/os/memory_map.h"
#include "core/os/process.h"
#include "core/os/shared_file.h"
#include "core/os/thread.h"
#include "tests/model/checker/arena.h"
#include "tests/model/checker/mutation.h"
#include "tests/model/checker/schedule.h"
#include "tests/model/checker/spin.h"

#include <cerrno>
#include <chrono>
#include <climits>
#include <utility>

namespace tg::os {

constinit base::atomic<std::uint32_t> fork_count{0};
void watch_forks() noexcept {}
void when_forked(void (*)()) noexcept {}

std::uint32_t process_id() noexcept { return 1; }
std::string program_name() { return "model"; }
const char* environment(const char*) noexcept { return nullptr; }
std::uint32_t thread_id() noexcept { return 1 + model::self().thread; }
void thread_name(char (&name)[16]) noexcept { name[0] = 0; }
std::uint64_t thread_cpu_ns() noexcept { return 0; }
bool thread_has_ended(std::uint32_t) noexcept { return false; }

wake_up futex_wait(const base::atomic<std::uint32_t>& word, std::uint32_t expected,
                   detail::deadline_ns until) noexcept {
  const model::unobserved here;
  model::here(__builtin_return_address(0));
  const model::wake how = model::sleep_on(word.address(), expected, until);
  return how == model::wake::timed_out ? wake_up::timed_out : wake_up::maybe;
}

void futex_wake_one(const base::atomic<std::uint32_t>& word) noexcept {
  const model::unobserved here;
  model::here(__builtin_return_address(0));
  if (model::mutation::is_dropped(__builtin_return_address(0))) return;
  model::wake_sleepers(word.address(), 1);
}
void futex_wake_all(const base::atomic<std::uint32_t>& word) noexcept {
  const model::unobserved here;
  model::here(__builtin_return_address(0));
  if (model::mutation::is_dropped(__builtin_return_address(0))) return;
  model::wake_sleepers(word.address(), UINT_MAX);
}

wake_up futex_wait_shared(const base::atomic<std::uint32_t>& word, std::uint32_t expected,
                          detail::deadline_ns until) noexcept {
  return futex_wait(word, expected, until);
}
void futex_wake_shared(const base::atomic<std::uint32_t>& word) noexcept { futex_wake_all(word); }

memory_map::memory_map(std::size_t bytes) : size_(bytes) {
  const model::unobserved here;
  data_ = model::arena::take(bytes);
}
memory_map::memory_map(memory_map&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
memory_map& memory_map::operator=(memory_map&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}
memory_map::~memory_map() = default;
void memory_map::populate(std::size_t) noexcept {}

void* thread::trampoline(void* self) noexcept {
  const start_state start = static_cast<thread*>(self)->start_;
  start.entry(start.argument);
  return nullptr;
}

int thread::start(entry_fn entry, void* argument, const std::string&) noexcept {
  start_ = {entry, argument};
  const model::unobserved here;
  handle_ = model::spawn([](void* self) { trampoline(self); }, this, false);
  started_ = true;
  return 0;
}

void thread::join() noexcept {
  const model::unobserved here;
  if (started_) model::join(static_cast<unsigned>(handle_));
  started_ = false;
}

// Threads can always be made.
int try_threads(std::size_t, const std::string&) noexcept { return 0; }

void yield() noexcept { model::spin(); }
void backoff::pause() noexcept { model::spin(); }

const void* this_thread_mark() noexcept {
  // All of a schedule's threads have their locals at one address.
  return model::observed ? &model::self() : nullptr;
}

bool pin_this_thread(const std::vector<int>&) noexcept { return true; }
pinned::pinned(const std::vector<int>&) noexcept : changed_(false) {}
pinned::~pinned() = default;
unsigned hardware_threads() noexcept { return 2; }

// No files: nothing is recorded.
int shared_file::create(const std::string&, std::size_t) noexcept { return ENOSYS; }
int shared_file::create_unnamed(const char*, std::size_t) noexcept { return ENOSYS; }
int shared_file::reserve(std::size_t, std::size_t) noexcept { return ENOSYS; }
void shared_file::close() noexcept {}
void shared_file::leave_to_parent() noexcept {}
output_file::~output_file() { static_cast<void>(descriptor_); }
int output_file::create(const std::string&) { return ENOSYS; }
int output_file::write(const void*, std::size_t, std::size_t) noexcept { return ENOSYS; }
int output_file::keep(std::size_t) noexcept { return ENOSYS; }
std::vector<found_file> files_in(const std::string&, const std::string&, const std::string&) { return {}; }
bool is_abandoned(const std::string&) noexcept { return false; }
void remove_file(const std::string&) noexcept {}

}  // namespace tg::os

std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
  if (!model::observed) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return time_point(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
  }
  const model::unobserved here;
  model::scheduling_point();
  return time_point(std::chrono::nanoseconds(model::now()));
}

extern "C" int sched_yield() noexcept {
  if (model::observed) {
    const model::unobserved here;
    model::pause();
  }
  return 0;
}

extern "C" int __cxa_thread_atexit_impl(void (*destroy)(void*), void* object, void* library);
extern "C" int __cxa_thread_atexit(void (*destroy)(void*), void* object, void* library) noexcept {
  if (!model::observed) return __cxa_thread_atexit_impl(destroy, object, library);
  const model::unobserved here;
  model::at_thread_end(destroy, object);
  return 0;
}

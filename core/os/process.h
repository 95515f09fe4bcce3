// This process and its threads as the kernel knows them, and telling a forked child from its parent.
#pragma once

#include "core/base/atomic.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace tg::os {

// How often the process was forked on the way from the first use of the library to here.
extern base::atomic<std::uint32_t> fork_count;

// Counts forks from now on. Any thread, any number of times.
void watch_forks() noexcept;
// Has every forked child call it, before fork() returns there.
void when_forked(void (*in_child)()) noexcept;

std::uint32_t process_id() noexcept;
std::string program_name();
// nullptr: not set, or the process has more rights than who started it.
const char* environment(const char* variable) noexcept;

// Of the calling thread. Async-signal-safe.
std::uint32_t thread_id() noexcept;
void thread_name(char (&name)[16]) noexcept;
std::uint64_t thread_cpu_ns() noexcept;
// No thread of this process has that id.
bool thread_has_ended(std::uint32_t id) noexcept;

}  // namespace tg::os

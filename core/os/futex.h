// The kernel's futex: sleep while a word holds a value, with an absolute deadline. Private to the process,
// but for the shared kind.
#pragma once

#include "core/base/atomic.h"

#include <threadgroup/detail/time.h>

#include <cstdint>

namespace tg::os {

enum class wake_up { maybe, timed_out };

// Returns at once if the word differs from `expected`; else sleeps until a wake, a signal, the deadline, or
// for no reason at all: every caller loops. Keeps errno. Any thread.
wake_up futex_wait(const base::atomic<std::uint32_t>& word, std::uint32_t expected,
                   detail::deadline_ns until) noexcept;

// Touches only the address, never the memory behind it, which may have another use by now. Async-signal-safe.
void futex_wake_one(const base::atomic<std::uint32_t>& word) noexcept;
void futex_wake_all(const base::atomic<std::uint32_t>& word) noexcept;

// The same for a word in memory that other processes may have mapped.
wake_up futex_wait_shared(const base::atomic<std::uint32_t>& word, std::uint32_t expected,
                          detail::deadline_ns until) noexcept;
void futex_wake_shared(const base::atomic<std::uint32_t>& word) noexcept;

}  // namespace tg::os

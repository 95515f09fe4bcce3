// What the processor offers to code that shares cache lines.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

namespace tg::base {

inline constexpr std::size_t cache_line = 64;

// Tells the processor that this thread spins.
inline void pause() noexcept {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

inline void prefetch_to_write(const void* where) noexcept { __builtin_prefetch(where, 1, 3); }
inline void prefetch_to_read(const void* where) noexcept { __builtin_prefetch(where, 0, 3); }

// A counter that runs at a constant rate of its own; only differences on one core mean anything.
inline std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
  return __rdtsc();
#elif defined(__aarch64__)
  std::uint64_t value;
  asm volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
#else
#error "threadgroup: the counter of this processor is not known; x86-64 and arm64 are"
#endif
}

// How many ticks() are a microsecond, for rough spans: exact on arm64, within a factor of two on x86-64, where the
// counters of servers and desktops run at 2 to 5 GHz and few processors tell.
inline std::uint64_t ticks_per_us() noexcept {
#if defined(__aarch64__)
  std::uint64_t per_second;
  asm("mrs %0, cntfrq_el0" : "=r"(per_second));
  return per_second / 1'000'000;
#else
  return 2'500;
#endif
}

// That ticks() has one rate on all cores and in all power states, as the processor says.
inline bool has_constant_ticks() noexcept {
#if defined(__x86_64__)
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  constexpr unsigned power_management = 0x8000'0007;
  constexpr unsigned invariant_counter = 1u << 8;
  return __get_cpuid(power_management, &a, &b, &c, &d) != 0 && (d & invariant_counter) != 0;
#elif defined(__aarch64__)
  return true;
#endif
}

}  // namespace tg::base

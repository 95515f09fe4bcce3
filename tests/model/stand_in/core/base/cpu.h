// In the place of core/base/cpu.h: a pause lets another thread run, and the ticks are the schedule's.
#pragma once

#include "tests/model/checker/spin.h"

#include <cstddef>
#include <cstdint>

namespace tg::base {

inline constexpr std::size_t cache_line = 64;

inline void pause() noexcept { model::spin(); }
inline void prefetch_to_write(const void*) noexcept {}
inline void prefetch_to_read(const void*) noexcept {}
inline std::uint64_t ticks() noexcept { return model::ticks(); }
inline std::uint64_t ticks_per_us() noexcept { return 1'000; }
inline bool has_constant_ticks() noexcept { return true; }

}  // namespace tg::base

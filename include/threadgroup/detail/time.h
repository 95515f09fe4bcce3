// Time-outs as absolute nanoseconds of steady_clock. Negative, past and NaN mean "now", overflow "for ever".
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <numeric>

namespace tg::detail {

using deadline_ns = std::int64_t;
inline constexpr deadline_ns for_ever = std::numeric_limits<deadline_ns>::max();

inline deadline_ns now_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Exact up to rounding for every period: std::chrono converts none that is 10^10 seconds or longer.
template <class Rep, class Period>
long double to_ns(std::chrono::duration<Rep, Period> span) noexcept {
  constexpr std::intmax_t second = std::nano::den;
  constexpr std::intmax_t common = std::gcd(Period::den, second);
  return static_cast<long double>(span.count()) * static_cast<long double>(Period::num) *
         static_cast<long double>(second / common) / static_cast<long double>(Period::den / common);
}

// Rounded up, so that no wait is shorter than what was asked for.
template <class Rep, class Period>
std::int64_t saturated_ns(std::chrono::duration<Rep, Period> span) noexcept {
  const long double ns = to_ns(span);
  if (!(ns > 0)) return 0;
  if (ns >= static_cast<long double>(for_ever)) return for_ever;
  const auto whole = static_cast<std::int64_t>(ns);
  return static_cast<long double>(whole) < ns && whole < for_ever ? whole + 1 : whole;
}

template <class Rep, class Period>
deadline_ns deadline_after(std::chrono::duration<Rep, Period> span) noexcept {
  const std::int64_t ns = saturated_ns(span);
  if (ns == 0) return 0;
  const deadline_ns now = now_ns();
  return ns > for_ever - now ? for_ever : now + ns;
}

template <class Duration>
deadline_ns deadline_at(std::chrono::time_point<std::chrono::steady_clock, Duration> when) noexcept {
  return saturated_ns(when.time_since_epoch());
}

}  // namespace tg::detail

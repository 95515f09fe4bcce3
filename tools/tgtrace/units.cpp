#include "tools/tgtrace/units.h"

#include <fmt/format.h>

#include <cmath>

namespace tgtrace {

std::string duration_text(time_ns took) {
  struct unit {
    double ns;
    const char* name;
  };
  constexpr unit units[] = {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}};
  const auto ns = static_cast<double>(took);
  const unit* fits = &units[0];
  // As it is shown: 999.9996 us are 1.00 ms.
  for (const unit& one : units) {
    if (std::abs(ns) >= one.ns * 0.9995) fits = &one;
  }
  const double value = ns / fits->ns;
  if (fits == &units[0]) return fmt::format("{} ns", took);
  const int digits = std::abs(value) >= 99.95 ? 0 : std::abs(value) >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}", value, digits, fits->name);
}

std::string limit_text(std::uint32_t limit) {
  constexpr std::uint32_t largest = (1u << 20) - 1;
  if (limit == unknown_limit) return "?";
  return limit >= largest ? "none" : std::to_string(limit);
}

}  // namespace tgtrace

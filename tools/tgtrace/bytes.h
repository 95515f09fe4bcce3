// The one way the tool looks into a file that may be cut, damaged, or written to meanwhile: every access is checked
// against what is there, and answers "nothing" instead of reading beyond it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace tgtrace {

class bytes {
 public:
  explicit bytes(std::span<const std::byte> all) noexcept : all_(all) {}

  std::uint64_t size() const noexcept { return all_.size(); }
  bool holds(std::uint64_t at, std::uint64_t length) const noexcept {
    return at <= all_.size() && length <= all_.size() - at;
  }

  // As much of a T as the writer had: `length` bytes, or fewer; the rest is zero.
  template <class T>
  std::optional<T> copy(std::uint64_t at, std::uint64_t length = sizeof(T)) const noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    if (!holds(at, length)) return std::nullopt;
    T out{};
    std::memcpy(&out, all_.data() + at, std::min<std::uint64_t>(length, sizeof(T)));
    return out;
  }

  // A word that its writer may change right now: one load, and what is read after it is newer.
  std::optional<std::uint64_t> load_live(std::uint64_t at) const noexcept {
    if (!holds(at, sizeof(std::uint64_t))) return std::nullopt;
    const std::byte* const place = all_.data() + at;
    if (reinterpret_cast<std::uintptr_t>(place) % alignof(std::uint64_t) != 0) return std::nullopt;
    return __atomic_load_n(reinterpret_cast<const std::uint64_t*>(place), __ATOMIC_ACQUIRE);
  }

 private:
  std::span<const std::byte> all_;
};

// How many items of `stride` bytes lie whole between `at` and the end; never more than `wanted`.
inline std::uint64_t items_in(const bytes& file, std::uint64_t at, std::uint64_t stride,
                              std::uint64_t wanted) noexcept {
  if (stride == 0 || at > file.size()) return 0;
  return std::min(wanted, (file.size() - at) / stride);
}

}  // namespace tgtrace

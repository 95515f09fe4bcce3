// Zeroed memory straight from the kernel, page by page as it is touched.
#pragma once

#include <cstddef>

namespace tg::os {

class memory_map {
 public:
  memory_map() noexcept = default;
  // Throws std::bad_alloc.
  explicit memory_map(std::size_t bytes);
  memory_map(memory_map&& other) noexcept;
  memory_map& operator=(memory_map&& other) noexcept;
  ~memory_map();

  std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  // Has the kernel provide the first `bytes` now; without effect where it cannot.
  void populate(std::size_t bytes) noexcept;
  // Never unmapped from now on: somebody may still look at it.
  void abandon() noexcept { data_ = nullptr; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tg::os

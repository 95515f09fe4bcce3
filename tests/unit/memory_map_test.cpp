// Memory from the kernel: zeroed, movable, populated without changing it.
#include "core/os/memory_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>

namespace {

using tg::os::memory_map;

constexpr std::size_t size = 3 * 4096 + 5;

TEST(memory_map, is_empty_by_default) {
  memory_map none;
  EXPECT_EQ(none.data(), nullptr);
  EXPECT_EQ(none.size(), 0u);
  none.populate(100);
}

TEST(memory_map, begins_with_zeros_and_keeps_what_is_written) {
  memory_map map(size);
  EXPECT_EQ(map.size(), size);
  EXPECT_TRUE(std::all_of(map.data(), map.data() + size, [](std::byte at) { return at == std::byte{0}; }));
  std::fill(map.data(), map.data() + size, std::byte{0x5a});
  map.populate(size);
  map.populate(SIZE_MAX);
  EXPECT_TRUE(std::all_of(map.data(), map.data() + size, [](std::byte at) { return at == std::byte{0x5a}; }));
}

TEST(memory_map, moves_its_memory) {
  memory_map from(size);
  std::byte* const where = from.data();
  memory_map to(std::move(from));
  EXPECT_EQ(to.data(), where);
  EXPECT_EQ(to.size(), size);
  memory_map third;
  third = std::move(to);
  EXPECT_EQ(third.data(), where);
  where[size - 1] = std::byte{1};
}

TEST(memory_map, throws_when_there_is_not_so_much) { EXPECT_THROW(memory_map(SIZE_MAX / 2), std::bad_alloc); }

}  // namespace

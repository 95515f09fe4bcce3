// The rack: what was put can be taken, once, the latest first; it refuses what it has no place for.
#include "core/handoff/rack.h"
#include "tests/unit/crowd.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <vector>

namespace {

using namespace tg_test;

// Large enough to be torn where two write or read at once.
struct item {
  std::array<std::uint64_t, 16> words;

  static item of(std::uint64_t number) {
    item made{};
    made.words.fill(number);
    return made;
  }
  bool is_whole() const {
    for (const std::uint64_t word : words) {
      if (word != words[0]) return false;
    }
    return true;
  }
};

using rack = tg::handoff::rack<item>;

TEST(rack, gives_the_latest_first) {
  rack places(4);
  item got{};
  EXPECT_FALSE(places.try_take(got));
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(places.try_put(item::of(i)));
  EXPECT_EQ(places.size(), 3u);
  for (std::uint64_t i = 3; i >= 1; --i) {
    ASSERT_TRUE(places.try_take(got));
    EXPECT_EQ(got.words[0], i);
  }
  EXPECT_FALSE(places.try_take(got));
  EXPECT_EQ(places.size(), 0u);
}

TEST(rack, takes_as_many_as_it_has_places) {
  for (const std::size_t wanted : {0u, 1u, 31u, 32u, 1000u}) {
    rack places(wanted);
    const std::size_t fit = std::min(wanted, rack::max_places);
    for (std::size_t i = 0; i < fit; ++i) EXPECT_TRUE(places.try_put(item::of(i)));
    EXPECT_FALSE(places.try_put(item::of(99)));
    EXPECT_EQ(places.size(), fit);
    item got{};
    for (std::size_t i = 0; i < fit; ++i) EXPECT_TRUE(places.try_take(got));
    EXPECT_FALSE(places.try_take(got));
  }
}

TEST(rack, loses_nothing_and_gives_nothing_twice) {
  constexpr std::size_t threads = 4;
  constexpr std::uint64_t rounds = 20'000;
  rack places(3);
  std::vector<std::atomic<std::uint32_t>> seen(threads * rounds);
  std::atomic<std::uint64_t> put{0}, taken{0}, torn{0};
  const auto take = [&] {
    item got{};
    if (!places.try_take(got)) return false;
    if (!got.is_whole()) ++torn;
    ++seen[got.words[0]];
    ++taken;
    return true;
  };
  run_together(threads, [&](std::size_t me) {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      const std::uint64_t number = me * rounds + i;
      if (places.try_put(item::of(number))) ++put;
      if (i % 2 == 0) take();
    }
  });
  while (take()) {
  }
  std::uint64_t once = 0;
  for (const auto& times : seen) {
    EXPECT_LE(times, 1u);
    once += times;
  }
  EXPECT_EQ(torn, 0u);
  EXPECT_EQ(taken, put);
  EXPECT_EQ(once, put);
  EXPECT_GT(put, 0u);
}

}  // namespace

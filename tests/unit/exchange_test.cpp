// The exchange: what was given can be taken, once, and a counted item is never missed.
#include "core/handoff/exchange.h"
#include "tests/unit/crowd.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <set>
#include <vector>

namespace {

using namespace tg_test;
using exchange = tg::handoff::exchange<std::uint64_t>;

TEST(exchange, is_empty_at_first) {
  exchange items(8);
  std::uint64_t got = 7;
  EXPECT_FALSE(items.has_items());
  EXPECT_EQ(items.size(), 0u);
  EXPECT_FALSE(items.take(got));
  EXPECT_EQ(got, 7u);
}

TEST(exchange, gives_every_item_once_however_many_were_expected) {
  for (const std::size_t expected : {1u, 32u, 3000u}) {
    exchange items(expected);
    exchange::port port(items);
    std::set<std::uint64_t> left;
    for (std::uint64_t i = 0; i < 1000; ++i) {
      ASSERT_TRUE(items.give(port, i));
      left.insert(i);
    }
    EXPECT_EQ(items.size(), 1000u);
    EXPECT_TRUE(items.has_items());
    for (std::uint64_t got = 0; items.take(got);) EXPECT_EQ(left.erase(got), 1u);
    EXPECT_TRUE(left.empty());
    EXPECT_FALSE(items.has_items());
  }
}

TEST(exchange, keeps_the_items_of_a_giver_who_has_gone) {
  exchange items(8);
  std::optional<exchange::port> port(std::in_place, items);
  for (std::uint64_t i = 0; i < 100; ++i) items.give(*port, i);
  port.reset();
  std::uint64_t sum = 0;
  for (std::uint64_t got = 0; items.take(got);) sum += got;
  EXPECT_EQ(sum, 99u * 100u / 2);
}

// Everybody takes after having given, so that at every moment of a take something was counted.
TEST(exchange, never_misses_a_counted_item) {
  constexpr std::size_t threads = 3;
  constexpr std::size_t rounds = 8'000;
  exchange items(threads);
  std::atomic<std::size_t> missed{0};
  std::vector<std::atomic<std::uint32_t>> seen(threads * rounds);
  run_together(threads, [&](std::size_t me) {
    exchange::port port(items);
    for (std::size_t i = 0; i < rounds; ++i) {
      if (!items.give(port, me * rounds + i)) ++missed;
      if (i % 32 == me) give_way(1);
      if (!items.has_items()) ++missed;
      std::uint64_t got = 0;
      if (items.take(got)) {
        ++seen[got];
      } else {
        ++missed;
      }
    }
  });
  EXPECT_EQ(missed.load(), 0u);
  EXPECT_FALSE(items.has_items());
  std::size_t once = 0;
  for (const auto& count : seen) once += count.load() == 1 ? 1u : 0u;
  EXPECT_EQ(once, threads * rounds);
}

}  // namespace

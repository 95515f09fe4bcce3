// The pool of records: numbers are handed out once, memory stays, growth and exhaustion are as told.
#include "core/memory/pool.h"
#include "tests/unit/crowd.h"
#include "tests/unit/pool_box.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace tg_test;
using tg::memory::magazine;
using tg::memory::no_record;
using tg::memory::pool;
using tg::memory::sharing;

struct record {
  std::uint64_t words[4];
};

constexpr std::size_t no_maximum = 1u << 24;

std::vector<std::uint32_t> take_all(pool_box& box, std::size_t thread = 0) {
  std::vector<std::uint32_t> taken;
  for (std::uint32_t at; (at = box.pool().take(box.cache(thread))) != no_record;) taken.push_back(at);
  return taken;
}

void give_all(pool_box& box, const std::vector<std::uint32_t>& taken, std::size_t thread = 0) {
  for (const std::uint32_t at : taken) box.pool().give(box.cache(thread), at);
}

TEST(magazine, is_a_stack_of_its_capacity) {
  magazine items;
  EXPECT_TRUE(items.empty());
  for (std::uint32_t i = 0; i < magazine::capacity; ++i) {
    EXPECT_FALSE(items.full());
    items.push(i);
  }
  EXPECT_TRUE(items.full());
  for (std::uint32_t i = magazine::capacity; i-- > 0;) EXPECT_EQ(items.pop(), i);
  EXPECT_TRUE(items.empty());
}

TEST(pool, hands_out_every_record_once_and_then_none) {
  for (const std::size_t records : {1u, 31u, 32u, 33u, 100u, 1024u, 1500u}) {
    SCOPED_TRACE(std::to_string(records) + " records");
    pool_box box(sizeof(record), records, no_maximum, 1);
    EXPECT_EQ(box.pool().capacity(), records);
    const auto taken = take_all(box);
    EXPECT_EQ(taken.size(), records);
    EXPECT_EQ(std::set<std::uint32_t>(taken.begin(), taken.end()).size(), records);
    EXPECT_LT(*std::max_element(taken.begin(), taken.end()), records);
    EXPECT_EQ(box.pool().take(box.cache()), no_record);
    EXPECT_EQ(box.pool().capacity(), records);
    EXPECT_EQ(box.pool().growths(), 0u);
  }
}

TEST(pool, hands_out_what_was_given_back) {
  pool_box box(sizeof(record), 50, no_maximum, 1);
  const auto taken = take_all(box);
  box.pool().give(box.cache(), taken[7]);
  EXPECT_EQ(box.pool().take(box.cache()), taken[7]);
  EXPECT_EQ(box.pool().take(box.cache()), no_record);
}

TEST(pool, prefers_used_records_to_fresh_ones) {
  pool_box box(sizeof(record), 1000, no_maximum, 2);
  std::vector<std::uint32_t> taken;
  for (int i = 0; i < 128; ++i) taken.push_back(box.pool().take(box.cache(0)));
  const std::uint32_t highest = *std::max_element(taken.begin(), taken.end());
  give_all(box, taken, 0);
  for (int i = 0; i < 32; ++i) EXPECT_LE(box.pool().take(box.cache(1)), highest);
  for (int i = 0; i < 64; ++i) EXPECT_LE(box.pool().take(box.cache(0)), highest);
}

TEST(pool, tells_which_records_come) {
  for (const std::uint32_t takes : {0u, 1u, 4u}) {
    SCOPED_TRACE(std::to_string(takes) + " takes ahead");
    pool_box box(sizeof(record), 100, no_maximum, 1);
    EXPECT_EQ(box.pool().upcoming(box.cache(), takes), no_record);
    std::map<int, std::uint32_t> told;
    for (int i = 0; i < 100; ++i) {
      const std::uint32_t upcoming = box.pool().upcoming(box.cache(), takes);
      if (upcoming != no_record) told[i + static_cast<int>(takes)] = upcoming;
      const std::uint32_t taken = box.pool().take(box.cache());
      if (told.contains(i)) {
        EXPECT_EQ(told[i], taken);
      }
    }
    EXPECT_GE(told.size(), 100 - 4 * (takes + 1));
  }
}

TEST(pool, does_not_tell_of_records_that_this_thread_has_given) {
  pool_box box(sizeof(record), 100, no_maximum, 1);
  for (std::uint32_t i = 0; i < magazine::capacity + 2; ++i) box.pool().give(box.cache(), i);
  for (std::uint32_t takes = 0; takes < magazine::capacity + 3; ++takes) {
    EXPECT_EQ(box.pool().upcoming(box.cache(), takes), no_record);
  }
}

TEST(pool, tells_of_records_that_others_have_given) {
  pool_box box(sizeof(record), 256, no_maximum, 2);
  std::vector<std::uint32_t> taken;
  for (int i = 0; i < 128; ++i) taken.push_back(box.pool().take(box.cache(0)));
  give_all(box, taken, 0);
  const std::uint32_t first = box.pool().take(box.cache(1));
  ASSERT_NE(first, no_record);
  for (std::uint32_t takes = 0; takes + 1 < magazine::capacity; ++takes) {
    EXPECT_NE(box.pool().upcoming(box.cache(1), takes), no_record);
  }
  // What this thread gives back lies above them, and is near.
  box.pool().give(box.cache(1), first);
  EXPECT_EQ(box.pool().upcoming(box.cache(1), 0), no_record);
  EXPECT_NE(box.pool().upcoming(box.cache(1), 1), no_record);
}

TEST(pool, lets_records_travel_to_other_threads_in_magazines) {
  constexpr std::size_t records = 200;
  pool_box box(sizeof(record), records, no_maximum, 2);
  give_all(box, take_all(box, 0), 0);
  const std::size_t kept = pool::kept(box.cache(0));
  EXPECT_LE(kept, 2 * magazine::capacity);
  EXPECT_EQ(take_all(box, 1).size(), records - kept);
}

TEST(pool, counts_what_is_in_use) {
  pool_box box(sizeof(record), 1000, no_maximum, 2);
  EXPECT_EQ(box.in_use(), 0u);
  std::vector<std::uint32_t> taken;
  for (std::size_t i = 0; i < 300; ++i) {
    taken.push_back(box.pool().take(box.cache(i % 2)));
    ASSERT_EQ(box.in_use(), i + 1);
  }
  while (!taken.empty()) {
    box.pool().give(box.cache(taken.size() % 3 == 0), taken.back());
    taken.pop_back();
    ASSERT_EQ(box.in_use(), taken.size());
  }
}

TEST(pool, that_is_shared_one_by_one_has_for_each_thread_all_that_is_not_in_use) {
  constexpr std::size_t threads = 4;
  for (const std::size_t records : {1u, 9u, 64u, 300u, 5000u}) {
    SCOPED_TRACE(std::to_string(records) + " records");
    pool_box box(sizeof(record), records, no_maximum, threads + 1, sharing::one_by_one);
    const auto taken = take_all(box);
    ASSERT_EQ(taken.size(), records);
    for (std::size_t i = 0; i < records; ++i) {
      box.pool().give(box.cache(i % threads), taken[i]);
      ASSERT_EQ(box.pool().out(), records - i - 1);
      ASSERT_EQ(pool::kept(box.cache(i % threads)), 0u);
    }
    const auto again = take_all(box, threads);
    EXPECT_EQ(std::set<std::uint32_t>(again.begin(), again.end()).size(), records);
    EXPECT_EQ(box.pool().out(), records);
    EXPECT_EQ(box.pool().growths(), 0u);
  }
}

TEST(pool, that_is_shared_one_by_one_gives_out_first_what_came_last) {
  pool_box box(sizeof(record), 100, no_maximum, 2, sharing::one_by_one);
  std::vector<std::uint32_t> taken;
  for (int i = 0; i < 10; ++i) taken.push_back(box.pool().take(box.cache(0)));
  EXPECT_EQ(box.pool().handed_out(), 10u);
  give_all(box, taken, 1);
  for (std::size_t i = taken.size(); i-- > 0;) EXPECT_EQ(box.pool().take(box.cache(0)), taken[i]);
  EXPECT_EQ(box.pool().upcoming(box.cache(0), 0), no_record);
  EXPECT_EQ(box.pool().handed_out(), 10u);
}

TEST(pool, that_is_shared_one_by_one_stays_so_when_it_grows) {
  pool_box box(sizeof(record), 64, no_maximum, 2, sharing::one_by_one);
  std::vector<std::uint32_t> taken;
  for (int i = 0; i < 3000; ++i) taken.push_back(box.pool().take_or_grow(box.cache(0)));
  EXPECT_GT(box.pool().growths(), 1u);
  // What lies behind the records is no part of any.
  for (const std::uint32_t at : taken) box.pool().at<record>(at).words[3] = ~std::uint64_t{0};
  give_all(box, taken, 0);
  EXPECT_EQ(box.pool().out(), 0u);
  EXPECT_EQ(take_all(box, 1).size(), box.pool().capacity());
}

TEST(pool, that_is_shared_one_by_one_keeps_none_at_hand) {
  pool_box box(sizeof(record), 64, no_maximum, 1, sharing::one_by_one);
  EXPECT_FALSE(box.pool().keep_at_hand(box.cache(), 1, pool::when_empty::refuse));
  EXPECT_THROW(box.pool().keep_at_hand(box.cache(), 1, pool::when_empty::grow), std::bad_alloc);
  EXPECT_EQ(box.pool().out(), 0u);
}

// Each has one at most: so there is always one for each.
TEST(pool, that_is_shared_one_by_one_refuses_none_of_many_threads) {
  constexpr std::size_t threads = 40;
  pool_box box(sizeof(record), threads, threads, threads, sharing::one_by_one);
  std::atomic<std::size_t> refusals{0};
  run_together(threads, [&](std::size_t me) {
    for (int i = 0; i < 5'000; ++i) {
      const std::uint32_t at = box.pool().take(box.cache(me));
      if (at == no_record) {
        ++refusals;
        continue;
      }
      if (i % 16 == 0) give_way(1);
      box.pool().give(box.cache(me), at);
    }
  });
  EXPECT_EQ(refusals.load(), 0u);
  EXPECT_EQ(box.pool().out(), 0u);
}

TEST(pool, grows_step_by_step_and_counts_the_steps) {
  pool_box box(sizeof(record), 100, no_maximum, 1);
  std::set<std::uint32_t> taken;
  for (int i = 0; i < 100; ++i) taken.insert(box.pool().take_or_grow(box.cache()));
  EXPECT_EQ(box.pool().growths(), 0u);
  taken.insert(box.pool().take_or_grow(box.cache()));
  EXPECT_EQ(box.pool().growths(), 1u);
  EXPECT_GT(box.pool().capacity(), 100u);
  while (box.pool().growths() < 4) taken.insert(box.pool().take_or_grow(box.cache()));
  EXPECT_EQ(box.in_use(), taken.size());
  EXPECT_LT(*taken.rbegin(), box.pool().capacity());
}

TEST(pool, throws_at_its_maximum_and_goes_on_with_what_comes_back) {
  for (const std::size_t maximum : {10u, 11u, 50u, 1034u, 1500u}) {
    SCOPED_TRACE("at most " + std::to_string(maximum));
    pool_box box(sizeof(record), 10, maximum, 1);
    std::set<std::uint32_t> taken;
    for (std::size_t i = 0; i < maximum; ++i) taken.insert(box.pool().take_or_grow(box.cache()));
    EXPECT_EQ(taken.size(), maximum);
    EXPECT_THROW(box.pool().take_or_grow(box.cache()), std::bad_alloc);
    EXPECT_THROW(box.pool().take_or_grow(box.cache()), std::bad_alloc);
    EXPECT_EQ(box.pool().capacity(), maximum);
    box.pool().give(box.cache(), 3);
    EXPECT_EQ(box.pool().take_or_grow(box.cache()), 3u);
  }
}

TEST(pool, keeps_records_at_hand_for_takes_that_must_not_fail) {
  pool_box box(sizeof(record), 100, 100, 1);
  for (std::uint32_t left = 100; left >= 2; --left) {
    ASSERT_TRUE(box.pool().keep_at_hand(box.cache(), 2, pool::when_empty::refuse)) << left << " left";
    ASSERT_EQ(box.in_use(), 100u - left);
    ASSERT_GE(pool::kept(box.cache()), 2u);
    ASSERT_NE(box.pool().take(box.cache()), no_record);
  }
  EXPECT_TRUE(box.pool().keep_at_hand(box.cache(), 1, pool::when_empty::refuse));
  EXPECT_FALSE(box.pool().keep_at_hand(box.cache(), 2, pool::when_empty::refuse));
  EXPECT_EQ(box.in_use(), 99u);
}

TEST(pool, keeps_as_many_at_hand_as_a_magazine_holds_and_no_more) {
  constexpr std::uint32_t most = magazine::capacity;
  pool_box box(sizeof(record), 200, 200, 1);
  EXPECT_FALSE(box.pool().keep_at_hand(box.cache(), most + 1, pool::when_empty::refuse));
  EXPECT_THROW(box.pool().keep_at_hand(box.cache(), most + 1, pool::when_empty::grow), std::bad_alloc);
  const auto taken = take_all(box);
  for (const std::uint32_t at : taken) {
    box.pool().give(box.cache(), at);
    const std::size_t given = 200 - box.in_use();
    ASSERT_EQ(box.pool().keep_at_hand(box.cache(), most, pool::when_empty::refuse), given >= most);
    ASSERT_EQ(200 - box.in_use(), given);
    ASSERT_GE(pool::kept(box.cache()), std::min<std::size_t>(given, most));
  }
}

TEST(pool, grows_to_keep_records_at_hand_where_it_may) {
  pool_box box(sizeof(record), 3, no_maximum, 1);
  take_all(box);
  EXPECT_FALSE(box.pool().keep_at_hand(box.cache(), 2, pool::when_empty::refuse));
  EXPECT_EQ(box.pool().growths(), 0u);
  EXPECT_TRUE(box.pool().keep_at_hand(box.cache(), 2, pool::when_empty::grow));
  EXPECT_EQ(box.pool().growths(), 1u);
  EXPECT_EQ(box.in_use(), 3u);
  EXPECT_NE(box.pool().take(box.cache()), no_record);
  EXPECT_NE(box.pool().take(box.cache()), no_record);
}

TEST(pool, loses_no_record_when_too_few_can_be_kept_at_hand) {
  pool_box box(sizeof(record), 3, 3, 1);
  for (int i = 0; i < 2; ++i) box.pool().take(box.cache());
  EXPECT_THROW(box.pool().keep_at_hand(box.cache(), 2, pool::when_empty::grow), std::bad_alloc);
  EXPECT_EQ(box.in_use(), 2u);
  EXPECT_NE(box.pool().take(box.cache()), no_record);
}

TEST(pool, knows_which_records_were_ever_handed_out) {
  pool_box box(sizeof(record), 100, no_maximum, 1);
  EXPECT_EQ(box.pool().handed_out(), 0u);
  const std::uint32_t first = box.pool().take(box.cache());
  EXPECT_LT(first, box.pool().handed_out());
  const std::size_t before = box.pool().handed_out();
  box.pool().give(box.cache(), first);
  box.pool().take(box.cache());
  EXPECT_EQ(box.pool().handed_out(), before);
  take_all(box);
  EXPECT_EQ(box.pool().handed_out(), 100u);
}

TEST(pool, begins_with_zeros_and_keeps_what_a_record_held) {
  pool_box box(sizeof(record), 3000, no_maximum, 1);
  const auto taken = take_all(box);
  for (const std::uint32_t at : taken) {
    auto& mine = box.pool().at<record>(at);
    for (const std::uint64_t word : mine.words) ASSERT_EQ(word, 0u);
    std::fill(std::begin(mine.words), std::end(mine.words), at + 1);
  }
  give_all(box, taken);
  box.pool().prefault();
  for (const std::uint32_t at : take_all(box)) {
    for (const std::uint64_t word : box.pool().at<record>(at).words) ASSERT_EQ(word, at + 1u);
  }
}

TEST(pool, keeps_records_where_they_are_while_it_grows) {
  pool_box box(sizeof(record), 64, no_maximum, 1);
  const std::uint32_t first = box.pool().take_or_grow(box.cache());
  record* const where = &box.pool().at<record>(first);
  where->words[0] = 42;
  for (int i = 0; i < 5000; ++i) box.pool().take_or_grow(box.cache());
  EXPECT_GT(box.pool().growths(), 1u);
  EXPECT_EQ(&box.pool().at<record>(first), where);
  EXPECT_EQ(where->words[0], 42u);
}

void hand_records_to_threads(sharing how) {
  print_seed();
  constexpr std::size_t threads = 4;
  constexpr std::size_t records = 256;
  pool_box box(sizeof(record), records, records, threads, how);
  std::vector<std::atomic<std::uint32_t>> owner(records);
  std::atomic<std::size_t> shared{0};
  std::atomic<std::size_t> refusals{0};
  run_together(threads, [&](std::size_t me) {
    random_source random(me);
    std::vector<std::uint32_t> mine;
    const auto give_one = [&] {
      const std::uint32_t at = mine.back();
      mine.pop_back();
      // Not atomic: the next owner has to see it.
      box.pool().at<record>(at).words[0] = at + 1;
      if (owner[at].exchange(0, std::memory_order_relaxed) != me + 1) ++shared;
      box.pool().give(box.cache(me), at);
    };
    for (int i = 0; i < 100'000; ++i) {
      if (i % 64 == 0) give_way(1);
      if (!mine.empty() && random.one_in(2)) {
        give_one();
        continue;
      }
      const std::uint32_t at = box.pool().take(box.cache(me));
      if (at == no_record) {
        ++refusals;
        while (!mine.empty()) give_one();
        continue;
      }
      if (owner[at].exchange(static_cast<std::uint32_t>(me + 1), std::memory_order_relaxed) != 0) ++shared;
      const std::uint64_t word = box.pool().at<record>(at).words[0];
      if (word != 0 && word != at + 1) ++shared;
      mine.push_back(at);
    }
    while (!mine.empty()) give_one();
  });
  EXPECT_EQ(shared.load(), 0u);
  EXPECT_EQ(box.in_use(), 0u);
  print_reached("refusals of the exhausted pool", refusals.load());
  if (how == sharing::one_by_one) {
    EXPECT_EQ(take_all(box).size(), records) << "records are lost";
  }
}

TEST(pool, hands_no_record_to_two_threads) { hand_records_to_threads(sharing::by_magazines); }
TEST(pool, hands_no_record_to_two_threads_one_by_one) { hand_records_to_threads(sharing::one_by_one); }

TEST(pool, grows_for_many_threads_at_once) {
  constexpr std::size_t threads = 4;
  constexpr std::size_t each = 3000;
  pool_box box(sizeof(record), 32, threads * each + 4 * magazine::capacity, threads);
  std::vector<std::vector<std::uint32_t>> taken(threads);
  run_together(threads, [&](std::size_t me) {
    for (std::size_t i = 0; i < each; ++i) taken[me].push_back(box.pool().take_or_grow(box.cache(me)));
  });
  std::set<std::uint32_t> all;
  for (const auto& one : taken) all.insert(one.begin(), one.end());
  EXPECT_EQ(all.size(), threads * each);
  EXPECT_EQ(box.in_use(), threads * each);
  // A step that one thread has made is not made again by those who asked for it too.
  EXPECT_LE(box.pool().growths(), threads * each / 1024 + 2);
}

}  // namespace

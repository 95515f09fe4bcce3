// A FIFO of array segments: order, numbers, segment ends, reuse, and many threads at once.
#include "core/queue/fifo.h"
#include "tests/unit/crowd.h"
#include "tests/unit/pool_box.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace {

using namespace tg_test;
using tg::queue::fifo;
using tg::queue::segment;

constexpr std::uint32_t capacity = segment::capacity;

// One FIFO and its pool of segments.
class fifo_box {
 public:
  explicit fifo_box(std::size_t threads = 1, std::size_t segments = 64, std::size_t max_segments = 1u << 16)
      : segments_(sizeof(segment), segments, max_segments, threads) {
    queue_->prepare(segments_.pool(), segments_.cache());
  }

  std::uint64_t push(std::uint32_t item, std::size_t thread = 0) {
    return queue_->push(segments_.pool(), segments_.cache(thread), item);
  }
  bool claim(fifo::claimed& out, std::size_t thread = 0) {
    return queue_->claim(segments_.pool(), segments_.cache(thread), out);
  }
  bool claim_below(fifo::claimed& out, std::uint64_t bound) {
    return queue_->claim(segments_.pool(), segments_.cache(), out,
                         [bound](std::uint64_t number) { return number < bound; });
  }
  bool has_items() { return queue_->has_items(segments_.pool()); }
  std::uint64_t claims() { return queue_->claims(segments_.pool()); }
  std::uint64_t pushes() { return queue_->pushes(segments_.pool()); }
  void prepare_again() { queue_->prepare(segments_.pool(), segments_.cache()); }
  std::size_t segments_in_use() const { return segments_.in_use(); }

  void push_many(std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) EXPECT_EQ(push(first + i), first + i);
  }
  // The next `count` items are their own numbers, beginning with `first`.
  void expect_claims(std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      fifo::claimed got{};
      ASSERT_TRUE(claim(got));
      ASSERT_EQ(got.item, first + i);
      ASSERT_EQ(got.number, first + i);
    }
  }
  void expect_empty() {
    fifo::claimed got{};
    EXPECT_FALSE(has_items());
    EXPECT_FALSE(claim(got));
    EXPECT_EQ(pushes(), claims());
  }

 private:
  pool_box segments_;
  std::unique_ptr<fifo> queue_ = std::make_unique<fifo>();
};

TEST(fifo, is_empty_once_prepared) {
  fifo_box box;
  EXPECT_EQ(box.pushes(), 0u);
  EXPECT_EQ(box.claims(), 0u);
  box.expect_empty();
}

TEST(fifo, tells_whether_it_was_prepared) {
  pool_box segments(sizeof(segment), 8, 8, 1);
  const auto queue = std::make_unique<fifo>();
  EXPECT_FALSE(queue->prepared());
  queue->prepare(segments.pool(), segments.cache());
  EXPECT_TRUE(queue->prepared());
}

TEST(fifo, gives_items_in_order_with_their_numbers_whatever_the_length) {
  for (const std::uint32_t count :
       {1u, 2u, capacity - 1, capacity, capacity + 1, 2 * capacity, 2 * capacity + 1, 500u}) {
    SCOPED_TRACE(std::to_string(count) + " items");
    fifo_box box;
    box.push_many(0, count);
    EXPECT_EQ(box.pushes(), count);
    EXPECT_EQ(box.claims(), 0u);
    EXPECT_TRUE(box.has_items());
    box.expect_claims(0, count);
    EXPECT_EQ(box.claims(), count);
    box.expect_empty();
  }
}

TEST(fifo, goes_on_after_it_ran_empty_at_any_place_of_a_segment) {
  fifo_box box;
  std::uint32_t first = 0;
  for (std::uint32_t burst = 1; burst <= capacity + 2; ++burst) {
    box.push_many(first, burst);
    box.expect_claims(first, burst);
    box.expect_empty();
    first += burst;
  }
}

TEST(fifo, keeps_items_of_any_value) {
  fifo_box box;
  const std::vector<std::uint32_t> values{0, 1, UINT32_MAX, UINT32_MAX - 1, 0x8000'0000u};
  for (const std::uint32_t value : values) box.push(value);
  for (const std::uint32_t value : values) {
    fifo::claimed got{};
    ASSERT_TRUE(box.claim(got));
    EXPECT_EQ(got.item, value);
  }
}

TEST(fifo, claims_nothing_at_or_beyond_the_bound) {
  fifo_box box;
  box.push_many(0, 2 * capacity);
  fifo::claimed got{};
  for (const std::uint32_t bound : {0u, 1u, 2u, capacity - 1, capacity, capacity + 1, 2 * capacity - 1}) {
    while (box.claims() < bound) ASSERT_TRUE(box.claim_below(got, bound));
    EXPECT_FALSE(box.claim_below(got, bound)) << "bound " << bound;
    EXPECT_EQ(box.claims(), bound);
    EXPECT_TRUE(box.has_items());
  }
}

TEST(fifo, claims_nothing_beyond_a_bound_that_lies_behind) {
  fifo_box box;
  box.push_many(0, 3);
  box.expect_claims(0, 2);
  fifo::claimed got{};
  EXPECT_FALSE(box.claim_below(got, 1));
  EXPECT_TRUE(box.claim_below(got, 3));
  EXPECT_EQ(got.item, 2u);
}

// What a claim tells of the item that some later claim gets.
TEST(fifo, tells_of_the_item_that_a_claim_to_come_gets) {
  fifo_box box;
  box.push_many(0, 3 * capacity);
  std::map<std::uint32_t, int> distances;
  for (std::uint32_t next = 0; next < 3 * capacity; ++next) {
    fifo::claimed got{};
    ASSERT_TRUE(box.claim(got));
    if (got.upcoming != tg::memory::no_record) ++distances[got.upcoming - next];
  }
  // Always the same distance, and known but for those that lie over a segment's end or the queue's.
  ASSERT_EQ(distances.size(), 1u);
  const std::uint32_t ahead = distances.begin()->first;
  EXPECT_GT(ahead, 0u);
  EXPECT_EQ(distances.begin()->second, static_cast<int>(3 * (capacity - ahead)));
}

TEST(fifo, tells_when_the_end_is_near) {
  fifo_box box;
  box.push_many(0, capacity / 2);
  std::vector<std::uint32_t> near;
  for (std::uint32_t next = 0; next < capacity / 2; ++next) {
    fifo::claimed got{};
    ASSERT_TRUE(box.claim(got));
    EXPECT_EQ(got.near_end, got.upcoming == tg::memory::no_record);
    if (got.near_end) near.push_back(next);
  }
  ASSERT_FALSE(near.empty());
  EXPECT_GT(near.front(), 0u);
  EXPECT_EQ(near.size(), capacity / 2 - near.front());
}

TEST(fifo, sees_the_first_item_behind_a_spent_segment) {
  fifo_box box;
  box.push_many(0, capacity);
  box.expect_claims(0, capacity);
  EXPECT_FALSE(box.has_items());
  box.push_many(capacity, 1);
  EXPECT_TRUE(box.has_items());
  EXPECT_EQ(box.claims(), capacity);
  EXPECT_EQ(box.pushes(), capacity + 1);
  box.expect_claims(capacity, 1);
  box.expect_empty();
}

TEST(fifo, numbers_on_for_a_later_owner) {
  fifo_box box;
  box.push_many(0, capacity + 5);
  box.expect_claims(0, capacity + 5);
  box.prepare_again();
  EXPECT_EQ(box.pushes(), capacity + 5);
  EXPECT_EQ(box.segments_in_use(), 1u);
  box.push_many(capacity + 5, 3);
  box.expect_claims(capacity + 5, 3);
}

TEST(fifo, gives_spent_segments_back) {
  fifo_box box;
  box.push_many(0, 10 * capacity);
  EXPECT_EQ(box.segments_in_use(), 10u);
  box.expect_claims(0, 10 * capacity);
  box.expect_empty();
  EXPECT_EQ(box.segments_in_use(), 1u);
}

TEST(fifo, changes_nothing_when_no_segment_can_be_had) {
  fifo_box box(1, 2, 2);
  box.push_many(0, 2 * capacity);
  EXPECT_THROW(box.push(0), std::bad_alloc);
  EXPECT_THROW(box.push(0), std::bad_alloc);
  EXPECT_EQ(box.pushes(), 2 * capacity);
  box.expect_claims(0, capacity + 1);
  // The first segment is free again.
  box.push_many(2 * capacity, 1);
  box.expect_claims(capacity + 1, capacity);
  box.expect_empty();
}

// Everybody claims after a push of its own, so that at every moment of a claim something is queued.
TEST(fifo, never_looks_empty_while_a_pushed_item_is_there) {
  constexpr std::size_t threads = 3;
  constexpr std::uint32_t rounds = 60'000;
  fifo_box box(threads);
  std::atomic<std::size_t> missed{0};
  run_together(threads, [&](std::size_t me) {
    for (std::uint32_t i = 0; i < rounds; ++i) {
      box.push(i, me);
      if (i % 32 == me) give_way(1);
      if (!box.has_items()) ++missed;
      fifo::claimed got{};
      if (!box.claim(got, me)) ++missed;
    }
  });
  EXPECT_EQ(missed.load(), 0u);
  EXPECT_EQ(box.claims(), threads * rounds);
  box.expect_empty();
  EXPECT_EQ(box.segments_in_use(), 1u);
}

constexpr std::uint32_t producer_shift = 24;

// What one consumer got, in its order.
using harvest = std::vector<fifo::claimed>;

void expect_rising_numbers(const harvest& of_one) {
  for (std::size_t i = 1; i < of_one.size(); ++i) ASSERT_LT(of_one[i - 1].number, of_one[i].number);
}

void expect_every_item_once_in_order(harvest all, std::size_t producers, std::uint32_t each) {
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  ASSERT_EQ(all.size(), producers * each);
  std::vector<std::uint32_t> next(producers, 0);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i].number, i);
    const std::uint32_t producer = all[i].item >> producer_shift;
    ASSERT_LT(producer, producers);
    ASSERT_EQ(all[i].item & ((1u << producer_shift) - 1), next[producer]++);
  }
}

TEST(fifo, loses_and_doubles_nothing_between_threads_and_keeps_each_producers_order) {
  constexpr std::size_t producers = 3;
  constexpr std::size_t consumers = 3;
  constexpr std::uint32_t each = 60'000;
  fifo_box box(producers + consumers);
  // Written without atomics before the push: the claim has to make it visible.
  std::vector<std::uint64_t> cargo(producers * each, 0);
  std::vector<harvest> got(consumers);
  std::atomic<std::size_t> claimed{0};
  std::atomic<std::size_t> wrong_cargo{0};
  run_together(producers + consumers, [&](std::size_t me) {
    if (me < producers) {
      for (std::uint32_t i = 0; i < each; ++i) {
        cargo[me * each + i] = me * each + i + 1;
        box.push(static_cast<std::uint32_t>(me) << producer_shift | i, me);
        if (i % 128 == 0) give_way(1);
      }
      return;
    }
    while (claimed.load() < producers * each) {
      fifo::claimed one{};
      if (!box.claim(one, me)) {
        give_way(1);
        continue;
      }
      ++claimed;
      got[me - producers].push_back(one);
      const std::size_t at = (one.item >> producer_shift) * each + (one.item & ((1u << producer_shift) - 1));
      if (cargo[at] != at + 1) ++wrong_cargo;
    }
  });
  EXPECT_EQ(wrong_cargo.load(), 0u);
  harvest all;
  for (const harvest& one : got) {
    expect_rising_numbers(one);
    all.insert(all.end(), one.begin(), one.end());
  }
  expect_every_item_once_in_order(std::move(all), producers, each);
  box.expect_empty();
  EXPECT_EQ(box.segments_in_use(), 1u);
}

TEST(fifo, numbers_that_push_answers_are_those_that_claim_answers) {
  constexpr std::size_t threads = 3;
  constexpr std::uint32_t each = 5'000;
  fifo_box box(threads);
  std::vector<std::uint64_t> told(threads * each);
  run_together(threads, [&](std::size_t me) {
    for (std::uint32_t i = 0; i < each; ++i) {
      const auto item = static_cast<std::uint32_t>(me * each + i);
      told[item] = box.push(item, me);
    }
  });
  for (std::size_t i = 0; i < told.size(); ++i) {
    fifo::claimed got{};
    ASSERT_TRUE(box.claim(got));
    ASSERT_EQ(told[got.item], got.number);
  }
  box.expect_empty();
}

// Segments go from one FIFO to the other, where late looks of the first must find nothing.
TEST(fifo, shares_segments_with_others_and_mixes_nothing_up) {
  print_seed();
  constexpr std::size_t queues = 3;
  constexpr std::size_t threads = 3;
  constexpr std::uint32_t steps = 60'000;
  pool_box segments(sizeof(segment), 16, 1u << 16, threads);
  std::vector<fifo> queue(queues);
  for (fifo& at : queue) at.prepare(segments.pool(), segments.cache());
  std::vector<std::atomic<std::uint64_t>> pushed(queues);
  std::vector<std::atomic<std::uint64_t>> claimed(queues);
  std::atomic<std::size_t> strangers{0};
  const auto claim_one = [&](std::size_t at, std::size_t me) {
    fifo::claimed got{};
    if (!queue[at].claim(segments.pool(), segments.cache(me), got)) return false;
    ++claimed[at];
    if (got.item % queues != at) ++strangers;
    return true;
  };
  run_together(threads, [&](std::size_t me) {
    random_source random(me);
    for (std::uint32_t i = 0; i < steps; ++i) {
      const std::size_t at = random.below(queues);
      if (i % 16 == 0) give_way(1);
      for (std::size_t burst = random.below(8); burst != 0; --burst) {
        queue[at].push(segments.pool(), segments.cache(me), static_cast<std::uint32_t>(i * queues + at));
        ++pushed[at];
      }
      for (std::size_t burst = random.below(8); burst != 0; --burst) claim_one(random.below(queues), me);
    }
  });
  for (std::size_t at = 0; at < queues; ++at) {
    while (claim_one(at, 0)) {
    }
    EXPECT_EQ(claimed[at].load(), pushed[at].load());
    EXPECT_EQ(queue[at].claims(segments.pool()), pushed[at].load());
    EXPECT_EQ(queue[at].pushes(segments.pool()), pushed[at].load());
  }
  EXPECT_EQ(strangers.load(), 0u);
  EXPECT_EQ(segments.in_use(), queues);
}

// Every segment as it is when it has been in use so often.
void age(pool_box& segments, std::uint32_t generation) {
  for (std::uint32_t i = 0; i < segments.pool().capacity(); ++i) {
    auto& at = segments.pool().at<segment>(i);
    at.generation.store(generation, tg::base::relaxed);
    at.next.store(tg::queue::stamped(generation, i).bits(), tg::base::relaxed);
    for (auto& slot : at.slots) slot.store(tg::queue::stamped(generation, i).bits(), tg::base::relaxed);
  }
}

TEST(fifo, goes_on_when_the_generations_of_its_segments_begin_again) {
  for (std::uint32_t before = 1; before < 4; ++before) {
    SCOPED_TRACE(std::to_string(before) + " generations before the end");
    pool_box segments(sizeof(segment), 2, 2, 1);
    age(segments, UINT32_MAX - before);
    fifo queue;
    queue.prepare(segments.pool(), segments.cache());
    for (std::uint32_t item = 0; item < 12 * capacity; ++item) {
      ASSERT_TRUE(queue.prepared()) << "after " << item;
      ASSERT_FALSE(queue.has_items(segments.pool()));
      ASSERT_EQ(queue.push(segments.pool(), segments.cache(), item), item);
      ASSERT_TRUE(queue.has_items(segments.pool()));
      fifo::claimed got{};
      ASSERT_TRUE(queue.claim(segments.pool(), segments.cache(), got));
      ASSERT_EQ(got.item, item);
      ASSERT_EQ(got.number, item);
    }
  }
}

TEST(stamped, keeps_both_halves) {
  constexpr tg::queue::stamped content(0xfedc'ba98u, 0x0123'4567u);
  static_assert(content.generation() == 0xfedc'ba98u && content.payload() == 0x0123'4567u);
  EXPECT_EQ(tg::queue::stamped(content.bits()).bits(), content.bits());
  EXPECT_EQ(tg::queue::stamped().bits(), 0u);
}

TEST(position, keeps_its_fields_and_goes_on_within_a_segment) {
  constexpr std::uint32_t last_segment = segment::max_segments - 1;
  constexpr tg::queue::position first(UINT32_MAX, last_segment, 0);
  static_assert(first.generation() == UINT32_MAX && first.segment() == last_segment && first.slot() == 0);
  tg::queue::position at = first;
  for (std::uint32_t slot = 1; slot <= capacity; ++slot) {
    at = at.next();
    EXPECT_EQ(at.slot(), slot);
    EXPECT_EQ(at.segment(), last_segment);
    EXPECT_EQ(at.generation(), UINT32_MAX);
  }
}

}  // namespace

// Numbers that come to their end: epochs, futex words, tenancies and tags begin again, and nobody who waits or looks is
// told anything wrong. They are moved to just before their end by hand.
#include "core/group/engine.h"
#include "core/task/this_thread.h"
#include "tests/faults/small_runtime.h"
#include "tests/support/hold.h"
#include "tests/support/sleeping.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
namespace base = tg::base;

tg::detail::slot& slot_of(tg::group& group) {
  tg::detail::slot* at = nullptr;
  group.add_task([&at] { at = tg::task::self.current; });
  expect_joins(group, {.succeeded = 1});
  return *at;
}

constexpr std::uint64_t epochs = std::uint64_t{1} << 23;

void move_epoch(tg::detail::slot& at, std::uint64_t to) {
  tg::event::event_word word(at.word.load(base::seq_cst));
  const std::uint64_t steps = (to - word.epoch()) % epochs;
  at.word.store(word.bits() + (steps << 41), base::seq_cst);
}

TEST(last_epoch, is_followed_by_the_first_for_sleepers_callbacks_and_tokens) {
  small_runtime machinery;
  tg::group lone("lone", machinery.with_limit(1));
  tg::detail::slot& at = slot_of(lone);
  move_epoch(at, epochs - 6);
  for (std::uint64_t round = 0; round < 6; ++round) {
    SCOPED_TRACE("epoch " + std::to_string(lone.state().epoch));
    EXPECT_EQ(lone.state().epoch, (epochs - 6 + 2 * round) % epochs);
    std::atomic<int> calls{0};
    tg::event_callback callback(lone, [&] { ++calls; });
    const std::stop_token token = lone.stop_token();
    sleep_mark mark;
    std::thread sleeper([&] {
      mark.about_to_wait();
      EXPECT_FALSE(lone.event().sleep_for(1h));
    });
    EXPECT_TRUE(mark.wait_asleep());
    EXPECT_TRUE(lone.set_event());
    EXPECT_TRUE(lone.reset_event());
    sleeper.join();
    EXPECT_EQ(calls.load(), 1);
    EXPECT_TRUE(token.stop_requested());
    lone.add_task([] {});
    expect_joins(lone, {.succeeded = 1});
  }
  EXPECT_EQ(lone.state().epoch, 6u);
}

// Set and re-armed on both sides of the end while somebody comes to wait.
TEST(last_epoch, loses_no_sleeper_who_comes_while_it_passes) {
  small_runtime machinery;
  tg::group group("epochs", machinery.with_limit(1));
  tg::detail::slot& at = slot_of(group);
  for (int round = 0; round < 50; ++round) {
    move_epoch(at, epochs - 2);
    std::atomic<bool> begun{false};
    std::thread sleeper([&] {
      begun = true;
      EXPECT_FALSE(group.event().sleep_for(1h));
    });
    while (!begun) std::this_thread::yield();
    for (int i = 0; i < 4; ++i) {
      group.set_event();
      group.reset_event();
    }
    group.set_event();
    sleeper.join();
    EXPECT_TRUE(group.reset_event());
  }
}

TEST(last_number, of_the_words_that_waiters_sleep_on_is_followed_by_zero) {
  small_runtime machinery;
  for (std::uint32_t before = 0; before < 6; ++before) {
    SCOPED_TRACE(std::to_string(before) + " before the end");
    tg::group group("waits", {.max_concurrent = 1, .max_pending = 1, .on = &*machinery});
    tg::detail::slot& at = slot_of(group);
    at.wait_seq.store(UINT32_MAX - before, base::seq_cst);
    at.sleep_seq.store(UINT32_MAX - before, base::seq_cst);
    hold held;
    group.add_task(held.task());
    EXPECT_TRUE(held.wait_entered(1));
    group.add_task([] {});
    sleep_mark producer_mark, joiner_mark, sleeper_mark, waiter_mark;
    std::thread producer([&] {
      producer_mark.about_to_wait();
      group.add_task([] {});
    });
    EXPECT_TRUE(producer_mark.wait_asleep());
    std::thread joiner([&] {
      joiner_mark.about_to_wait();
      EXPECT_TRUE(group.join_for(patience).complete);
    });
    std::thread sleeper([&] {
      sleeper_mark.about_to_wait();
      EXPECT_FALSE(group.event().sleep_for(1h));
    });
    std::thread waiter([&] {
      waiter_mark.about_to_wait();
      EXPECT_EQ(group.wait_for_condition([] { return false; }, patience, 1h), tg::condition::drained);
    });
    EXPECT_TRUE(joiner_mark.wait_asleep());
    EXPECT_TRUE(sleeper_mark.wait_asleep());
    EXPECT_TRUE(waiter_mark.wait_asleep());
    for (int i = 0; i < 3; ++i) group.notify();
    held.release();
    producer.join();
    joiner.join();
    waiter.join();
    group.set_event();
    sleeper.join();
    static_cast<void>(group.join());
    expect_accounted(group, 4);
  }
}

// Its last worker has left it, too.
bool is_free(const tg::detail::slot& at) {
  return tg::event::life_word(at.life.load(base::seq_cst)).state() == tg::event::tenant::free;
}

TEST(last_number, of_a_places_tenants_that_an_origin_keeps_is_followed_by_zero) {
  small_runtime machinery;
  tg::detail::slot* at = nullptr;
  // A root's place would be kept by whoever frees it.
  tg::group parent("parent", machinery.with_limit(1));
  {
    tg::group first(parent, "first", machinery.with_limit(1));
    at = &slot_of(first);
  }
  ASSERT_TRUE(eventually([&] { return is_free(*at); }));
  constexpr std::uint64_t tags = std::uint64_t{1} << 16;
  at->life.store(tg::event::life_word(5 * tags - 3, tg::event::tenant::free).bits(), base::seq_cst);
  std::vector<std::uint64_t> seen;
  for (int tenant = 0; tenant < 6; ++tenant) {
    ASSERT_TRUE(eventually([&] { return is_free(*at); }));
    tg::group group(parent, "tenant", machinery.with_limit(1));
    ASSERT_EQ(&slot_of(group), at) << "the place has gone to somebody else";
    seen.push_back(group.id());
    tg::group child(group, "child");
    group.set_event();
    EXPECT_EQ(child.state().origin, group.id());
    EXPECT_EQ(group.state().origin, group.id());
  }
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_NE(seen[i], seen[i - 1]);
}

TEST(last_tag, of_the_stacks_is_followed_by_zero) {
  small_runtime machinery;
  tg::group group("stays", machinery.with_limit(1));
  tg::detail::engine& runtime = *slot_of(group).owner;
  const auto to_the_end = [](base::atomic<std::uint64_t>& stack) {
    const std::uint64_t top = static_cast<std::uint32_t>(stack.load(base::seq_cst));
    stack.store(std::uint64_t{UINT32_MAX - 2} << 32 | top, base::seq_cst);
  };
  to_the_end(runtime.trees.root().free_children);
  for (int i = 0; i < 10; ++i) {
    tg::group a("a", machinery.with_limit(1));
    tg::group b("b", machinery.with_limit(1));
    EXPECT_NE(a.id(), b.id());
    a.add_task([] {});
    EXPECT_EQ(a.join().succeeded, 1u);
  }
  EXPECT_TRUE(
      eventually([&] { return static_cast<std::uint32_t>(runtime.deferred.load(base::seq_cst)) == 0; }));
  to_the_end(runtime.deferred);
  for (int i = 0; i < 10; ++i) {
    std::atomic<int> calls{0};
    const tg::event_callback callback(group, [&] { ++calls; });
    group.set_event_from_signal();
    EXPECT_TRUE(eventually([&] { return calls == 1; }));
    EXPECT_TRUE(eventually([&] { return group.reset_event(); }));
  }
}

}  // namespace

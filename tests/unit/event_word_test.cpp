// The word of an event: every field, every transition, and the epoch at its end.
#include "core/event/event_word.h"

#include <gtest/gtest.h>

#include <threadgroup/detail/event_flag.h>

#include <vector>

namespace {

using tg::event_cause;
using tg::event::event_word;
using tg::event::origin_ref;

constexpr std::uint32_t last_index = 0xfffff;
constexpr std::uint16_t last_tag = 0xffff;
constexpr std::uint64_t epochs = std::uint64_t{1} << 23;

// An unset word in this epoch.
event_word unset_in(std::uint64_t epoch) { return event_word((epoch - 1) << 41).to_unset(); }

TEST(event_word, is_unset_without_cause_or_origin_in_epoch_0_when_all_bits_are_0) {
  constexpr event_word word(0);
  static_assert(!word.is_set() && !word.is_resetting());
  EXPECT_EQ(word.cause(), event_cause::none);
  EXPECT_EQ(word.epoch(), 0u);
  EXPECT_EQ(word.origin().index, 0u);
  EXPECT_EQ(word.origin().tag, 0u);
}

TEST(event_word, keeps_every_cause_and_origin_apart) {
  const std::vector<event_cause> causes{
      event_cause::requested, event_cause::condition_met, event_cause::failure, event_cause::deadline,
      event_cause::abandoned, event_cause::shutdown,      event_cause::cleared};
  const std::vector<origin_ref> origins{{0, 0},          {1, 0},        {0, 1},
                                        {last_index, 0}, {0, last_tag}, {last_index, last_tag}};
  for (const std::uint64_t epoch : {std::uint64_t{0}, std::uint64_t{1}, epochs - 1}) {
    for (const event_cause why : causes) {
      for (const origin_ref where : origins) {
        const event_word word = unset_in(epoch).to_set(why, where);
        EXPECT_TRUE(word.is_set());
        EXPECT_FALSE(word.is_resetting());
        EXPECT_EQ(word.cause(), why);
        EXPECT_EQ(word.origin().index, where.index);
        EXPECT_EQ(word.origin().tag, where.tag);
        EXPECT_EQ(word.epoch(), epoch);
        EXPECT_EQ(event_word(word.bits()).bits(), word.bits());
      }
    }
  }
}

TEST(event_word, sets_the_bit_that_a_check_reads) {
  constexpr event_word set = event_word(0).to_set(event_cause::requested, {1, 1});
  static_assert((set.bits() & tg::detail::event_flag::set_bit) != 0);
  static_assert((set.to_resetting().bits() & tg::detail::event_flag::set_bit) != 0);
  static_assert((set.to_unset().bits() & tg::detail::event_flag::set_bit) == 0);
}

TEST(event_word, reads_set_while_it_is_being_re_armed) {
  const event_word set = unset_in(7).to_set(event_cause::deadline, {12, 34});
  const event_word resetting = set.to_resetting();
  EXPECT_TRUE(resetting.is_set());
  EXPECT_TRUE(resetting.is_resetting());
  EXPECT_EQ(resetting.cause(), event_cause::deadline);
  EXPECT_EQ(resetting.origin().index, 12u);
  EXPECT_EQ(resetting.origin().tag, 34u);
  EXPECT_EQ(resetting.epoch(), 8u);
}

TEST(event_word, differs_after_a_cancelled_reset_from_what_it_was_before) {
  const event_word set = unset_in(7).to_set(event_cause::failure, {12, 34});
  const event_word cancelled = set.to_resetting().to_cancelled();
  EXPECT_TRUE(cancelled.is_set());
  EXPECT_FALSE(cancelled.is_resetting());
  EXPECT_EQ(cancelled.cause(), event_cause::failure);
  EXPECT_EQ(cancelled.origin().index, 12u);
  EXPECT_EQ(cancelled.origin().tag, 34u);
  EXPECT_EQ(cancelled.epoch(), 8u);
  EXPECT_NE(cancelled.to_resetting().bits(), set.to_resetting().bits());
}

TEST(event_word, is_unset_after_a_reset_and_in_a_new_epoch) {
  const event_word after = unset_in(7).to_set(event_cause::failure, {12, 34}).to_resetting().to_unset();
  EXPECT_FALSE(after.is_set());
  EXPECT_FALSE(after.is_resetting());
  EXPECT_EQ(after.cause(), event_cause::none);
  EXPECT_EQ(after.origin().index, 0u);
  EXPECT_EQ(after.origin().tag, 0u);
  EXPECT_EQ(after.epoch(), 9u);
}

TEST(event_word, is_fresh_for_a_new_tenant_whatever_the_old_one_left) {
  const event_word unset = unset_in(3);
  for (const event_word old : {unset, unset.to_set(event_cause::shutdown, {last_index, last_tag}),
                               unset.to_set(event_cause::shutdown, {1, 2}).to_resetting()}) {
    const event_word fresh = old.to_fresh();
    EXPECT_FALSE(fresh.is_set());
    EXPECT_FALSE(fresh.is_resetting());
    EXPECT_EQ(fresh.cause(), event_cause::none);
    EXPECT_EQ(fresh.epoch(), old.epoch() + 1);
    EXPECT_NE(fresh.bits(), old.bits());
  }
}

TEST(event_word, begins_again_with_epoch_0_after_the_last) {
  const event_word last = unset_in(epochs - 1);
  EXPECT_EQ(last.epoch(), epochs - 1);
  EXPECT_EQ(last.to_unset().bits(), 0u);
  const event_word resetting = last.to_set(event_cause::requested, {last_index, last_tag}).to_resetting();
  EXPECT_EQ(resetting.epoch(), 0u);
  EXPECT_TRUE(resetting.is_set());
  EXPECT_EQ(resetting.cause(), event_cause::requested);
  EXPECT_EQ(resetting.origin().index, last_index);
  EXPECT_EQ(resetting.origin().tag, last_tag);
}

}  // namespace

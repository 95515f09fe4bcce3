// A place of the tree, alone: the life of its tenants, its hints, and who it is as an origin.
#include "core/event/place.h"
#include "core/event/propagate.h"

#include <gtest/gtest.h>

namespace {

using tg::event::life_word;
using tg::event::place;
using tg::event::tenant;

constexpr std::uint64_t last_tenancy = (std::uint64_t{1} << 62) - 1;

TEST(life_word, keeps_tenancy_and_state_apart) {
  for (const std::uint64_t tenancy :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40, last_tenancy}) {
    for (const tenant state : {tenant::free, tenant::active, tenant::zombie, tenant::unlinked}) {
      const life_word life(tenancy, state);
      EXPECT_EQ(life.tenancy(), tenancy);
      EXPECT_EQ(life.state(), state);
      EXPECT_EQ(life_word(life.bits()).bits(), life.bits());
    }
  }
}

TEST(life_word, is_taken_by_a_group_that_lives_or_has_ended) {
  EXPECT_FALSE(life_word(1, tenant::free).taken());
  EXPECT_TRUE(life_word(1, tenant::active).taken());
  EXPECT_TRUE(life_word(1, tenant::zombie).taken());
  EXPECT_FALSE(life_word(1, tenant::unlinked).taken());
}

TEST(place, is_free_and_unset_as_zeroed_memory) {
  const place untouched;
  EXPECT_EQ(untouched.life.load(tg::base::seq_cst), life_word(0, tenant::free).bits());
  EXPECT_FALSE(untouched.is_set());
  EXPECT_EQ(untouched.tenancy(), 0u);
}

TEST(place, is_an_origin_by_its_index_and_the_low_bits_of_its_tenancy) {
  place at;
  at.index = 77;
  at.life.store(life_word(0x5'1234, tenant::active).bits(), tg::base::seq_cst);
  EXPECT_EQ(at.tenancy(), 0x5'1234u);
  EXPECT_EQ(at.as_origin().index, 77u);
  EXPECT_EQ(at.as_origin().tag, 0x1234u);
}

TEST(place, keeps_raised_hints_until_a_setter_acts_on_them) {
  place at;
  EXPECT_EQ(tg::event::wake_sleepers(at), 0u);
  tg::event::raise(at, tg::event::waiters);
  tg::event::raise(at, tg::event::sleepers);
  tg::event::raise(at, tg::event::waiters);
  EXPECT_EQ(at.attention_bits.load(tg::base::seq_cst), tg::event::waiters | tg::event::sleepers);
  EXPECT_EQ(tg::event::wake_sleepers(at), tg::event::waiters | tg::event::sleepers);
  EXPECT_EQ(at.attention_bits.load(tg::base::seq_cst), 0u);
  EXPECT_EQ(tg::event::wake_sleepers(at), 0u);
}

TEST(place, keeps_the_hints_at_callbacks_and_tasks_for_every_setter) {
  place at;
  tg::event::raise(at, tg::event::callbacks);
  tg::event::raise(at, tg::event::sleepers);
  tg::event::raise(at, tg::event::backlog);
  EXPECT_EQ(tg::event::wake_sleepers(at), tg::event::callbacks | tg::event::sleepers | tg::event::backlog);
  EXPECT_EQ(tg::event::wake_sleepers(at), tg::event::callbacks | tg::event::backlog);
  EXPECT_EQ(at.attention_bits.load(tg::base::seq_cst), tg::event::callbacks | tg::event::backlog);
}

TEST(place, moves_its_futex_word_only_for_sleepers) {
  place at;
  const auto seq = [&] { return at.sleep_seq.load(tg::base::seq_cst); };
  tg::event::raise(at, tg::event::waiters);
  static_cast<void>(tg::event::wake_sleepers(at));
  EXPECT_EQ(seq(), 0u);
  tg::event::raise(at, tg::event::sleepers);
  EXPECT_EQ(tg::event::wake_sleepers(at), tg::event::sleepers);
  EXPECT_EQ(seq(), 1u);
  static_cast<void>(tg::event::wake_sleepers(at));
  EXPECT_EQ(seq(), 1u);
}

}  // namespace

// What the slot of a group says about who waits, whose child it is, and what it is called.
#include "core/group/slot.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>

namespace {

using tg::detail::slot;
using tg::groups::is_within;
using tg::groups::waiting_word;

TEST(waiting_word, tells_joiners_and_watchers_apart) {
  for (const std::uint32_t joiners : {0u, 1u, 2u, 0xffffu}) {
    for (const std::uint32_t watchers : {0u, 1u, 2u, 0xffffu}) {
      const std::uint32_t bits = joiners * waiting_word::one_joiner + watchers * waiting_word::one_watcher;
      EXPECT_EQ(waiting_word::joiners(bits), joiners != 0);
      EXPECT_EQ(waiting_word::watchers(bits), watchers != 0);
    }
  }
}

TEST(is_within, holds_for_a_group_and_all_above_it) {
  tg::event::place top;
  tg::event::place middle;
  tg::event::place bottom;
  tg::event::place other;
  middle.above.store(&top, tg::base::relaxed);
  bottom.above.store(&middle, tg::base::relaxed);
  other.above.store(&top, tg::base::relaxed);
  middle.depth = other.depth = 1;
  bottom.depth = 2;
  for (const auto* at : {&bottom, &middle, &top}) EXPECT_TRUE(is_within(&bottom, *at));
  EXPECT_FALSE(is_within(&middle, bottom));
  EXPECT_FALSE(is_within(&other, middle));
  EXPECT_FALSE(is_within(&bottom, other));
  EXPECT_FALSE(is_within(nullptr, top));
}

void write_name(slot& group, const std::string& name) {
  unsigned char bytes[sizeof group.name_words] = {};
  std::memcpy(bytes, name.data(), name.size());
  bytes[slot::max_name] = static_cast<unsigned char>(name.size());
  for (std::size_t i = 0; i < std::size(group.name_words); ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i * sizeof word, sizeof word);
    group.name_words[i].store(word, tg::base::relaxed);
  }
}

TEST(slot, has_the_name_that_was_written_whatever_its_bytes) {
  const auto group = std::make_unique<slot>();
  EXPECT_EQ(group->name(), "");
  for (const std::string& name :
       {std::string("short"), std::string("\0with\0zeros\0", 12), std::string(slot::max_name, '\xff')}) {
    write_name(*group, name);
    EXPECT_EQ(group->name(), name);
  }
}

TEST(slot, is_found_from_its_place) {
  const auto group = std::make_unique<slot>();
  tg::event::place& at = *group;
  EXPECT_EQ(&tg::groups::slot_of(at), group.get());
}

}  // namespace

// The runtime's load in one word, and how many runners it allows.
#include "core/arena/load.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace {

using tg::arena::load_word;
using tg::arena::runner_cap;

// ready, idle, parked, runners, blocked
using fields = std::array<std::uint32_t, 5>;

fields fields_of(load_word word) {
  return {word.ready(), word.idle(), word.parked(), word.runners(), word.blocked()};
}

struct counter {
  const char* name;
  std::size_t field;
  std::uint32_t most;
  load_word (load_word::*more)() const noexcept;
  load_word (load_word::*less)() const noexcept;
};

const std::vector<counter> counters{
    {"ready", 0, load_word::max_ready, &load_word::more_ready, &load_word::less_ready},
    {"idle", 1, load_word::max_runners, &load_word::more_idle, &load_word::less_idle},
    {"parked", 2, load_word::max_runners, &load_word::more_parked, &load_word::less_parked},
    {"runners", 3, load_word::max_runners, &load_word::more_runners, &load_word::less_runners},
    {"blocked", 4, load_word::max_runners, &load_word::more_blocked, &load_word::less_blocked},
};

TEST(load_word, is_empty_when_all_bits_are_0) { EXPECT_EQ(fields_of(load_word(0)), fields{}); }

TEST(load_word, counts_each_field_up_to_its_maximum_and_back_without_touching_the_others) {
  for (const counter& one : counters) {
    SCOPED_TRACE(one.name);
    load_word word(0);
    // Something in all the others.
    for (const counter& other : counters) {
      if (other.field != one.field) word = (word.*other.more)();
    }
    const load_word before = word;
    for (std::uint32_t i = 0; i < one.most; ++i) word = (word.*one.more)();
    fields expected{1, 1, 1, 1, 1};
    expected[one.field] = one.most;
    EXPECT_EQ(fields_of(word), expected);
    for (std::uint32_t i = 0; i < one.most; ++i) word = (word.*one.less)();
    EXPECT_EQ(word.bits(), before.bits());
  }
}

TEST(load_word, counts_as_awake_who_is_idle_and_not_parked) {
  load_word word(0);
  EXPECT_EQ(word.awake(), 0u);
  word = word.more_idle().more_idle().more_idle();
  EXPECT_EQ(word.awake(), 3u);
  word = word.more_parked().more_parked();
  EXPECT_EQ(word.awake(), 1u);
  word = word.less_parked().less_idle();
  EXPECT_EQ(word.awake(), 1u);
}

TEST(runner_cap, allows_a_runner_for_each_blocked_one_up_to_the_most) {
  struct expectation {
    std::uint32_t workers;
    std::uint32_t max_blocked;
    std::uint32_t blocked;
    std::uint32_t runners;
  };
  for (const expectation& at :
       {expectation{2, 256, 0, 2}, expectation{2, 256, 1, 3}, expectation{2, 256, 256, 258},
        expectation{2, 256, 257, 258}, expectation{2, 0, 0, 2}, expectation{2, 0, 5, 2},
        expectation{1, 1, 1, 2}, expectation{1, 1, 2, 2}}) {
    load_word word(0);
    for (std::uint32_t i = 0; i < at.blocked; ++i) word = word.more_blocked();
    EXPECT_EQ((runner_cap{at.workers, at.max_blocked}.at(word)), at.runners)
        << at.workers << " workers, " << at.blocked << " blocked of " << at.max_blocked;
  }
}

}  // namespace

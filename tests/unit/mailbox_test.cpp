// Mailboxes: a ticket that was put there is had by exactly one, owner or looker.
#include "core/arena/mailbox.h"
#include "tests/unit/crowd.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <vector>

namespace {

using namespace tg_test;
using tg::arena::mailbox;
using tg::arena::mailboxes;

constexpr std::uint32_t nothing = mailbox::nothing;

TEST(mailbox, is_empty_at_first) {
  mailbox box;
  bool fresh = false;
  EXPECT_TRUE(box.is_empty());
  EXPECT_EQ(box.take(), nothing);
  EXPECT_EQ(box.take_if_old(fresh), nothing);
  EXPECT_FALSE(fresh);
  EXPECT_FALSE(box.take_back(0));
}

TEST(mailbox, gives_what_was_put_to_one_taker) {
  mailbox box;
  EXPECT_EQ(box.put(0), nothing);
  EXPECT_FALSE(box.is_empty());
  EXPECT_EQ(box.take(), 0u);
  EXPECT_EQ(box.take(), nothing);
  EXPECT_TRUE(box.is_empty());
}

TEST(mailbox, answers_a_put_with_what_was_there_before) {
  mailbox box;
  EXPECT_EQ(box.put(5), nothing);
  EXPECT_EQ(box.put(6), 5u);
  EXPECT_EQ(box.put(6), 6u);
  EXPECT_EQ(box.take(), 6u);
}

TEST(mailbox, gives_its_owner_back_only_what_is_still_there) {
  mailbox box;
  box.put(5);
  EXPECT_FALSE(box.take_back(6));
  EXPECT_TRUE(box.take_back(5));
  EXPECT_FALSE(box.take_back(5));
  EXPECT_TRUE(box.is_empty());
  box.put(7);
  ASSERT_EQ(box.take(), 7u);
  EXPECT_FALSE(box.take_back(7));
}

TEST(mailbox, leaves_a_ticket_to_its_owner_until_it_was_seen_twice) {
  mailbox box;
  box.put(5);
  bool fresh = false;
  EXPECT_EQ(box.take_if_old(fresh), nothing);
  EXPECT_TRUE(fresh);
  fresh = false;
  EXPECT_EQ(box.take_if_old(fresh), 5u);
  EXPECT_FALSE(fresh);
  EXPECT_TRUE(box.is_empty());
}

TEST(mailbox, takes_the_same_ticket_put_again_for_a_new_one) {
  mailbox box;
  bool fresh = false;
  for (int i = 0; i < 3; ++i) {
    box.put(5);
    fresh = false;
    EXPECT_EQ(box.take_if_old(fresh), nothing);
    EXPECT_TRUE(fresh);
    EXPECT_TRUE(box.take_back(5));
  }
}

TEST(mailboxes, are_empty_without_any) {
  mailboxes all;
  EXPECT_TRUE(all.all_empty());
  EXPECT_EQ(all.take_any(), nothing);
}

TEST(mailboxes, are_all_looked_into) {
  mailboxes all;
  std::deque<mailbox> boxes(5);
  for (mailbox& one : boxes) all.add(one);
  EXPECT_TRUE(all.all_empty());
  for (std::uint32_t i = 0; i < boxes.size(); ++i) {
    boxes[i].put(i);
    EXPECT_FALSE(all.all_empty());
    EXPECT_EQ(all.take_any(), i);
    EXPECT_TRUE(all.all_empty());
  }
}

TEST(mailboxes, give_only_old_tickets_to_who_asks_for_them) {
  mailboxes all;
  std::deque<mailbox> boxes(3);
  for (mailbox& one : boxes) all.add(one);
  boxes[0].put(10);
  boxes[2].put(12);
  bool fresh = false;
  EXPECT_EQ(all.take_any_old(fresh), nothing);
  EXPECT_TRUE(fresh);
  boxes[2].take_back(12);
  boxes[2].put(12);
  EXPECT_EQ(all.take_any_old(fresh), 10u);
}

TEST(mailboxes, are_put_away_when_empty_and_looked_into_again_once_used) {
  mailboxes all;
  std::deque<mailbox> boxes(200);
  for (mailbox& one : boxes) all.add(one);
  EXPECT_TRUE(all.put_away());
  for (std::uint32_t i = 0; i < boxes.size(); ++i) {
    boxes[i].put(i);
    EXPECT_FALSE(all.put_away());
    EXPECT_EQ(all.take_any(), i);
    EXPECT_TRUE(all.put_away());
  }
  boxes[7].put(1);
  boxes[170].put(2);
  EXPECT_FALSE(all.put_away());
  EXPECT_EQ(all.take_any(), 1u);
  EXPECT_FALSE(all.put_away());
  EXPECT_EQ(all.take_any(), 2u);
  EXPECT_TRUE(all.all_empty());
}

// Boxes are put away while their owner puts a ticket into one: once both have returned it must be found.
TEST(mailboxes, keep_no_ticket_from_who_looks_after_they_were_put_away) {
  constexpr std::uint32_t rounds = 20'000;
  mailboxes all;
  mailbox box;
  all.add(box);
  std::atomic<std::uint32_t> begun{0}, put_away{0};
  std::atomic<std::size_t> overlooked{0}, met{0};
  run_together(2, [&](std::size_t me) {
    for (std::uint32_t round = 1; round <= rounds; ++round) {
      if (me == 0) {
        begun = round;
        box.put(round);
        while (put_away != round) give_way(1);
        overlooked += all.take_any() == round ? 0u : 1u;
      } else {
        while (begun != round) give_way(1);
        met += all.put_away() ? 0u : 1u;
        put_away = round;
      }
    }
  });
  EXPECT_EQ(overlooked.load(), 0u);
  EXPECT_GT(met.load(), 0u);
}

TEST(mailboxes, give_each_ticket_to_exactly_one) {
  constexpr std::size_t owners = 2;
  constexpr std::size_t lookers = 2;
  constexpr std::uint32_t each = 50'000;
  mailboxes all;
  std::deque<mailbox> boxes(owners);
  for (mailbox& one : boxes) all.add(one);
  std::vector<std::atomic<std::uint32_t>> had(owners * each);
  std::atomic<std::size_t> working{owners};
  std::atomic<std::size_t> looked_up{0};
  run_together(owners + lookers, [&](std::size_t me) {
    if (me < owners) {
      for (std::uint32_t i = 0; i < each; ++i) {
        const auto ticket = static_cast<std::uint32_t>(me * each + i);
        const std::uint32_t before = boxes[me].put(ticket);
        if (before != nothing) ++had[before];
        if (i % 16 < 2) give_way(1);
        if (i % 4 == 0) continue;  // left for others, or for the next put
        spin(i % 64);
        if (boxes[me].take_back(ticket)) ++had[ticket];
      }
      --working;
      return;
    }
    while (working != 0 || !all.all_empty()) {
      bool fresh = false;
      const std::uint32_t found = me % 2 == 0 ? all.take_any() : all.take_any_old(fresh);
      if (found == nothing) {
        give_way(1);
        continue;
      }
      ++had[found];
      ++looked_up;
    }
  });
  std::size_t once = 0;
  for (const auto& count : had) once += count.load() == 1 ? 1u : 0u;
  EXPECT_EQ(once, owners * each);
  print_reached("tickets found by lookers", looked_up.load());
}

}  // namespace

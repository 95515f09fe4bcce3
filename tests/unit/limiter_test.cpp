// The packed word that admits workers to a group: every transition with its duty, and the limit under fire.
#include "core/limiter/limiter.h"
#include "tests/support/concurrency_meter.h"
#include "tests/unit/crowd.h"

#include <gtest/gtest.h>
#include <threadgroup/group.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <vector>

namespace {

using namespace tg_test;
using tg::limiter::duty;
using tg::limiter::limit_word;
using tg::limiter::limiter;
using tg::limiter::seat;
using entry = limiter::entry;

constexpr std::uint32_t most = limit_word::max_limit;

// Whoever leaves first leaves as the lead, if there is one: the word does not know who is who.
class limited : public limiter {
 public:
  explicit limited(std::uint32_t limit) { EXPECT_TRUE(prepare(limit)); }

  entry enter_by_ticket(bool drain) {
    seat got = seat::none;
    const entry how = limiter::enter_by_ticket(drain, got);
    if (got == seat::lead) {
      EXPECT_FALSE(has_lead_.exchange(true));
    }
    return how;
  }
  bool enter(bool drain) {
    const seat got = limiter::enter(drain);
    if (got == seat::lead) {
      EXPECT_FALSE(has_lead_.exchange(true));
    }
    return got != seat::none;
  }
  duty leave() { return limiter::leave(has_lead_.exchange(false) ? seat::lead : seat::plain); }

 private:
  std::atomic<bool> has_lead_{false};
};

// --- The word ------------------------------------------------------------------------------------

TEST(limit_word, keeps_its_fields_apart) {
  for (const std::uint32_t limit : {0u, 1u, 32u, most}) {
    limit_word word = limit_word::fresh(limit);
    EXPECT_EQ(word.limit(), limit);
    EXPECT_EQ(word.assigned(), 0u);
    EXPECT_FALSE(word.has_ticket());
    EXPECT_FALSE(word.is_dead());
    word = word.with_one_more().with_one_more().with_ticket().dead();
    EXPECT_EQ(word.limit(), limit);
    EXPECT_EQ(word.assigned(), 2u);
    EXPECT_TRUE(word.has_ticket());
    EXPECT_TRUE(word.is_dead());
    word = word.with_limit(most - limit).without_ticket().with_one_less(false);
    EXPECT_EQ(word.limit(), most - limit);
    EXPECT_EQ(word.assigned(), 1u);
    EXPECT_FALSE(word.has_ticket());
    EXPECT_TRUE(word.is_dead());
    EXPECT_TRUE(word.has_lead());
    word = word.with_one_less(true);
    EXPECT_EQ(word.assigned(), 0u);
    EXPECT_FALSE(word.has_lead());
    EXPECT_EQ(word.limit(), most - limit);
  }
}

TEST(limit_word, has_room_below_the_limit_only) {
  EXPECT_FALSE(limit_word::fresh(0).has_room());
  EXPECT_TRUE(limit_word::fresh(1).has_room());
  EXPECT_FALSE(limit_word::fresh(1).with_one_more().has_room());
  EXPECT_FALSE(limit_word::fresh(1).with_one_more().with_one_more().has_room());
  EXPECT_TRUE(limit_word::fresh(2).with_one_more().has_room());
}

TEST(limit_word, counts_drainers_beyond_the_highest_limit) {
  limit_word word = limit_word::fresh(most);
  for (std::uint32_t i = 0; i < most; ++i) word = word.with_one_more();
  EXPECT_FALSE(word.has_room());
  for (int i = 0; i < 1000; ++i) word = word.with_one_more();
  EXPECT_EQ(word.assigned(), most + 1000);
  EXPECT_EQ(word.limit(), most);
  EXPECT_FALSE(word.has_ticket());
}

TEST(limit_word, is_unused_when_dead_without_ticket_and_worker) {
  const limit_word word = limit_word::fresh(3);
  EXPECT_FALSE(word.is_unused());
  EXPECT_TRUE(word.dead().is_unused());
  EXPECT_FALSE(word.dead().with_ticket().is_unused());
  EXPECT_FALSE(word.dead().with_one_more().is_unused());
}

// --- Transitions ---------------------------------------------------------------------------------

TEST(limiter, has_the_limit_that_groups_promise) {
  EXPECT_EQ(tg::group::max_limit, most);
  EXPECT_EQ(limited(7).limit(), 7u);
}

TEST(limiter, gives_its_ticket_to_one) {
  limited word(2);
  EXPECT_TRUE(word.take_ticket(false));
  EXPECT_FALSE(word.take_ticket(false));
  EXPECT_FALSE(word.take_ticket(true));
  EXPECT_EQ(word.enter_by_ticket(false), entry::entered);
  EXPECT_TRUE(word.take_ticket(false));
}

TEST(limiter, gives_no_ticket_without_room_but_to_a_drainer) {
  limited paused(0);
  EXPECT_FALSE(paused.take_ticket(false));
  EXPECT_TRUE(paused.take_ticket(true));
  EXPECT_EQ(paused.enter_by_ticket(false), entry::full);
  EXPECT_FALSE(paused.read().has_ticket());
  EXPECT_TRUE(paused.take_ticket(true));
  EXPECT_EQ(paused.enter_by_ticket(true), entry::entered);
  EXPECT_TRUE(paused.is_over());
}

TEST(limiter, lets_no_more_in_than_the_limit) {
  for (const std::uint32_t limit : {0u, 1u, 2u, 32u}) {
    limited word(limit);
    for (std::uint32_t i = 0; i < limit; ++i) EXPECT_TRUE(word.enter(false));
    EXPECT_FALSE(word.enter(false));
    EXPECT_EQ(word.read().assigned(), limit);
    EXPECT_FALSE(word.is_over());
    EXPECT_TRUE(word.enter(true));
    EXPECT_EQ(word.read().assigned(), limit + 1);
    EXPECT_TRUE(word.is_over());
  }
}

TEST(limiter, has_one_lead_at_a_time) {
  limiter word;
  ASSERT_TRUE(word.prepare(4));
  EXPECT_EQ(word.enter(false), seat::lead);
  EXPECT_EQ(word.enter(false), seat::plain);
  ASSERT_TRUE(word.take_ticket(false));
  seat got = seat::none;
  EXPECT_EQ(word.enter_by_ticket(false, got), entry::entered);
  EXPECT_EQ(got, seat::plain);
  EXPECT_EQ(word.leave(seat::lead), duty::look);
  EXPECT_EQ(word.enter(false), seat::lead);
  EXPECT_EQ(word.leave(seat::plain), duty::look);
  EXPECT_EQ(word.enter(true), seat::plain);
  EXPECT_EQ(word.read().assigned(), 3u);
}

TEST(limiter, gives_the_ticket_up_also_when_it_is_full) {
  limited word(1);
  ASSERT_TRUE(word.take_ticket(false));
  ASSERT_TRUE(word.enter(false));
  EXPECT_EQ(word.enter_by_ticket(false), entry::full);
  EXPECT_FALSE(word.read().has_ticket());
  EXPECT_EQ(word.read().assigned(), 1u);
}

TEST(limiter, has_who_leaves_look_at_the_queue) {
  limited word(2);
  ASSERT_TRUE(word.enter(false));
  ASSERT_TRUE(word.enter(false));
  EXPECT_EQ(word.leave(), duty::look);
  EXPECT_EQ(word.leave(), duty::look);
  EXPECT_EQ(word.read().assigned(), 0u);
}

TEST(limiter, has_who_raises_the_limit_look_at_the_queue) {
  limited word(5);
  EXPECT_EQ(word.set_limit(6), duty::look);
  EXPECT_EQ(word.set_limit(6), duty::none);
  EXPECT_EQ(word.set_limit(2), duty::none);
  EXPECT_EQ(word.set_limit(0), duty::none);
  EXPECT_EQ(word.set_limit(1), duty::look);
  EXPECT_EQ(word.limit(), 1u);
}

TEST(limiter, saturates_a_limit_that_is_too_high) {
  limited word(1);
  EXPECT_EQ(word.set_limit(UINT32_MAX), duty::look);
  EXPECT_EQ(word.limit(), most);
  EXPECT_EQ(word.read().assigned(), 0u);
  EXPECT_FALSE(word.read().has_ticket());
  EXPECT_EQ(word.set_limit(most), duty::none);
}

TEST(limiter, keeps_who_is_inside_when_the_limit_is_lowered) {
  limited word(3);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(word.enter(false));
  EXPECT_EQ(word.set_limit(1), duty::none);
  EXPECT_TRUE(word.is_over());
  EXPECT_EQ(word.leave(), duty::look);
  EXPECT_TRUE(word.is_over());
  EXPECT_FALSE(word.enter(false));
  EXPECT_EQ(word.leave(), duty::look);
  EXPECT_FALSE(word.is_over());
  EXPECT_FALSE(word.enter(false));
  EXPECT_EQ(word.leave(), duty::look);
  EXPECT_TRUE(word.enter(false));
}

TEST(limiter, takes_back_a_ticket_that_nobody_else_has_had) {
  limited word(2);
  ASSERT_TRUE(word.enter(false));
  ASSERT_TRUE(word.take_ticket(false));
  word.give_up_ticket();
  EXPECT_FALSE(word.read().has_ticket());
  EXPECT_EQ(word.read().assigned(), 1u);
  EXPECT_EQ(word.limit(), 2u);
  EXPECT_TRUE(word.take_ticket(false));
  word.give_up_ticket();
  EXPECT_EQ(word.die(), duty::none);
  EXPECT_EQ(word.leave(), duty::free);
}

// --- The end -------------------------------------------------------------------------------------

TEST(limiter, is_freed_by_its_death_when_nobody_is_there) { EXPECT_EQ(limited(1).die(), duty::free); }

TEST(limiter, is_freed_by_the_last_who_leaves) {
  limited word(2);
  ASSERT_TRUE(word.enter(false));
  ASSERT_TRUE(word.enter(false));
  EXPECT_EQ(word.die(), duty::none);
  EXPECT_EQ(word.leave(), duty::none);
  EXPECT_EQ(word.leave(), duty::free);
}

TEST(limiter, is_freed_by_the_holder_of_the_ticket) {
  limited word(2);
  ASSERT_TRUE(word.take_ticket(false));
  EXPECT_EQ(word.die(), duty::none);
  EXPECT_EQ(word.enter_by_ticket(true), entry::gone_last);
}

TEST(limiter, is_freed_once_when_a_ticket_is_out_and_a_worker_inside) {
  for (const bool ticket_first : {true, false}) {
    limited word(2);
    ASSERT_TRUE(word.enter(false));
    ASSERT_TRUE(word.take_ticket(false));
    EXPECT_EQ(word.die(), duty::none);
    if (ticket_first) {
      EXPECT_EQ(word.enter_by_ticket(false), entry::gone);
      EXPECT_EQ(word.leave(), duty::free);
    } else {
      EXPECT_EQ(word.leave(), duty::none);
      EXPECT_EQ(word.enter_by_ticket(false), entry::gone_last);
    }
  }
}

TEST(limiter, lets_nobody_in_once_dead) {
  limited word(2);
  ASSERT_TRUE(word.enter(false));
  EXPECT_EQ(word.die(), duty::none);
  EXPECT_FALSE(word.take_ticket(false));
  EXPECT_FALSE(word.take_ticket(true));
  EXPECT_FALSE(word.enter(false));
  EXPECT_FALSE(word.enter(true));
  EXPECT_EQ(word.leave(), duty::free);
  ASSERT_TRUE(word.prepare(1));
  EXPECT_TRUE(word.enter(false));
}

// A ticket that was taken late, of a slot that nobody has, is the next tenant's: who comes by it is counted, and that
// tenant's limit holds.
TEST(limiter, keeps_a_late_ticket_for_the_next_tenant) {
  limited word(2);
  EXPECT_EQ(word.die(), duty::free);
  ASSERT_TRUE(word.take_ticket(true));
  ASSERT_TRUE(word.prepare(1));
  EXPECT_EQ(word.limit(), 1u);
  EXPECT_FALSE(word.take_ticket(false));
  EXPECT_EQ(word.enter_by_ticket(false), entry::entered);
  EXPECT_FALSE(word.enter(false));
  EXPECT_EQ(word.die(), duty::none);
  EXPECT_EQ(word.leave(), duty::free);
}

// Who has come by it before the next tenant would take up that one's room: the slot is left to it.
TEST(limiter, is_nobodys_while_a_latecomer_is_there) {
  limited word(2);
  EXPECT_EQ(word.die(), duty::free);
  ASSERT_TRUE(word.take_ticket(true));
  EXPECT_EQ(word.enter_by_ticket(false), entry::entered);
  EXPECT_FALSE(word.prepare(1));
  EXPECT_EQ(word.limit(), 2u);
  EXPECT_EQ(word.die(), duty::none);
  EXPECT_EQ(word.leave(), duty::free);
  EXPECT_TRUE(word.prepare(1));
}

TEST(limiter, is_freed_by_exactly_one_of_many) {
  std::optional<limited> word;
  std::vector<int> frees(3, 0);
  std::vector<int> freed_by(3, 0);
  std::size_t not_once = 0;
  repeat_together(
      3, 3000,
      [&](std::size_t) {
        word.emplace(4);
        EXPECT_TRUE(word->enter(false));
        EXPECT_TRUE(word->take_ticket(false));
        frees.assign(3, 0);
      },
      [&](std::size_t round, std::size_t me) {
        give_way((round + me) % 3);
        switch (me) {
          case 0:
            frees[me] = word->leave() == duty::free;
            break;
          case 1:
            frees[me] = word->die() == duty::free;
            break;
          default: {
            const entry by_ticket = word->enter_by_ticket(false);
            frees[me] =
                by_ticket == entry::gone_last || (by_ticket == entry::entered && word->leave() == duty::free);
          }
        }
      },
      [&](std::size_t) {
        if (frees[0] + frees[1] + frees[2] != 1) ++not_once;
        for (std::size_t me = 0; me < frees.size(); ++me) freed_by[me] += frees[me];
      });
  EXPECT_EQ(not_once, 0u);
  print_reached("freed by the worker", freed_by[0]);
  print_reached("freed by the end of the group", freed_by[1]);
  print_reached("freed by the ticket's holder", freed_by[2]);
}

// --- A group in small ----------------------------------------------------------------------------

// The protocol around the word: a counter for the queue, a counter for the ready queue.
class model_group {
 public:
  explicit model_group(std::uint32_t limit) : limits_(limit) {}

  void add() {
    queued_.fetch_add(1);
    look();
  }
  // Pops the ticket, if it is out.
  void serve_ticket() {
    int one = 1;
    if (!ready_.compare_exchange_strong(one, 0)) return;
    if (limits_.enter_by_ticket(false) == entry::entered) {
      work(true);
    } else {
      look();
    }
  }
  // As a joiner does.
  void help() {
    if (queued_.load() > 0 && limits_.enter(false)) work(false);
  }
  void set_limit(std::uint32_t limit) {
    if (limits_.set_limit(limit) == duty::look) look();
  }

  int queued() const { return queued_.load(); }
  bool has_ticket() const { return limits_.read().has_ticket(); }
  bool has_room() const { return limits_.read().has_room(); }
  bool is_empty_inside() const { return limits_.read().assigned() == 0; }
  std::size_t highest() const { return meter_.highest(); }
  std::size_t done() const { return done_.load(); }
  int doubled_tickets() const { return doubled_.load(); }

 private:
  void look() {
    if (queued_.load() > 0 && limits_.take_ticket(false) && ready_.fetch_add(1) != 0) ++doubled_;
  }
  bool claim() {
    int seen = queued_.load();
    while (seen > 0) {
      if (queued_.compare_exchange_weak(seen, seen - 1)) return true;
    }
    return false;
  }
  void work(bool renews) {
    {
      const concurrency_meter::visit inside(meter_);
      for (int slice = 3; slice > 0 && !limits_.is_over() && claim(); --slice) {
        if (renews) look();
        renews = false;
        ++done_;
        spin(20);
        if (done_.load() % 8 == 0) give_way(1);
      }
    }
    if (limits_.leave() == duty::look) look();
  }

  limited limits_;
  std::atomic<int> queued_{0};
  std::atomic<int> ready_{0};
  std::atomic<int> doubled_{0};
  std::atomic<std::size_t> done_{0};
  concurrency_meter meter_;
};

// A queued task, a place for it, and nobody coming: what must never be.
void expect_nothing_stranded(model_group& group) {
  EXPECT_TRUE(group.is_empty_inside());
  if (group.queued() > 0 && group.has_room()) {
    EXPECT_TRUE(group.has_ticket());
  }
  for (int turn = 0; group.queued() > 0 && turn < 1'000'000; ++turn) group.serve_ticket();
  EXPECT_EQ(group.queued(), 0);
  EXPECT_EQ(group.doubled_tickets(), 0);
}

TEST(limiter, holds_the_limit_and_strands_nothing_whatever_threads_do) {
  print_seed();
  constexpr std::size_t threads = 4;
  constexpr int steps = 40'000;
  for (const std::uint32_t limit : {1u, 2u, 3u}) {
    model_group group(limit);
    std::atomic<std::size_t> added{0};
    run_together(threads, [&](std::size_t me) {
      random_source random(me + limit * 10);
      for (int i = 0; i < steps; ++i) {
        switch (random.below(3)) {
          case 0:
            group.add();
            ++added;
            break;
          case 1:
            group.serve_ticket();
            break;
          default:
            group.help();
            break;
        }
      }
    });
    EXPECT_LE(group.highest(), limit);
    expect_nothing_stranded(group);
    EXPECT_EQ(group.done(), added.load());
    print_reached("most inside", group.highest());
  }
}

TEST(limiter, strands_nothing_while_the_limit_changes) {
  print_seed();
  constexpr std::size_t threads = 4;
  constexpr std::uint32_t highest_limit = 3;
  model_group group(1);
  run_together(threads, [&](std::size_t me) {
    random_source random(100 + me);
    for (int i = 0; i < 40'000; ++i) {
      switch (random.below(me == 0 ? 4 : 3)) {
        case 0:
          group.add();
          break;
        case 1:
          group.serve_ticket();
          break;
        case 2:
          group.help();
          break;
        default:
          group.set_limit(static_cast<std::uint32_t>(random.below(highest_limit + 1)));
          break;
      }
    }
  });
  EXPECT_LE(group.highest(), highest_limit);
  group.set_limit(1);
  expect_nothing_stranded(group);
}

// The narrowest case: the queue runs empty all the time, and every leave meets an add.
TEST(limiter, misses_no_add_beside_a_leave) {
  model_group group(1);
  std::size_t stranded = 0;
  std::size_t served = 0;
  repeat_together(
      2, 30'000, [](std::size_t) {},
      [&](std::size_t round, std::size_t me) {
        if (me == 0) {
          give_way(round % 3);
          spin(round % 40);
          group.add();
        } else {
          group.add();
          group.serve_ticket();
        }
      },
      [&](std::size_t) {
        if (group.queued() == 0) ++served;
        if (group.queued() != 0 && !group.has_ticket()) ++stranded;
        while (group.queued() != 0 && group.has_ticket()) group.serve_ticket();
      });
  EXPECT_EQ(stranded, 0u);
  EXPECT_EQ(group.done(), 60'000u);
  EXPECT_EQ(group.highest(), 1u);
  EXPECT_EQ(group.doubled_tickets(), 0);
  print_reached("rounds that found both tasks in time", served);
}

}  // namespace

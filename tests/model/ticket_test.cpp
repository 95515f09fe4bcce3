// The limiter's word and the queue alone, with the steps that flow/ takes around them: few enough for all interleavings.
#include "core/limiter/limiter.h"
#include "tests/model/queue_model.h"

#include <gtest/gtest.h>

namespace {

using namespace model_test;
namespace base = tg::base;
using tg::limiter::duty;
using tg::limiter::limiter;
using tg::limiter::seat;
using entry = limiter::entry;

class serviced_group {
 public:
  explicit serviced_group(std::uint32_t limit) : tasks_(3) { static_cast<void>(limits.prepare(limit)); }

  void add(std::size_t thread) {
    tasks_.push(thread, 1);
    send();
  }
  void send() {
    for (;;) {
      const tg::limiter::limit_word word = limits.read();
      if (word.has_ticket() || word.is_dead() || !word.has_room()) return;
      if (!limits.take_ticket(false)) continue;
      model::check(announced_.fetch_add(1, base::relaxed) == 0, "two tickets of one group");
      return;
    }
  }
  // True: the ticket that was announced is the caller's.
  bool pop() { return announced_.exchange(0, base::relaxed) != 0; }
  bool is_announced() { return announced_.load(base::relaxed) != 0; }

  void work(std::size_t thread) {
    tg::queue::fifo::claimed out{};
    while (tasks_.claim(thread, out)) {
    }
  }
  void leave(seat as) {
    if (limits.leave(as) == duty::look) look();
  }
  void look() {
    if (tasks_.has_items()) send();
  }
  void serve(std::size_t thread) {
    seat as = seat::none;
    switch (limits.enter_by_ticket(false, as)) {
      case entry::entered:
        work(thread);
        return leave(as);
      case entry::full:
        return look();
      default:
        return;
    }
  }
  // At rest: no task waits beside room, unless the group is announced.
  void check_at_rest() {
    const tg::limiter::limit_word word = limits.read();
    const bool waits = tasks_.has_items() && word.has_room();
    if (waits) model::reached("announced");
    model::check(!waits || is_announced(), "a queued task, room, and nobody coming");
    model::check(word.has_ticket() == is_announced(), "a ticket that nobody has");
  }

  limiter limits;

 private:
  fifo_model tasks_;
  base::atomic<std::uint32_t> announced_{0};
};

const model::plan few_steps{.schedules = 20'000, .within = {3, 3, 0}};

TEST(ticket, who_leaves_or_who_adds_sends_for_a_worker) {
  model::explore(few_steps, [] {
    serviced_group group(1);
    if (group.limits.enter(false) != seat::lead) model::fail("no room");
    model::thread worker([&] {
      group.work(1);
      group.leave(seat::lead);
    });
    group.add(0);
    worker.join();
    group.check_at_rest();
  });
}

TEST(ticket, who_gives_it_up_finds_what_was_added_beside_it) {
  model::explore(few_steps, [] {
    serviced_group group(1);
    group.send();
    if (!group.pop()) model::fail("no ticket");
    model::thread worker([&] { group.serve(1); });
    group.add(0);
    worker.join();
    group.check_at_rest();
  });
}

TEST(ticket, who_gives_it_up_without_room_looks_again) {
  model::explore(few_steps, [] {
    serviced_group group(1);
    group.send();
    if (!group.pop() || group.limits.enter(false) != seat::lead) model::fail("no ticket");
    model::thread late([&] { group.serve(1); });
    model::thread worker([&] {
      group.work(2);
      group.leave(seat::lead);
    });
    group.add(0);
    late.join();
    worker.join();
    group.check_at_rest();
  });
}

TEST(ticket, a_joiner_gives_back_what_it_has_offered) {
  model::explore(few_steps, [] {
    serviced_group group(2);
    if (group.limits.enter(false) != seat::lead) model::fail("no room");
    group.send();
    if (!group.pop()) model::fail("no ticket");
    model::thread joiner([&] {
      group.work(1);
      group.limits.give_up_ticket();
      group.leave(seat::lead);
    });
    group.add(0);
    joiner.join();
    group.check_at_rest();
  });
}

TEST(ticket, who_raises_the_limit_or_who_adds_sends_for_a_worker) {
  model::explore(few_steps, [] {
    serviced_group group(0);
    model::thread raiser([&] {
      if (group.limits.set_limit(1) == duty::look) group.look();
    });
    group.add(0);
    raiser.join();
    group.check_at_rest();
  });
}

TEST(ticket, one_ticket_for_two_who_add) {
  model::explore(few_steps, [] {
    serviced_group group(2);
    model::thread other([&] { group.add(1); });
    group.add(0);
    other.join();
    group.check_at_rest();
  });
}

// What those did who have served it comes before the slot is somebody else's; and one frees it.
TEST(ticket, the_last_one_frees_a_dead_group) {
  model::explore({.schedules = 20'000,
                  .within = {3, 2, 0},
                  .reaches = {"by the owner", "by who leaves", "by who has the ticket"}},
                 [] {
                   limiter limits;
                   static_cast<void>(limits.prepare(2));
                   if (limits.enter(false) != seat::lead || !limits.take_ticket(false))
                     model::fail("no room");
                   int slot[3] = {};
                   unsigned frees = 0;
                   const auto free = [&](const char* by) {
                     model::reached(by);
                     for (int& one : slot) one = -1;
                     ++frees;
                   };
                   model::thread leaver([&] {
                     slot[0] = 1;
                     if (limits.leave(seat::lead) == duty::free) free("by who leaves");
                   });
                   model::thread holder([&] {
                     slot[1] = 1;
                     seat as = seat::none;
                     switch (limits.enter_by_ticket(false, as)) {
                       case entry::gone_last:
                         return free("by who has the ticket");
                       case entry::entered:
                         slot[1] = 2;
                         if (limits.leave(as) == duty::free) free("by who leaves");
                         return;
                       default:
                         return;
                     }
                   });
                   slot[2] = 1;
                   if (limits.die() == duty::free) free("by the owner");
                   leaver.join();
                   holder.join();
                   model::check(frees == 1, "a slot is freed twice or not at all");
                 });
}

// Tasks of one at a time follow each other, whichever way their workers came in.
TEST(ticket, never_more_than_the_limit) {
  model::explore(few_steps, [] {
    limiter limits;
    static_cast<void>(limits.prepare(1));
    if (!limits.take_ticket(false)) model::fail("no room");
    int inside = 0;
    const auto stay = [&](seat as) {
      if (as == seat::none) return;
      model::check(++inside == 1, "more than the limit");
      --inside;
      static_cast<void>(limits.leave(as));
    };
    model::thread by_ticket([&] {
      seat as = seat::none;
      static_cast<void>(limits.enter_by_ticket(false, as));
      stay(as);
    });
    model::thread joiner([&] { stay(limits.enter(false)); });
    stay(limits.enter(false));
  });
}

// A ticket was taken late, of a slot that nobody has. Whoever comes by it knows the limit of the tenant whose tasks it
// claims.
TEST(ticket, who_comes_late_does_not_run_a_task_of_a_paused_group) {
  model::explore({.schedules = 20'000, .within = {3, 3, 0}, .reaches = {"prepared", "left to who came late"}},
                 [] {
                   limiter limits;
                   if (!limits.prepare(1) || limits.die() != duty::free || !limits.take_ticket(true))
                     model::fail("no ticket");
                   base::atomic<std::uint32_t> queued{0};
                   model::thread late([&] {
                     seat as = seat::none;
                     if (limits.enter_by_ticket(false, as) != entry::entered) return;
                     if (!limits.is_over())
                       model::check(queued.load(base::acquire) == 0, "a task of a paused group runs");
                     static_cast<void>(limits.leave(as));
                   });
                   const bool prepared = limits.prepare(0);
                   if (prepared) queued.store(1, base::release);
                   model::reached(prepared ? "prepared" : "left to who came late");
                   late.join();
                 });
}

}  // namespace

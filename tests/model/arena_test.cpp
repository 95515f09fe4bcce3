// The parts of the arena, each alone: mailboxes, the housekeeper, and the muster with the gate that oneTBB's late functors
// find closed. The crew: crew_test.cpp.
#include "core/arena/housekeeper.h"
#include "core/arena/mailbox.h"
#include "core/arena/muster.h"
#include "tests/model/runtime_model.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <memory>

namespace {

using namespace model_test;
using tg::arena::mailbox;
using tg::arena::mailboxes;

constexpr std::uint32_t nothing = mailbox::nothing;
const model::plan few_steps{.schedules = 20'000, .within = {3, 3, 0}};

// --- mailboxes -----------------------------------------------------------------------------------------------

// The owner puts, then looks whether somebody is awake; who goes to sleep says so, then looks into the mailboxes.
void put_against_parking(bool used_before) {
  mailboxes all;
  mailbox mine;
  all.add(mine);
  if (used_before) {
    static_cast<void>(mine.put(3));
    model::check(mine.take_back(3), "a ticket is lost");
  }
  base::atomic<std::uint32_t> awake{1};
  bool put_away = false;
  model::thread parker([&] {
    awake.exchange(0, base::seq_cst);
    put_away = all.put_away();
  });
  static_cast<void>(mine.put(5));
  const bool relies = awake.load(base::seq_cst) != 0;
  parker.join();
  if (relies) model::reached("relied upon");
  if (!put_away) model::reached("found");
  model::check(!relies || !put_away, "a ticket in a mailbox that nobody looks at");
  model::check(all.take_any() == 5, "a mailbox that was put away with a ticket in it");
}

TEST(mailbox, a_ticket_is_not_put_away) {
  const model::plan plan{.schedules = 20'000, .within = {3, 3, 0}, .reaches = {"relied upon", "found"}};
  model::explore(plan, [] { put_against_parking(false); });
  model::explore(plan, [] { put_against_parking(true); });
}

// One looks while another one, who parks, takes the bit away: one of them finds the ticket.
TEST(mailbox, a_ticket_is_found_by_one_of_two_who_park) {
  model::explore({.schedules = 20'000, .within = {3, 3, 0}, .reaches = {"relied upon"}}, [] {
    mailboxes all;
    mailbox mine;
    all.add(mine);
    static_cast<void>(mine.put(3));
    model::check(mine.take_back(3), "a ticket is lost");
    base::atomic<std::uint32_t> awake{1};
    bool found_by_first = false;
    model::thread first([&] { found_by_first = !all.put_away(); });
    bool found_by_second = false;
    model::thread second([&] {
      awake.exchange(0, base::seq_cst);
      found_by_second = !all.all_empty();
    });
    static_cast<void>(mine.put(5));
    const bool relies = awake.load(base::seq_cst) != 0;
    first.join();
    second.join();
    if (relies) model::reached("relied upon");
    model::check(!relies || found_by_first || found_by_second, "a ticket in a mailbox that nobody looks at");
    model::check(all.take_any() == 5, "a mailbox that was put away with a ticket in it");
  });
}

TEST(mailbox, a_ticket_is_one_threads) {
  model::explore(
      {.schedules = 20'000, .within = {3, 2, 0}, .reaches = {"taken", "taken when old", "taken back"}}, [] {
        mailboxes all;
        mailbox mine;
        all.add(mine);
        int group = 0;
        const auto use = [&](bool has, const char* how) {
          if (!has) return;
          ++group;
          model::reached(how);
        };
        model::thread taker([&] { use(all.take_any() != nothing, "taken"); });
        model::thread other([&] {
          bool fresh = false;
          static_cast<void>(all.take_any_old(fresh));
          use(all.take_any_old(fresh) != nothing, "taken when old");
        });
        group = 1;
        static_cast<void>(mine.put(5));
        use(mine.take_back(5), "taken back");
        taker.join();
        other.join();
        use(all.take_any() != nothing, "taken");
        model::check(group == 2, "a ticket is served twice or not at all");
      });
}

// What the owner did before it put a ticket is known to who takes it, also if the taker has looked at another one before.
TEST(mailbox, who_takes_a_ticket_sees_what_came_before_it) {
  model::explore({.schedules = 8'000, .within = {3, 2, 0}, .reaches = {"the first", "the second"}}, [] {
    mailboxes all;
    mailbox mine;
    all.add(mine);
    static_cast<void>(mine.put(3));
    model::check(mine.take_back(3), "a ticket is lost");
    int data[2] = {};
    const bool old = model::any_of(2) != 0;
    model::thread taker([&] {
      bool fresh = false;
      if (old) static_cast<void>(all.take_any_old(fresh));
      const std::uint32_t found = old ? all.take_any_old(fresh) : all.take_any();
      if (found == nothing) return;
      model::check(data[found] == 1, "a ticket without what came before it");
      model::reached(found == 0 ? "the first" : "the second");
    });
    for (const std::uint32_t group : {0, 1}) {
      data[group] = 1;
      static_cast<void>(mine.put(group));
      if (group == 0) static_cast<void>(mine.take_back(group));
    }
  });
}

// Two threads come whose mailboxes need another shelf.
TEST(mailbox, a_new_shelf_is_seen_whole) {
  model::explore(few_steps, [] {
    mailboxes all;
    std::deque<mailbox> mine(tg::arena::shelf::capacity + 2);
    {
      const model::calm beginning;
      for (std::size_t i = 0; i < tg::arena::shelf::capacity; ++i) all.add(mine[i]);
    }
    const auto add = [&](std::uint32_t number) {
      mailbox& one = mine[tg::arena::shelf::capacity + number];
      all.add(one);
      static_cast<void>(one.put(5 + number));
    };
    model::thread first([&] { add(0); });
    model::thread second([&] { add(1); });
    std::uint32_t sum = 0;
    const auto take = [&] {
      const std::uint32_t found = all.take_any();
      if (found != nothing) sum += found;
    };
    take();
    first.join();
    second.join();
    take();
    take();
    model::check(sum == 11, "a ticket on a new shelf is lost");
  });
}

// --- the housekeeper -----------------------------------------------------------------------------------------

TEST(housekeeper, a_call_is_heard) {
  model::explore({.schedules = 20'000, .within = {3, 2, 1}, .with = {.time_rescues = false}}, [] {
    struct state {
      base::atomic<std::uint32_t> wanted{0};
      flag done;
    } here;
    tg::arena::housekeeper keeper(
        [](void* at, tg::detail::deadline_ns) {
          auto& state = *static_cast<struct state*>(at);
          if (state.wanted.load(base::relaxed) != 0) state.done.give();  // a call publishes
          return tg::detail::for_ever;
        },
        &here, "keeper");
    keeper.start();
    model::thread other([&] { keeper.call(); });
    here.wanted.store(1, base::relaxed);
    keeper.call();
    here.done.await();
    other.join();
    keeper.stop();
  });
}

// --- the muster ----------------------------------------------------------------------------------------------

// Who pops a parked spare beside others, and one that parks again, knows what is below it now: no spare is told twice.
TEST(muster, a_spare_is_called_by_one) {
  model::explore({.schedules = 4'000, .within = {1, 2, 0}, .with = with_time}, [] {
    struct {
      base::atomic<std::uint32_t> came{0};
      base::atomic<std::uint32_t> may_end{0};
    } here;
    const auto run = [](void* at) noexcept {
      auto& in = *static_cast<decltype(here)*>(at);
      in.came.fetch_add(1, base::relaxed);
      while (in.may_end.load(base::relaxed) == 0) model::spin();
    };
    std::unique_ptr<tg::arena::muster> all;
    const auto call = [&] { return all->call_one(); };
    {
      const model::calm beginning;
      all = std::make_unique<tg::arena::muster>(
          tg::arena::muster_settings{1, 1, "model", {}}, run, &here, [](void*) {}, nullptr);
      for (int i = 0; i < 3; ++i) static_cast<void>(call());  // one spare, oneTBB's worker, another spare
      static_cast<void>(all->tend(tg::detail::now_ns(), false));
      while (here.came.load(base::relaxed) < 3) model::spin();
      here.may_end.store(1, base::relaxed);
      model::settle();
    }
    {
      model::thread other([&] { static_cast<void>(call()); });
      for (int i = 0; i < 2; ++i) static_cast<void>(call());
    }
    const model::calm end;
    model::settle();
    unsigned called = 0;
    while (called < 3 && call()) ++called;
    model::check(called == 2, "a spare is parked twice or not at all");
  });
}

// What oneTBB runs after the muster has gone does not touch it.
TEST(muster, a_late_functor_finds_the_gate_closed) {
  model::explore(
      {.schedules = 20'000, .within = {3, 1, 1}, .with = with_time, .reaches = {"in time", "late or never"}},
      [] {
        base::atomic<std::uint32_t> came{0};
        {
          auto all = std::make_unique<tg::arena::muster>(
              tg::arena::muster_settings{1, 0, "model", {}},
              [](void* at) noexcept {
                static_cast<base::atomic<std::uint32_t>*>(at)->fetch_add(1, base::relaxed);
              },
              &came, [](void*) {}, nullptr);
          for (int i = 0; i < 2; ++i) static_cast<void>(all->call_one());
          static_cast<void>(all->tend(tg::detail::now_ns(), false));
        }
        model::reached(came.load(base::relaxed) == 2 ? "in time" : "late or never");
      });
}

}  // namespace

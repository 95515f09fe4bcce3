// The parts of the arena, each alone: mailboxes, the housekeeper, the crew with a callback in the place of groups, and
// the gate that oneTBB's late functors find closed.
#include "core/arena/crew.h"
#include "core/arena/housekeeper.h"
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

// --- the crew ------------------------------------------------------------------------------------------------

// Serving a group is to count it.
class crew_model {
 public:
  static constexpr std::uint32_t groups = 4;

  explicit crew_model(std::uint32_t workers, std::uint32_t max_blocked = 0)
      : segments_(sizeof(tg::queue::segment), 64, 64) {
    const model::calm beginning;
    for (auto& one : threads_) one.emplace(segments_);
    crew_.emplace(tg::arena::crew_settings{{workers, max_blocked}, 100'000, "model", {}}, segments_,
                  tg::arena::crew_callbacks{this, &serve, &is_inner, &segments, &call_housekeeper});
    keeper_.emplace(&tend, this, "keeper");
    keeper_->start();
    model::settle();
  }
  ~crew_model() {
    const model::calm end;
    model::settle();
    send_home();
  }
  void send_home() {
    keeper_->stop();
    crew_->dismiss();
  }
  tg::arena::crew& operator*() { return *crew_; }
  tg::arena::crew* operator->() { return &*crew_; }

  void offer(std::uint32_t group) { crew_->offer(group, of_this_thread().offers); }
  void await(std::uint32_t group) const { served_[group].await(); }
  // Whether that thread has what it needs.
  bool is_listed(std::size_t thread) const { return threads_[thread]->listed; }
  // What the group's worker reads.
  std::array<int, groups> payload{};
  void (*on_serve)(crew_model&, std::uint32_t) = nullptr;
  // For a task and a test to tell each other where they are; nothing else becomes known by it.
  base::atomic<std::uint32_t> told{0};

 private:
  struct share {
    explicit share(tg::memory::pool& of) : segments(of) {}
    tg::memory::pool::cache segments;
    mailbox offers;
    bool listed = false;
  };

  share& of_this_thread() {
    share& found = *threads_[model::this_thread()];
    if (crew_ && !std::exchange(found.listed, true)) crew_->list_mailbox(found.offers);
    return found;
  }
  static crew_model& at(void* self) { return *static_cast<crew_model*>(self); }
  static void serve(void* self, std::uint32_t group) {
    model::check(at(self).payload[group] == 1, "served before it was announced, or twice");
    at(self).payload[group] = 2;
    if (at(self).on_serve != nullptr) at(self).on_serve(at(self), group);
    at(self).served_[group].give();
  }
  static bool is_inner(void*, std::uint32_t group) { return group % 2 != 0; }
  static tg::memory::pool::cache& segments(void* self) { return at(self).of_this_thread().segments; }
  static void call_housekeeper(void* self) { at(self).keeper_->call(); }
  static tg::detail::deadline_ns tend(void* self, tg::detail::deadline_ns now) {
    return at(self).crew_->tend(now);
  }

  tg::memory::pool segments_;
  std::array<std::optional<share>, 12> threads_;
  std::optional<tg::arena::crew> crew_;
  std::optional<tg::arena::housekeeper> keeper_;
  std::array<flag, groups> served_;
};

model::plan of_crew(std::vector<std::string> reaches = {}) {
  return {.schedules = 8'000,
          .within = {2, 1, 1},
          .depth = 4,
          .with = without_time,
          .reaches = std::move(reaches)};
}

// A runner that looks, spins, parks or leaves beside an offer.
TEST(crew, what_is_offered_is_served) {
  model::explore(of_crew(), [] {
    crew_model at(1);
    for (std::uint32_t group = 0; group < 2; ++group) {
      at.payload[group] = 1;
      at.offer(group);
      at.await(group);
      model::check(at.payload[group] == 2, "not served");
    }
  });
}

TEST(crew, what_two_announce_is_served) {
  model::explore(of_crew(), [] {
    crew_model at(1);
    at.payload = {1, 1, 0, 0};
    model::thread other([&] { at->announce(1); });
    at.offer(0);
    at.await(0);
    at.await(1);
    other.join();
  });
}

// A ticket that a task leaves in its mailbox, beside runners that come and go.
TEST(crew, what_a_busy_runner_offers_is_served) {
  model::explore(of_crew(), [] {
    crew_model at(2);
    at.payload = {1, 1, 0, 0};
    at.on_serve = [](crew_model& in, std::uint32_t group) {
      if (group == 0) in.offer(1);
    };
    at->announce(0);
    at.await(0);
    at.await(1);
  });
}

// A task that offers and blocks: another runner comes for what it left.
TEST(crew, who_blocks_leaves_nothing_behind) {
  model::explore(of_crew(), [] {
    crew_model at(1, 1);
    at.payload = {1, 1, 0, 0};
    at.on_serve = [](crew_model& in, std::uint32_t group) {
      if (group != 0) return;
      in.offer(1);
      tg::arena::crew::block();
      in.await(1);
      tg::arena::crew::unblock();
    };
    at->announce(0);
    at.await(0);
  });
}

// A runner that gets busy is not relied on any more: the ticket that was offered beside it is another's.
void long_task_beside_an_offer(bool by_mailbox) {
  crew_model at(2);
  at.payload = {1, 1, 0, 0};
  at.on_serve = [](crew_model& in, std::uint32_t group) {
    if (group == 0) in.await(1);
  };
  model::thread other([&] { at.offer(1); });
  if (by_mailbox) {
    at.offer(0);
  } else {
    at->announce(0);
  }
  at.await(0);
  other.join();
}

TEST(crew, a_long_task_does_not_hold_up_what_was_offered) {
  model::explore(of_crew(), [] { long_task_beside_an_offer(false); });
}
TEST(crew, a_long_task_out_of_a_mailbox_does_not_hold_up_what_was_offered) {
  model::explore(of_crew(), [] { long_task_beside_an_offer(true); });
}

// An awake runner takes one ticket from a mailbox, and gets busy with it: another one is not left to it.
TEST(crew, a_long_task_from_one_mailbox_does_not_hold_up_what_lies_in_another) {
  const model::plan plan{.schedules = 6'000, .within = {1, 2, 0}, .with = without_time, .reaches = {"taken"}};
  model::explore(plan, [] {
    crew_model at(2);
    at.payload = {1, 1, 0, 1};
    at.on_serve = [](crew_model& in, std::uint32_t group) {
      if (group != 0) return;
      in.told.store(1, base::relaxed);
      in.await(1);
    };
    {
      const model::calm beginning;
      at->announce(3);
      at.await(3);
      while (at->load().awake() == 0) model::spin();
      model::thread other([&] { at.offer(0); });
    }
    while (at.told.load(base::relaxed) == 0) model::spin();
    model::reached("taken");
    at.offer(1);
    at.await(0);
    at.await(1);
  });
}

// A runner that finds a ticket as it parks does not park: at rest as many are parked as there are.
TEST(crew, who_finds_a_ticket_as_it_parks_is_not_counted_as_parked) {
  const model::plan plan{.schedules = 5'000, .within = {2, 0, 0}, .with = without_time};
  model::explore(plan, [] {
    crew_model at(2);
    at.payload = {1, 1, 0, 1};
    at.on_serve = [](crew_model& in, std::uint32_t group) {
      while (group == 0 && in.told.load(base::relaxed) == 0) model::spin();
    };
    {
      const model::calm beginning;
      at->announce(0);
      at->announce(3);
      at.await(3);
      while (at->load().awake() == 0) model::spin();
    }
    at.told.store(1, base::relaxed);
    at.offer(1);
    at.await(0);
    at.await(1);
    const model::calm at_rest;
    model::settle();
    model::check(at->load().awake() == 0, "more are parked than there are, or who sleeps is called awake");
  });
}

// One busy runner offers and waits, another one blocks: who comes in its place finds the ticket.
TEST(crew, who_comes_for_a_blocked_one_finds_what_another_has_offered) {
  model::explore(of_crew(), [] {
    crew_model at(2, 1);
    at.payload = {1, 1, 1, 0};
    at.on_serve = [](crew_model& in, std::uint32_t group) {
      if (group == 2) return;
      if (group == 1) {
        in.offer(2);
        return in.await(2);
      }
      tg::arena::crew::block();
      in.await(2);
      tg::arena::crew::unblock();
    };
    at->announce(0);
    at->announce(1);
    at.await(0);
    at.await(1);
  });
}

TEST(crew, who_prewarms_finds_its_runners_ready) {
  model::explore(of_crew({"in time"}), [] {
    crew_model at(1);
    const tg::detail::deadline_ns began = tg::detail::now_ns();
    at->prewarm();
    const bool in_time = tg::detail::now_ns() - began < 1'000'000'000;
    model::check(!in_time || at.is_listed(1), "the runner is not there");
    model::reached(in_time ? "in time" : "not waited for");
    at.payload[0] = 1;
    at.offer(0);
    at.await(0);
  });
}

// Runners go home whatever they are about to do.
TEST(crew, a_dismissal_reaches_who_is_about_to_park) {
  model::explore({.schedules = 5'000, .within = {2, 1, 1}, .with = with_time}, [] {
    crew_model at(1);
    at.payload[0] = 1;
    at.offer(0);
    at.await(0);
    at.send_home();
    model::check(at->load().runners() == 0, "a runner stays");
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

// The crew with a callback in the place of groups: what is announced or offered is served, whoever parks, blocks, leaves or
// comes meanwhile.
#include "core/arena/crew.h"
#include "core/arena/housekeeper.h"
#include "tests/model/runtime_model.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>

namespace {

using namespace model_test;
using tg::arena::mailbox;

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

// A mailbox that was never used, and a runner that has parked since its owner last looked: the look after the ticket was put
// sees it gone.
TEST(crew, what_lies_in_a_new_mailbox_is_not_left_to_who_has_parked) {
  const model::plan plan{.schedules = 3'000, .within = {1, 2, 0}, .with = without_time};
  model::explore(plan, [] {
    crew_model at(1);
    at.payload = {1, 0, 0, 1};
    {
      const model::calm beginning;
      at->announce(3);
      at.await(3);
      while (at->load().awake() == 0) model::spin();
    }
    model::thread other([&] {
      while (at->load().awake() != 0) model::spin();
      at.told.store(1, base::relaxed);
    });
    while (at.told.load(base::relaxed) == 0) model::spin();
    at.offer(0);
    at.await(0);
  });
}

// The call is heard at once, and not when the linger time is over.
TEST(crew, a_call_wakes_a_parked_runner) {
  model::explore(of_crew({"parked"}), [] {
    crew_model at(1);
    at.payload = {1, 0, 0, 1};
    {
      const model::calm beginning;
      at->announce(3);
      at.await(3);
      while (at->load().parked() == 0) model::spin();
    }
    model::reached("parked");
    at->announce(0);
    at.await(0);
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

}  // namespace

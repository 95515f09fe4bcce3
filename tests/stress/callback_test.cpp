// Callbacks are registered and destroyed while the event is being set: none runs twice, none after its
// destructor has returned, and none that lived before and after the set is left out.
#include "tests/support/stress.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <barrier>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;

struct life {
  std::atomic<int> calls{0};
  std::atomic<bool> ended{false};
  std::atomic<bool> called_after_its_end{false};
  std::atomic<bool> called_by_another{false};
  const std::thread::id registrar = std::this_thread::get_id();

  void call() {
    ++calls;
    called_by_another = std::this_thread::get_id() != registrar;
    if (ended) called_after_its_end = true;
  }
};

struct call_life {
  life* of;
  void operator()() const { of->call(); }
};
using registered_life = tg::event_callback<call_life>;

struct callback_counts {
  std::atomic<std::size_t> called{0}, called_by_setter{0}, not_called{0}, wrong{0};
};

void register_and_destroy(tg::group& group, const std::atomic<bool>& set_returned, random_source& random,
                          callback_counts& counts) {
  for (bool last = false; !last;) {
    last = set_returned;
    life one;
    {
      const registered_life callback(group, {&one});
      spin(random.below(1'000));
    }
    one.ended = true;
    const int calls = one.calls;
    ++(calls != 0 ? counts.called : counts.not_called);
    counts.called_by_setter += one.called_by_another ? 1u : 0u;
    if (calls > 1 || (last && calls != 1)) ++counts.wrong;
    if (random.one_in(8)) std::this_thread::yield();
    if (one.called_after_its_end || one.calls != calls) ++counts.wrong;
  }
}

TEST(callback, of_groups_that_are_set_meanwhile) {
  constexpr std::size_t registrars = 2, setters = 2, staying = 5;
  const stress_box box;
  callback_counts counts;
  std::optional<tg::group> root;
  std::optional<tg::group> child;
  std::atomic<bool> set_returned{false};
  std::atomic<bool> more{true};
  std::vector<std::unique_ptr<life>> lives;
  std::vector<std::unique_ptr<registered_life>> callbacks;
  std::size_t rounds = 0;
  const auto end_round = [&]() noexcept {
    callbacks.clear();
    for (const auto& one : lives) {
      if (one->calls != 1) ++counts.wrong;
    }
    lives.clear();
    child.reset();
    root.reset();
  };
  std::barrier begin(registrars + setters, [&]() noexcept {
    end_round();
    more = box.goes_on();
    if (!more) return;
    root.emplace("root");
    child.emplace(*root, "child");
    for (std::size_t i = 0; i < staying; ++i) {
      lives.push_back(std::make_unique<life>());
      callbacks.push_back(
          std::make_unique<registered_life>(i % 2 == 0 ? *child : *root, call_life{lives.back().get()}));
    }
    set_returned = false;
    ++rounds;
  });
  on_threads(registrars + setters, [&](std::size_t index) {
    random_source random(index);
    for (;;) {
      begin.arrive_and_wait();
      if (!more) return;
      if (index < registrars) {
        register_and_destroy(index == 0 ? *child : *root, set_returned, random, counts);
      } else {
        spin(random.below(10'000));
        root->set_event();
        set_returned = true;
      }
    }
  });
  print_reached("rounds", rounds);
  print_reached("callbacks called", counts.called.load());
  print_reached("of which by a setter, while they were about to be destroyed",
                counts.called_by_setter.load());
  print_reached("callbacks destroyed before the set", counts.not_called.load());
  EXPECT_EQ(counts.wrong.load(), 0u);
}

}  // namespace

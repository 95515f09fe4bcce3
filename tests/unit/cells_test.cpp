// The cells of callbacks: how many a walk meets, and how many there are, whatever came and went.
#include "core/group/callbacks.h"
#include "core/group/engine.h"
#include "tests/support/background.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <bit>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <vector>

namespace {

using namespace tg_test;
using tg::groups::any_cell;
using callback = tg::event_callback<std::function<void()>>;

constexpr std::size_t few = 16;

class cells : public testing::Test {
 protected:
  static const tg::detail::slot& slot_of(const tg::group& group) {
    return static_cast<const tg::detail::slot&>(*std::bit_cast<const tg::detail::event_flag*>(group.event()));
  }
  static std::size_t met_in(const tg::group& group) {
    std::size_t met = 0;
    any_cell(slot_of(group), [&](const tg::groups::callback_cell&) {
      ++met;
      return false;
    });
    return met;
  }
  static std::size_t made(const tg::group& group) { return slot_of(group).owner->cells.made(); }
  static std::vector<std::unique_ptr<callback>> crowd(
      tg::group& of, std::size_t size, const std::function<void()>& call = [] {}) {
    std::vector<std::unique_ptr<callback>> out;
    for (std::size_t i = 0; i < size; ++i) out.push_back(std::make_unique<callback>(of, call));
    return out;
  }

  tg::runtime runtime_{{.workers = 2}};
};

TEST_F(cells, of_one_callback_after_the_other_are_one) {
  tg::group group("one", {.on = &runtime_});
  for (int i = 0; i < 10'000; ++i) const callback one(group, [] {});
  EXPECT_EQ(made(group), 1u);
  EXPECT_EQ(met_in(group), 1u);
}

TEST_F(cells, that_a_crowd_has_left_are_met_by_no_setter) {
  tg::group group("crowd", {.on = &runtime_});
  auto callbacks = crowd(group, 10'000);
  EXPECT_EQ(met_in(group), 10'000u);
  callbacks.resize(100);
  EXPECT_LE(met_in(group), 2 * 100 + few);
  callbacks.clear();
  EXPECT_LE(met_in(group), few);
}

TEST_F(cells, that_a_crowd_has_left_serve_the_next_crowd) {
  tg::group group("crowds", {.on = &runtime_});
  for (int i = 0; i < 10; ++i) {
    crowd(group, 10'000);
    EXPECT_LE(met_in(group), few);
  }
  EXPECT_EQ(made(group), 10'000u);
}

TEST_F(cells, of_those_that_are_left_of_a_crowd_each_is_called_once) {
  tg::group group("crowd", {.on = &runtime_});
  std::size_t calls = 0;
  auto callbacks = crowd(group, 1'000, [&] { ++calls; });
  for (std::size_t i = 0; i < callbacks.size(); ++i) {
    if (i % 50 != 7) callbacks[i].reset();
  }
  group.set_event();
  EXPECT_EQ(calls, 1'000u / 50);
}

TEST_F(cells, that_have_ended_themselves_are_met_no_more) {
  tg::group group("self-ending", {.on = &runtime_});
  std::vector<std::unique_ptr<callback>> callbacks(1'000);
  for (auto& each : callbacks) each = std::make_unique<callback>(group, [&each] { each.reset(); });
  group.set_event();
  for (const auto& each : callbacks) EXPECT_EQ(each, nullptr);
  EXPECT_LE(met_in(group), few);
}

// Crowds come and go in two groups, whose events are set meanwhile: every callback that lives then is called.
TEST_F(cells, leave_the_lists_and_come_back_beside_sets) {
  constexpr std::size_t rounds = 200, size = 40;
  tg::group groups[2] = {tg::group("left", {.on = &runtime_}), tg::group("right", {.on = &runtime_})};
  std::vector<std::future<std::size_t>> all;
  for (std::size_t thread = 0; thread < 4; ++thread) {
    all.push_back(in_background([&, thread] {
      std::size_t missed = 0;
      for (std::size_t round = 0; round < rounds; ++round) {
        tg::group& group = groups[(thread + round) % 2];
        std::atomic<std::size_t> calls{0};
        auto callbacks = crowd(group, size, [&] { ++calls; });
        if (round % 8 == thread) {
          group.set_event();
          callbacks.clear();
          if (calls != size) ++missed;
          group.reset_event();
        }
      }
      return missed;
    }));
  }
  for (auto& missed : all) {
    ASSERT_TRUE(finishes(missed));
    EXPECT_EQ(missed.get(), 0u);
  }
  for (const tg::group& group : groups) EXPECT_LE(met_in(group), 2 * few);
  EXPECT_LE(made(groups[0]), 2 * 4 * size) << "each group has had all four crowds at most";
}

}  // namespace

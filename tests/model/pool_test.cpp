// Records that travel between threads: each is one thread's at a time, and comes as the last one left it.
#include "core/memory/pool.h"
#include "tests/model/checker/explore.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace {

using tg::memory::pool;
using tg::memory::sharing;

struct pools {
  explicit pools(std::size_t records, std::size_t most, sharing how = sharing::by_magazines)
      : all(sizeof(std::uint64_t), records, most, how) {
    for (int i = 0; i < 3; ++i) caches.emplace_back(all);
  }
  // Two at once with the same record race here.
  std::uint32_t use(std::size_t thread) {
    const std::uint32_t index = all.take_or_grow(caches[thread]);
    all.at<std::uint64_t>(index) = thread;
    return index;
  }
  void give(std::size_t thread, const std::vector<std::uint32_t>& used) {
    for (const std::uint32_t index : used) all.give(caches[thread], index);
  }
  // As many as make a full magazine travel.
  void use_and_give_many(std::size_t thread) {
    std::vector<std::uint32_t> used;
    for (std::uint32_t i = 0; i < 3 * tg::memory::magazine::capacity; ++i) used.push_back(use(thread));
    give(thread, used);
  }

  pool all;
  std::deque<pool::cache> caches;
};

TEST(pool, a_record_is_one_threads_at_a_time) {
  model::explore({.schedules = 10'000, .within = {2, 1, 1}, .reaches = {"by way of the depot"}}, [] {
    pools at(127, 127);  // too small for recent magazines
    {
      const model::calm first;
      at.use_and_give_many(0);  // its last magazine is in the depot now
    }
    const auto take_some = [&](std::size_t thread) {
      const std::size_t before = at.all.out();
      std::vector<std::uint32_t> used;
      for (int i = 0; i < 2; ++i) used.push_back(at.use(thread));
      if (at.all.handed_out() == 96 || at.all.out() > before) model::reached("by way of the depot");
      return used;
    };
    std::vector<std::uint32_t> others;
    model::thread other([&] { others = take_some(1); });
    const std::vector<std::uint32_t> mine = take_some(2);
    other.join();
    for (const std::uint32_t index : mine) {
      for (const std::uint32_t another : others) model::check(index != another, "two have the same record");
    }
  });
}

// One takes, while the other takes the top and what lies below it, and gives the top back: on something else.
TEST(pool, what_was_below_the_top_is_not_taken_twice) {
  model::explore({.schedules = 20'000, .within = {2, 2, 1}, .reaches = {"the same top again"}}, [] {
    pools at(3, 3, sharing::one_by_one);
    {
      const model::calm first;
      at.give(0, {at.use(0), at.use(0), at.use(0)});
    }
    std::uint32_t others = 0;
    model::thread other([&] {
      const std::uint32_t top = at.use(1);
      others = at.use(1);
      at.give(1, {top});
    });
    const std::uint32_t mine = at.use(2);
    other.join();
    if (mine == 2 && others == 1) model::reached("the same top again");
    const std::uint32_t left = at.use(0);
    model::check(mine != others && left != mine && left != others, "two have the same record");
    model::check(at.all.out() == 3, "what is in use is miscounted");
    model::check(at.all.take(at.caches[0]) == tg::memory::no_record, "more than there are");
  });
}

// Each takes one and gives it back, and neither is refused.
TEST(pool, none_is_lost_that_two_give_one_by_one) {
  model::explore({.schedules = 20'000, .within = {2, 2, 1}, .reaches = {"the other's record"}}, [] {
    pools at(2, 2, sharing::one_by_one);
    const auto take_and_give = [&](std::size_t thread) {
      for (int i = 0; i < 2; ++i) {
        const std::uint32_t index = at.all.take(at.caches[thread]);
        model::check(index != tg::memory::no_record, "refused though one is free");
        auto& used_by = at.all.at<std::uint64_t>(index);
        if (used_by != 0 && used_by != thread) model::reached("the other's record");
        used_by = thread;
        at.give(thread, {index});
      }
    };
    model::thread other([&] { take_and_give(1); });
    take_and_give(2);
    other.join();
    model::check(at.all.out() == 0, "what is in use is miscounted");
    const std::uint32_t first = at.use(0);
    model::check(at.use(0) != first && at.all.take(at.caches[0]) == tg::memory::no_record,
                 "one is lost or doubled");
  });
}

TEST(pool, two_that_find_it_empty_let_it_grow) {
  model::explore({.schedules = 20'000, .within = {2, 2, 0}, .reaches = {"both at once"}}, [] {
    pools at(1, 4096);
    std::uint32_t taken[2] = {};
    tg::base::atomic<std::uint32_t> inside{0};
    const auto use = [&](std::size_t thread) {
      if (inside.fetch_add(1, tg::base::relaxed) == 1) model::reached("both at once");
      taken[thread - 1] = at.use(thread);
      inside.fetch_sub(1, tg::base::relaxed);
    };
    model::thread other([&] { use(1); });
    use(2);
    other.join();
    const std::uint32_t more = at.use(0);
    model::check(taken[0] != taken[1] && more != taken[0] && more != taken[1], "two have the same record");
    model::check(at.all.growths() == 1, "grown twice for one need");
  });
}

TEST(pool, who_touches_its_maps_waits_for_who_grows_it) {
  model::explore({.schedules = 10'000, .within = {3, 2, 0}}, [] {
    pools at(1, 4096);
    model::thread other([&] { at.all.prefault(); });
    static_cast<void>(at.use(1));
    static_cast<void>(at.use(1));
    other.join();
    at.all.prefault();
    model::check(at.all.growths() == 1, "not grown");
  });
}

}  // namespace

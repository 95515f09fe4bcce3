// Records that travel between threads: each is one thread's at a time, and comes as the last one left it.
#include "core/memory/pool.h"
#include "tests/model/checker/explore.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace {

using tg::memory::pool;

struct pools {
  explicit pools(std::size_t records, std::size_t most) : all(sizeof(std::uint64_t), records, most) {
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

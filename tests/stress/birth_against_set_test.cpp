// Children are born at several depths while an ancestor's event is being set, by one thread or by two at
// once: whoever lives when a set_event() returns reads set, and whoever is born later is born set.
#include "tests/support/stress.h"
#include "tests/support/tree.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <barrier>
#include <memory>
#include <vector>

namespace {

using namespace tg_test;

struct birth_counts {
  std::atomic<std::size_t> unset_at_birth{0};
  std::atomic<std::size_t> set_at_birth{0};
  std::atomic<std::size_t> after_the_set{0};
  std::atomic<std::size_t> missed{0};
};

// One round of one creator: chains below random groups of the tree until a set has returned, and some more.
void give_birth(group_tree& tree, const std::atomic<bool>& set_returned, random_source& random,
                birth_counts& counts) {
  constexpr std::size_t most = 30, afterwards = 3;
  std::vector<std::unique_ptr<tg::group>> born;
  std::size_t late = 0;
  while (born.size() < most && late < afterwards) {
    const bool returned = set_returned;
    tg::group* parent = &tree[random.below(tree.size())];
    for (std::size_t depth = 1 + random.below(3); depth != 0; --depth) {
      born.push_back(std::make_unique<tg::group>(*parent, "born"));
      parent = born.back().get();
      const bool set = parent->event().is_set();
      ++(set ? counts.set_at_birth : counts.unset_at_birth);
      if (returned && !set) ++counts.missed;
    }
    late += returned ? 1u : 0u;
    counts.after_the_set += returned ? 1u : 0u;
    if (random.one_in(4)) born.erase(born.begin());
  }
  if (!eventually([&] { return set_returned.load(); })) ++counts.missed;
  for (const auto& group : born) {
    if (!group->event().is_set()) ++counts.missed;
  }
}

void births_against_sets(std::size_t setters) {
  constexpr std::size_t creators = 2;
  const stress_box box;
  birth_counts counts;
  std::unique_ptr<group_tree> tree;
  std::atomic<bool> set_returned{false};
  std::atomic<bool> more{true};
  std::size_t rounds = 0;
  std::barrier begin(static_cast<std::ptrdiff_t>(creators + setters), [&]() noexcept {
    more = box.goes_on();
    tree = more ? std::make_unique<group_tree>(2, 2) : nullptr;
    set_returned = false;
    rounds += more ? 1u : 0u;
  });
  on_threads(creators + setters, [&](std::size_t index) {
    random_source random(index);
    for (;;) {
      begin.arrive_and_wait();
      if (!more) return;
      if (index < creators) {
        give_birth(*tree, set_returned, random, counts);
      } else {
        spin(random.below(20'000));
        tree->root().set_event();
        if (!tree->all_set()) ++counts.missed;
        set_returned = true;
      }
    }
  });
  print_reached("rounds", rounds);
  print_reached("born unset, before or while the event was set", counts.unset_at_birth.load());
  print_reached("born set", counts.set_at_birth.load());
  print_reached("born after a set_event() had returned", counts.after_the_set.load());
  EXPECT_EQ(counts.missed.load(), 0u);
}

TEST(birth_against_set, of_one_setter) { births_against_sets(1); }
TEST(birth_against_set, of_two_setters) { births_against_sets(2); }

}  // namespace

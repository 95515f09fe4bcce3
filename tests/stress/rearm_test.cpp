// One thread sets and re-arms an event, others give birth below it, sleep on it and check it.
#include "tests/support/stress.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <barrier>
#include <cstdint>
#include <thread>

namespace {

using namespace tg_test;

// What the setter knows of the event, in steps that only go up: while the step stays the same, so does this.
enum class phase : std::uint64_t { unset, setting, set, resetting };

class step_clock {
 public:
  std::uint64_t now() const { return step_.load(); }
  static phase phase_of(std::uint64_t step) { return static_cast<phase>(step % 4); }
  // To the next step that means this.
  void go_to(phase next) {
    std::uint64_t step = step_.load() + 1;
    while (phase_of(step) != next) ++step;
    step_.store(step);
  }

 private:
  std::atomic<std::uint64_t> step_{0};
};

struct rearm_counts {
  std::atomic<std::size_t> sets{0}, resets{0}, refusals{0};
  std::atomic<std::size_t> born_unset{0}, born_set{0}, born_in_between{0};
  std::atomic<std::size_t> sleeps{0}, slept_on{0}, wrong{0};
};

void set_and_rearm(tg::group& root, step_clock& steps, const stress_box& box, rearm_counts& counts) {
  random_source random;
  while (box.goes_on()) {
    steps.go_to(phase::setting);
    root.set_event();
    steps.go_to(phase::set);
    ++counts.sets;
    for (bool rearmed = false; !rearmed;) {
      spin(random.below(2'000));
      steps.go_to(phase::resetting);
      rearmed = root.reset_event();
      steps.go_to(rearmed ? phase::unset : phase::set);
      ++(rearmed ? counts.resets : counts.refusals);
      if (!rearmed) std::this_thread::yield();
    }
    spin(random.below(2'000));
  }
}

void give_birth(tg::group& root, const step_clock& steps, const stress_box& box, std::size_t index,
                rearm_counts& counts) {
  random_source random(index);
  // Pauses without a child, or the root could hardly ever be re-armed.
  for (; box.goes_on(); spin(random.below(10'000))) {
    const std::uint64_t before = steps.now();
    tg::group child(root, "child");
    tg::group grandchild(child, "grandchild");
    const bool set = grandchild.event().is_set();
    const bool child_set = child.event().is_set();
    const std::uint64_t after = steps.now();
    if (before == after && step_clock::phase_of(after) == phase::set) {
      ++counts.born_set;
      if (!set || !child_set) ++counts.wrong;
    } else if (before == after && step_clock::phase_of(after) == phase::unset) {
      ++counts.born_unset;
      if (set || child_set) ++counts.wrong;
    } else {
      ++counts.born_in_between;
    }
    // Under a living child the root cannot be re-armed: once set, all three stay set.
    if (set) {
      spin(random.below(1'000));
      if (!root.event().is_set() || !child.event().is_set() || !grandchild.event().is_set()) ++counts.wrong;
    }
    // Once a set_event() has returned and cannot have been taken back, the children read set.
    if (step_clock::phase_of(steps.now()) == phase::set &&
        (!child.event().is_set() || !grandchild.event().is_set())) {
      ++counts.wrong;
    }
  }
}

void sleep_again_and_again(tg::group& root, const std::atomic<bool>& done, rearm_counts& counts) {
  while (!done) {
    ++counts.sleeps;
    if (root.event().sleep_for(patience)) ++counts.slept_on;
    std::this_thread::yield();
  }
}

TEST(rearm, against_births_and_sleepers) {
  const stress_box box(2.0);
  tg::group root("root");
  step_clock steps;
  rearm_counts counts;
  std::atomic<bool> done{false};
  std::atomic<bool> sleeper_gone{false};
  on_threads(4, [&](std::size_t index) {
    if (index == 0) {
      set_and_rearm(root, steps, box, counts);
      done = true;
      // The sleeper may have begun its last sleep after the last set.
      EXPECT_TRUE(eventually([&] {
        root.set_event();
        return sleeper_gone.load();
      }));
    } else if (index == 1) {
      sleep_again_and_again(root, done, counts);
      sleeper_gone = true;
    } else {
      give_birth(root, steps, box, index, counts);
    }
  });
  print_reached("sets", counts.sets.load());
  print_reached("re-armed", counts.resets.load());
  print_reached("refused because of a living child", counts.refusals.load());
  print_reached("children born set", counts.born_set.load());
  print_reached("children born unset", counts.born_unset.load());
  print_reached("children born in between", counts.born_in_between.load());
  print_reached("sleeps", counts.sleeps.load());
  EXPECT_EQ(counts.wrong.load(), 0u);
  EXPECT_EQ(counts.slept_on.load(), 0u);
  EXPECT_GT(counts.resets.load(), 0u);
}

TEST(rearm, of_a_child_against_the_set_of_its_parent) {
  const stress_box box;
  std::size_t lost = 0, refused = 0, rearmed = 0;
  random_source random;
  while (box.goes_on()) {
    tg::group root("root");
    tg::group child(root, "child");
    child.set_event();
    std::barrier begin(2);
    const std::size_t delay = random.below(6'000);
    std::thread setter([&] {
      begin.arrive_and_wait();
      spin(delay);
      root.set_event();
    });
    begin.arrive_and_wait();
    spin(random.below(2'000));
    const bool reset = child.reset_event();
    setter.join();
    ++(reset ? rearmed : refused);
    lost += child.event().is_set() ? 0u : 1u;
  }
  print_reached("re-armed before the parent was set", rearmed);
  print_reached("refused", refused);
  EXPECT_EQ(lost, 0u) << "a child was left unset under a set parent";
}

}  // namespace

// No memory for a queue's next segment: an addition that was admitted has its segment, whatever an argument's copy
// constructor does meanwhile. What finds none is the copy's own call, and std::bad_alloc reaches the caller.
#include "core/queue/segment.h"
#include "tests/faults/injection/memory.h"
#include "tests/faults/small_runtime.h"

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <optional>
#include <utility>
#include <vector>

namespace {

using namespace tg_test;

constexpr std::size_t one_segment = tg::queue::segment::capacity;

// An argument whose copy uses the runtime too.
struct used_when_copied {
  explicit used_when_copied(std::function<void()> what) : use(std::move(what)) {}
  used_when_copied(const used_when_copied& other) : use(other.use) { use(); }
  used_when_copied(used_when_copied&&) noexcept = default;
  std::function<void()> use;
};

class nested_add : public testing::Test {
 protected:
  // Paused groups: the last segment of two queues is full, and of the pool's segments one is left, which this thread has at
  // hand.
  nested_add() {
    for (tg::group* const full : {&outer_, &inner_}) add_a_segment(*full);
    std::optional<tg::group> holder(std::in_place, "holder", paused());
    for (int i = 0; i < 2; ++i) add_a_segment(*holder);
    auto next = groups_.begin();
    while (machinery_->stats().group_records_grown == 0) (next++)->emplace("one", paused());
    no_memory_.emplace(memory, 1, whose::all, for_good);
    try {
      while (next != groups_.end()) (next++)->emplace("one", paused());
      ADD_FAILURE() << "more segments than groups";
    } catch (const std::bad_alloc&) {
    }
    holder->clear_pending_tasks();
  }
  ~nested_add() override { no_memory_.reset(); }

  static tg::runtime_options options() {
    tg::runtime_options small;
    small.workers = 1;
    small.group_records = 64;
    small.task_records = 1024;
    return small;
  }
  tg::group_options paused() { return machinery_.with_limit(0); }
  static void add_a_segment(tg::group& group) {
    for (std::size_t i = 0; i < one_segment; ++i) group.add_task([] {});
  }

  small_runtime machinery_{options()};
  tg::group outer_{"outer", paused()}, inner_{"inner", paused()};
  std::vector<std::optional<tg::group>> groups_ = std::vector<std::optional<tg::group>>(1000);
  std::optional<failing> no_memory_;
};

TEST_F(nested_add, by_an_argument_that_adds_leaves_the_outer_one_its_segment) {
  const used_when_copied argument([this] { inner_.add_task([] {}); });
  EXPECT_THROW(outer_.add_task([](const used_when_copied&) {}, argument), std::bad_alloc);
  EXPECT_EQ(outer_.stats().pending, one_segment);
  EXPECT_EQ(inner_.stats().pending, one_segment);
  outer_.add_task([] {});
  EXPECT_EQ(outer_.stats().pending, one_segment + 1);
}

TEST_F(nested_add, by_an_argument_that_tries_to_add_leaves_the_outer_one_its_segment) {
  bool added = true;
  const used_when_copied argument([&] { added = inner_.try_add_task([] {}); });
  EXPECT_TRUE(outer_.try_add_task([](const used_when_copied&) {}, argument));
  EXPECT_FALSE(added);
  EXPECT_EQ(outer_.stats().pending, one_segment + 1);
}

TEST_F(nested_add, by_an_argument_that_makes_a_group_leaves_the_outer_one_its_segment) {
  const used_when_copied argument([this] { const tg::group made("made", paused()); });
  EXPECT_THROW(outer_.add_task([](const used_when_copied&) {}, argument), std::bad_alloc);
  outer_.add_task([] {});
  EXPECT_EQ(outer_.stats().pending, one_segment + 1);
}

}  // namespace

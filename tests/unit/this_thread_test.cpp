// Whose task a thread runs: nested, undone in order, and its own for each thread.
#include "core/task/this_thread.h"

#include <gtest/gtest.h>

#include <thread>

namespace {

using tg::task::acting_for;
using tg::task::self;

// Never looked into: only who it is counts.
tg::detail::slot* group_number(int& number) { return reinterpret_cast<tg::detail::slot*>(&number); }

TEST(this_thread, runs_no_groups_task_at_first) {
  EXPECT_EQ(self.current, nullptr);
  EXPECT_EQ(self.event, &tg::detail::never_set);
  EXPECT_FALSE(self.event->is_set());
}

TEST(acting_for, lasts_as_long_as_it_lives_and_nests) {
  int first = 1;
  int second = 2;
  const tg::detail::event_flag first_event{};
  const tg::detail::event_flag second_event{};
  {
    const acting_for outer(group_number(first), first_event);
    EXPECT_EQ(self.current, group_number(first));
    EXPECT_EQ(self.event, &first_event);
    {
      const acting_for inner(group_number(second), second_event);
      EXPECT_EQ(self.current, group_number(second));
      EXPECT_EQ(self.event, &second_event);
      const acting_for nobody(nullptr, tg::detail::never_set);
      EXPECT_EQ(self.current, nullptr);
    }
    EXPECT_EQ(self.current, group_number(first));
    EXPECT_EQ(self.event, &first_event);
  }
  EXPECT_EQ(self.current, nullptr);
  EXPECT_EQ(self.event, &tg::detail::never_set);
}

TEST(acting_for, is_seen_by_its_own_thread_only) {
  int group = 1;
  const tg::detail::event_flag event{};
  const acting_for here(group_number(group), event);
  const tg::detail::slot* elsewhere = group_number(group);
  std::jthread([&] { elsewhere = self.current; }).join();
  EXPECT_EQ(elsewhere, nullptr);
}

}  // namespace

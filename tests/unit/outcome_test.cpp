// How a submitted task and its future share a record: every order of ending, awaiting and letting go.
#include "core/task/outcome.h"
#include "tests/support/background.h"
#include "tests/support/life_counter.h"
#include "tests/support/sleeping.h"
#include "tests/unit/crowd.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

namespace {

using namespace tg_test;
using tg::event_cause;
using tg::task::outcome_word;
using tg::task::phase;
using tg::task::task_record;

tg::detail::deadline_ns patience_end() { return tg::detail::deadline_after(patience); }

// A record of a task that was submitted and runs.
struct running_task : task_record {
  running_task() {
    tg::task::mark_submitted(*this);
    tg::task::mark_running(*this);
  }
};

TEST(outcome_word, keeps_phase_and_bits_apart) {
  for (const phase at :
       {phase::added, phase::queued, phase::running, phase::value, phase::exception, phase::skipped}) {
    for (const std::uint32_t bits : {0u, 8u, 16u, 24u}) {
      const outcome_word word(outcome_word(at).bits() | bits);
      EXPECT_EQ(word.at(), at);
      EXPECT_EQ(word.awaited(), (bits & outcome_word::awaited_bit) != 0);
      EXPECT_EQ(word.let_go(), (bits & outcome_word::let_go_bit) != 0);
      EXPECT_EQ(word.has_ended(), at == phase::value || at == phase::exception || at == phase::skipped);
    }
  }
}

TEST(outcome, of_an_added_task_is_nobodys) {
  task_record record;
  tg::task::mark_added(record);
  EXPECT_FALSE(tg::task::is_submitted(record));
  EXPECT_FALSE(tg::task::is_queued(record));
}

TEST(outcome, is_queued_then_running_then_ended) {
  task_record record;
  tg::task::mark_submitted(record);
  EXPECT_TRUE(tg::task::is_submitted(record));
  EXPECT_TRUE(tg::task::is_queued(record));
  EXPECT_FALSE(tg::task::has_ended(record));
  tg::task::mark_running(record);
  EXPECT_TRUE(tg::task::is_submitted(record));
  EXPECT_FALSE(tg::task::is_queued(record));
  EXPECT_FALSE(tg::task::has_ended(record));
  EXPECT_FALSE(tg::task::publish(record, phase::value));
  EXPECT_TRUE(tg::task::has_ended(record));
  EXPECT_EQ(tg::task::ended_phase(record), phase::value);
}

TEST(outcome, begins_anew_in_a_reused_record) {
  running_task record;
  static_cast<void>(tg::task::publish(record, phase::exception));
  static_cast<void>(tg::task::let_go(record));
  tg::task::mark_submitted(record);
  EXPECT_TRUE(tg::task::is_queued(record));
  EXPECT_EQ(record.drop_result, nullptr);
  EXPECT_FALSE(tg::task::let_go(record));
}

TEST(outcome, keeps_what_waiters_have_noted_when_the_task_begins) {
  task_record record;
  tg::task::mark_submitted(record);
  EXPECT_FALSE(tg::task::await_end(record, 0));
  tg::task::mark_running(record);
  const outcome_word word(record.state.load(tg::base::seq_cst));
  EXPECT_TRUE(word.awaited());
  EXPECT_EQ(word.at(), phase::running);
}

// --- Who frees the record ------------------------------------------------------------------------

TEST(outcome, leaves_the_record_to_whoever_comes_second) {
  for (const phase ended : {phase::value, phase::exception, phase::skipped}) {
    running_task task_first;
    EXPECT_FALSE(tg::task::publish(task_first, ended));
    EXPECT_TRUE(tg::task::let_go(task_first));
    EXPECT_EQ(tg::task::ended_phase(task_first), ended);
    running_task future_first;
    EXPECT_FALSE(tg::task::let_go(future_first));
    EXPECT_TRUE(tg::task::publish(future_first, ended));
    EXPECT_EQ(tg::task::ended_phase(future_first), ended);
  }
}

TEST(outcome, of_a_task_skipped_in_the_queue_is_shared_in_the_same_way) {
  for (const bool future_first : {true, false}) {
    task_record record;
    tg::task::mark_submitted(record);
    if (future_first) {
      EXPECT_FALSE(tg::task::let_go(record));
      EXPECT_TRUE(tg::task::publish(record, phase::skipped));
    } else {
      EXPECT_FALSE(tg::task::publish(record, phase::skipped));
      EXPECT_TRUE(tg::task::let_go(record));
    }
  }
}

TEST(outcome, lets_go_after_a_wait_that_timed_out) {
  running_task record;
  EXPECT_FALSE(tg::task::await_end(record, 0));
  EXPECT_FALSE(tg::task::let_go(record));
  EXPECT_TRUE(tg::task::publish(record, phase::value));
}

TEST(outcome, is_freed_by_exactly_one_of_task_and_future) {
  std::optional<running_task> record;
  std::vector<std::size_t> frees(2, 0);
  std::vector<std::size_t> freed_by(2, 0);
  std::size_t not_once = 0;
  repeat_together(
      2, 20'000,
      [&](std::size_t) {
        record.emplace();
        frees.assign(2, 0);
      },
      [&](std::size_t round, std::size_t me) {
        give_way((round + me) % 2);
        spin(me == 0 ? round % 20 : 10);
        frees[me] = (me == 0 ? tg::task::publish(*record, phase::value) : tg::task::let_go(*record)) ? 1 : 0;
      },
      [&](std::size_t) {
        if (frees[0] + frees[1] != 1) ++not_once;
        for (std::size_t me = 0; me < 2; ++me) freed_by[me] += frees[me];
      });
  EXPECT_EQ(not_once, 0u);
  print_reached("freed by the task", freed_by[0]);
  print_reached("freed by the future", freed_by[1]);
}

// --- Waiting -------------------------------------------------------------------------------------

TEST(outcome, is_not_waited_for_once_it_is_there) {
  running_task record;
  EXPECT_FALSE(tg::task::publish(record, phase::value));
  EXPECT_TRUE(tg::task::await_end(record, 0));
  EXPECT_TRUE(tg::task::await_end(record, tg::detail::for_ever));
  EXPECT_EQ(tg::task::ended_phase(record), phase::value);
  EXPECT_TRUE(tg::task::let_go(record));
}

TEST(outcome, is_not_waited_for_beyond_the_deadline) {
  running_task record;
  for (const tg::detail::deadline_ns until : {tg::detail::deadline_ns{0}, tg::detail::deadline_ns{1},
                                              tg::detail::now_ns() - 1, tg::detail::now_ns() + 2'000'000}) {
    EXPECT_FALSE(tg::task::await_end(record, until));
  }
}

TEST(outcome, wakes_all_who_wait_for_it) {
  running_task record;
  std::deque<sleep_mark> marks(2);
  std::vector<std::future<bool>> waiters;
  for (sleep_mark& mark : marks) {
    waiters.push_back(in_background([&] {
      mark.about_to_wait();
      return tg::task::await_end(record, patience_end());
    }));
  }
  for (const sleep_mark& mark : marks) EXPECT_TRUE(mark.wait_asleep());
  EXPECT_FALSE(tg::task::publish(record, phase::skipped));
  for (auto& waiter : waiters) EXPECT_TRUE(waiter.get());
}

TEST(outcome, is_not_missed_by_who_begins_to_wait_meanwhile_and_shows_what_was_written_before) {
  std::optional<task_record> record;
  std::size_t result = 0;  // not atomic: the outcome publishes it
  std::size_t got = 0;
  std::vector<int> frees(2, 0);
  std::size_t wrong = 0;
  repeat_together(
      2, 5'000,
      [&](std::size_t) {
        record.emplace();
        tg::task::mark_submitted(*record);
        frees.assign(2, 0);
      },
      [&](std::size_t round, std::size_t me) {
        if (me == 0) {
          give_way(round % 2);
          spin(round % 300);
          tg::task::mark_running(*record);
          result = round + 1;
          frees[me] = tg::task::publish(*record, phase::value);
          return;
        }
        got = tg::task::await_end(*record, patience_end()) ? result : 0;
        frees[me] = tg::task::let_go(*record);
      },
      [&](std::size_t round) {
        if (got != round + 1 || frees[0] + frees[1] != 1) ++wrong;
      });
  EXPECT_EQ(wrong, 0u);
}

// --- What the record holds -----------------------------------------------------------------------

TEST(outcome, keeps_an_exception_until_it_is_destroyed) {
  running_task record;
  const auto what = std::make_exception_ptr(std::runtime_error("kept"));
  tg::task::keep_exception(record, what);
  static_cast<void>(tg::task::publish(record, phase::exception));
  EXPECT_EQ(record.content<std::exception_ptr>(), what);
  EXPECT_THROW(std::rethrow_exception(record.content<std::exception_ptr>()), std::runtime_error);
  tg::task::destroy_outcome(record);
}

TEST(outcome, destroys_the_exception_with_the_record) {
  lives alive;
  running_task record;
  try {
    throw tracked(alive);
  } catch (...) {
    tg::task::keep_exception(record, std::current_exception());
  }
  EXPECT_EQ(alive.owners.load(), 1);
  static_cast<void>(tg::task::publish(record, phase::exception));
  tg::task::destroy_outcome(record);
  EXPECT_EQ(alive.owners.load(), 0);
}

TEST(outcome, destroys_a_value_that_needs_it_once) {
  lives alive;
  running_task record;
  ::new (static_cast<void*>(record.storage)) tracked(alive);
  record.drop_result = [](task_record& of) noexcept { of.content<tracked>().~tracked(); };
  static_cast<void>(tg::task::let_go(record));
  EXPECT_TRUE(tg::task::publish(record, phase::value));
  EXPECT_EQ(alive.owners.load(), 1);
  tg::task::destroy_outcome(record);
  EXPECT_EQ(alive.owners.load(), 0);
  EXPECT_EQ(alive.ends.load(), 1);
}

TEST(outcome, has_nothing_to_destroy_of_a_plain_value_or_a_skipped_task) {
  running_task plain;
  static_cast<void>(tg::task::publish(plain, phase::value));
  tg::task::destroy_outcome(plain);
  running_task skipped;
  skipped.drop_result = [](task_record&) noexcept { ADD_FAILURE() << "there is no value"; };
  tg::task::keep_skipped(skipped, event_cause::cleared);
  static_cast<void>(tg::task::publish(skipped, phase::skipped));
  EXPECT_EQ(skipped.content<event_cause>(), event_cause::cleared);
  tg::task::destroy_outcome(skipped);
}

}  // namespace

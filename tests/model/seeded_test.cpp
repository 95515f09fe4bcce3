// The checker itself: faults made on purpose are found, whichever way schedules are chosen, and the token of a failed
// schedule shows the same failure again. The same code without the fault passes.
#include "core/os/futex.h"
#include "tests/model/checker/explore.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

namespace {

using namespace tg::base;
using shared = atomic<std::uint32_t>;

void expect_found(const std::string& why, const model::body& test) {
  for (const model::bounds within : {model::bounds{2, 1, 1}, model::bounds{0, 0, 0}}) {
    const model::plan plan{.schedules = 20'000, .within = within};
    const model::finding found = model::search(plan, test);
    ASSERT_TRUE(found.failed) << "not found: " << why;
    EXPECT_NE(found.why.find(why), std::string::npos) << found.why;
    EXPECT_FALSE(found.trace.empty());
    const model::finding again = model::replay(found.token, plan, test);
    EXPECT_TRUE(again.failed) << found.token;
    EXPECT_EQ(again.why, found.why) << found.token;
    EXPECT_EQ(again.trace, found.trace) << found.token;
  }
}

void expect_clean(const model::body& test) {
  const model::finding found = model::search({.schedules = 20'000}, test);
  EXPECT_FALSE(found.failed) << found.why << '\n' << found.token << '\n' << found.trace;
}

void publication(std::memory_order order) {
  int data = 0;
  shared ready;
  model::thread writer([&] {
    data = 1;
    ready.store(1, order);
  });
  model::thread reader([&] {
    if (ready.load(acquire) == 1) model::check(data == 1, "data");
  });
}

TEST(seeded, a_release_made_relaxed_is_a_race) {
  expect_found("races", [] { publication(relaxed); });
  expect_clean([] { publication(release); });
}

// A sleeper says that it sleeps and looks again; a waker makes the change and looks for sleepers.
void sleep_and_wake(std::memory_order order) {
  shared word, asleep, done;
  model::thread sleeper([&] {
    while (done.load(acquire) == 0) {
      const std::uint32_t seen = word.load(acquire);
      asleep.store(1, order);
      if (done.load(order == seq_cst ? seq_cst : acquire) != 0) break;
      tg::os::futex_wait(word, seen, tg::detail::for_ever);
    }
  });
  model::thread waker([&] {
    done.store(1, order);
    if (asleep.load(order == seq_cst ? seq_cst : acquire) == 0) return;
    word.fetch_add(1, release);
    tg::os::futex_wake_all(word);
  });
}

TEST(seeded, a_wake_up_lost_for_want_of_one_order_is_a_sleep_without_end) {
  expect_found("nobody can go on", [] { sleep_and_wake(release); });
  expect_clean([] { sleep_and_wake(seq_cst); });
}

TEST(seeded, a_futex_word_that_does_not_move_loses_the_wake_up) {
  expect_found("nobody can go on", [] {
    shared word, done;
    model::thread sleeper([&] {
      while (done.load(seq_cst) == 0) tg::os::futex_wait(word, 0, tg::detail::for_ever);
    });
    done.store(1, seq_cst);
    tg::os::futex_wake_all(word);
  });
}

TEST(seeded, a_time_out_that_hides_a_lost_wake_up_is_told_if_that_is_asked) {
  const auto test = [] {
    shared word, done;
    model::thread sleeper([&] {
      while (done.load(seq_cst) == 0) tg::os::futex_wait(word, 0, 5'000'000'000);
    });
    done.store(1, seq_cst);
    tg::os::futex_wake_all(word);
  };
  expect_clean(test);
  const model::finding found = model::search({.schedules = 20'000, .with = {.time_rescues = false}}, test);
  EXPECT_NE(found.why.find("only a time-out"), std::string::npos) << found.why;
}

// Three items on a stack of indices; without a tag in the top, an exchange can succeed with an old link.
void pops_and_pushes(std::uint32_t one_tag) {
  shared top{1};
  std::array<shared, 4> below;
  std::array<shared, 4> owners;
  below[1].store(2, relaxed);
  below[2].store(3, relaxed);
  const auto pop = [&] {
    std::uint32_t seen = top.load(acquire);
    while ((seen & 0xff) != 0) {
      const std::uint32_t next = below[seen & 0xff].load(relaxed);
      if (top.compare_exchange(seen, ((seen & ~0xffu) + one_tag) | next, acq_rel, acquire)) break;
    }
    if ((seen & 0xff) != 0)
      model::check(owners[seen & 0xff].fetch_add(1, relaxed) == 0, "two have the same item");
    return seen & 0xff;
  };
  const auto push = [&](std::uint32_t item) {
    owners[item].fetch_sub(1, relaxed);
    std::uint32_t seen = top.load(relaxed);
    do {
      below[item].store(seen & 0xff, relaxed);
    } while (!top.compare_exchange(seen, ((seen & ~0xffu) + one_tag) | item, release, relaxed));
  };
  model::thread slow([&] {
    pop();
    pop();
  });
  model::thread quick([&] {
    const std::uint32_t first = pop();
    pop();
    if (first != 0) push(first);
  });
}

TEST(seeded, a_stack_without_tags_gives_one_item_twice) {
  expect_found("two have the same item", [] { pops_and_pushes(0); });
  expect_clean([] { pops_and_pushes(0x100); });
}

TEST(seeded, plain_counting_is_a_race) {
  expect_found("races", [] {
    int count = 0;
    const auto raise = [&] { count = count + 1; };
    model::thread one(raise);
    model::thread two(raise);
  });
}

TEST(seeded, a_look_at_freed_memory_is_found) {
  expect_found("freed", [] {
    auto kept = std::make_unique<shared>();
    shared gone;
    model::thread late([&, at = kept.get()] {
      if (gone.load(acquire) == 1) at->load(relaxed);
    });
    kept.reset();
    gone.store(1, release);
  });
}

TEST(seeded, two_who_wait_for_each_other_are_found) {
  const auto lock = [](shared& word) {
    while (word.exchange(1, acquire) != 0) tg::os::futex_wait(word, 1, tg::detail::for_ever);
  };
  const auto unlock = [](shared& word) {
    word.store(0, release);
    tg::os::futex_wake_all(word);
  };
  expect_found("nobody can go on", [=] {
    shared a, b;
    model::thread one([&] { lock(a), lock(b), unlock(b), unlock(a); });
    model::thread two([&] { lock(b), lock(a), unlock(a), unlock(b); });
  });
}

TEST(seeded, a_loop_without_end_is_found) {
  expect_found("no end", [] {
    shared a, b;
    const auto wait_for = [](shared& mine, shared& other) {
      mine.store(1, seq_cst);
      while (other.load(seq_cst) != 0) {
      }
      mine.store(0, seq_cst);
    };
    model::thread one([&] { wait_for(a, b); });
    model::thread two([&] { wait_for(b, a); });
  });
}

TEST(seeded, a_wake_for_no_reason_is_made) {
  expect_found("woken too early", [] {
    shared word, done;
    model::thread sleeper([&] {
      tg::os::futex_wait(word, 0, tg::detail::for_ever);
      model::check(done.load(acquire) == 1, "woken too early");
    });
    done.store(1, release);
    word.fetch_add(1, release);
    tg::os::futex_wake_all(word);
  });
}

TEST(seeded, an_exception_that_leaves_a_thread_is_told) {
  expect_found("an exception leaves the thread: here",
               [] { model::thread one([] { throw std::runtime_error("here"); }); });
}

TEST(seeded, threads_have_their_own_exceptions_in_flight) {
  expect_clean([] {
    shared turn;
    const auto catches = [&](int number) {
      try {
        throw number;
      } catch (int caught) {
        turn.fetch_add(1, relaxed);
        try {
          throw;
        } catch (int again) {
          model::check(caught == number && again == number, "another's exception");
        }
      }
    };
    model::thread one([&] { catches(1); });
    model::thread two([&] { catches(2); });
  });
}

thread_local int own = 0;

TEST(seeded, threads_have_their_own_locals) {
  expect_clean([] {
    shared turn;
    const auto count = [&] {
      for (int i = 0; i < 3; ++i) {
        ++own;
        turn.fetch_add(1, relaxed);
      }
      model::check(own == 3, "another's local");
    };
    model::thread one(count);
    model::thread two(count);
  });
}

TEST(seeded, a_token_of_another_kind_is_refused) {
  for (const char* token : {"", "path", "paths:1.2", "path:1", "path:3.1,2.1", "random:x", "pct:1:2"}) {
    if (std::string(token) == "path") continue;  // the plain schedule
    EXPECT_THROW(model::replay(token, {}, [] {}), std::invalid_argument) << token;
  }
}

}  // namespace

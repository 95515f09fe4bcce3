// What a rack gives is whole, and comes once: a place is one thread's while it writes or reads it.
#include "core/handoff/rack.h"
#include "tests/model/checker/explore.h"

#include <gtest/gtest.h>

namespace {

namespace base = tg::base;

// Plain words: two at once in one place race here.
struct item {
  int number = 0;
  int copy = 0;
};
using rack = tg::handoff::rack<item>;

// What one of them put and took.
struct doings {
  int put = 0;
  int taken = 0;  // number of the item; 0: none
};

doings pass_on(rack& through, int number) {
  doings done;
  if (through.try_put({number, number})) done.put = number;
  item got;
  if (!through.try_take(got)) return done;
  model::check(got.number == got.copy && got.number != 0, "not what was put");
  done.taken = got.number;
  return done;
}

TEST(rack, gives_what_was_put_once) {
  for (const std::size_t places : {1u, 2u}) {
    model::explore({.schedules = 10'000, .within = {3, 3, 1}, .reaches = {"handed over", "refused"}}, [=] {
      rack through(places);
      doings one, two;
      {
        model::thread other([&] { two = pass_on(through, 2); });
        one = pass_on(through, 1);
      }
      int left = one.put + two.put - one.taken - two.taken;
      for (item got; through.try_take(got);) left -= got.number;
      model::check(left == 0, "lost, or given twice");
      if (one.taken == 2 || two.taken == 1) model::reached("handed over");
      if (one.put == 0 || two.put == 0) model::reached("refused");
    });
  }
}

// Whoever takes by an old hint leaves the place as its next giver may find it.
TEST(rack, a_place_is_of_use_after_any_crowd) {
  model::explore({.schedules = 20'000, .within = {3, 3, 1}, .reaches = {"nothing left"}}, [] {
    rack through(1);
    doings done[3];
    {
      model::thread other([&] { done[1] = pass_on(through, 1); });
      model::thread another([&] { done[2] = pass_on(through, 1); });
      done[0] = pass_on(through, 1);
    }
    int left = 0;
    for (const doings& each : done) left += each.put - each.taken;
    if (left == 0) model::reached("nothing left");
    item got;
    model::check(through.try_take(got) == (left == 1), "what is there cannot be taken");
    model::check(through.try_put({2, 2}) && through.size() == 1, "an empty place is refused");
    model::check(through.try_take(got) && got.number == 2, "what was put cannot be taken");
  });
}

}  // namespace

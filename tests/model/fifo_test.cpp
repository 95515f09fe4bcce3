// The FIFO of array segments with its ends under contention, segments that are used again included.
#include "tests/model/queue_model.h"

#include <gtest/gtest.h>

#include <array>

namespace {

using namespace model_test;
using tg::queue::fifo;
using tg::queue::segment;

// Items carry what was written before their push; numbers follow the order of pushes; nothing is lost or doubled.
void producers_and_consumers(std::size_t left_in_segment) {
  constexpr unsigned items = 4;
  fifo_model at(4);
  if (left_in_segment != 0) at.use_up_to(left_in_segment);
  std::array<int, items> payload{};
  std::array<tg::base::atomic<std::uint32_t>, items> taken;
  const auto produce = [&](std::uint32_t first) {
    std::uint64_t before = 0;
    for (std::uint32_t item = first; item < first + 2; ++item) {
      payload[item] = static_cast<int>(item) + 100;
      const std::uint64_t number = at.push(first / 2, item);
      model::check(item == first || number > before, "numbers go back");
      before = number;
    }
  };
  const auto consume = [&](std::size_t thread, unsigned looks) {
    std::uint64_t before = 0;
    for (unsigned i = 0; i < looks; ++i) {
      fifo::claimed out{};
      if (!at.claim(thread, out)) {
        model::reached("found it empty");
        continue;
      }
      model::check(payload[out.item] == static_cast<int>(out.item) + 100, "an item without its payload");
      model::check(taken[out.item].fetch_add(1, tg::base::relaxed) == 0, "an item twice");
      model::check(before == 0 || out.number > before, "claims go back");
      before = out.number;
    }
  };
  {
    model::thread one([&] { produce(0); });
    model::thread two([&] { produce(2); });
    model::thread three([&] { consume(2, 2); });
    consume(3, 2);
  }
  consume(3, items);
  for (auto& one : taken) model::check(one.load(tg::base::relaxed) == 1, "an item is lost");
  model::check(!at.has_items(), "says it has items, and has none");
}

TEST(fifo, nothing_is_lost_or_doubled) {
  model::explore({.schedules = 40'000, .within = {2, 2, 0}, .reaches = {"found it empty"}},
                 [] { producers_and_consumers(0); });
}
TEST(fifo, nothing_is_lost_or_doubled_between_segments) {
  model::explore({.schedules = 20'000, .within = {2, 1, 0}, .reaches = {"found it empty"}},
                 [] { producers_and_consumers(2); });
}

// Of an adder, who writes and then looks at a word, and a leaver, who changes the word and then looks for items, one
// sees the other.
void adder_against_leaver(std::size_t left_in_segment) {
  fifo_model at(2);
  if (left_in_segment < segment::capacity) at.use_up_to(left_in_segment);
  tg::base::atomic<std::uint32_t> gone{0};
  bool leaver_saw = false;
  model::thread leaver([&] {
    gone.store(1, tg::base::seq_cst);
    leaver_saw = at.has_items();
  });
  at.push(0, 1);
  const bool adder_saw = gone.load(tg::base::seq_cst) != 0;
  leaver.join();
  if (adder_saw) model::reached("the adder saw the leaver");
  if (leaver_saw) model::reached("the leaver saw the item");
  model::check(adder_saw || leaver_saw, "a queued task that neither has seen");
}

TEST(fifo, adder_and_leaver_do_not_miss_each_other) {
  for (const std::size_t left : {segment::capacity, 1u, 0u}) {
    model::explore({.schedules = 8'000,
                    .within = {3, 3, 0},
                    .reaches = {"the adder saw the leaver", "the leaver saw the item"}},
                   [=] { adder_against_leaver(left); });
  }
}

// A count of claims that equals an earlier one means that nothing was claimed in between, also beside recycling.
TEST(fifo, the_count_of_claims_is_exact_between_segments) {
  model::explore({.schedules = 10'000, .within = {2, 1, 0}, .reaches = {"none yet", "all of them"}}, [] {
    fifo_model at(2);
    at.use_up_to(1);
    for (std::uint32_t i = 0; i < 3; ++i) at.push(0, i);
    tg::base::atomic<std::uint32_t> ended{0};
    model::thread claimer([&] {
      fifo::claimed out{};
      for (int i = 0; i < 3; ++i) {
        model::check(at.claim(1, out), "an item is lost");
        ended.fetch_add(1, tg::base::seq_cst);
      }
    });
    const std::uint64_t claims_before = segment::capacity - 1;
    const std::uint32_t ended_before = ended.load(tg::base::seq_cst);
    const std::uint64_t claimed = at.claims() - claims_before;
    model::check(claimed >= ended_before && claimed <= 3, "claims are fewer than ended tasks, or too many");
    if (claimed == 0) model::reached("none yet");
    if (claimed == 3) model::reached("all of them");
  });
}

// Who has added looks, while others use up the segment of what it added, and that segment comes round again.
TEST(fifo, a_look_between_segments_counts_what_was_added_before) {
  model::explore({.schedules = 10'000, .within = {2, 2, 0}, .reaches = {"queued", "empty"}}, [] {
    fifo_model at(2);
    at.use_up_to(0);
    model::thread other([&] {
      fifo::claimed out{};
      while (!at.claim(1, out)) model::spin();
      at.use(2 * segment::capacity - 1, 1);
      at.push(1, 8);  // into the same segment, which is taken from the pool for it
    });
    at.push(0, 7);
    const std::uint64_t claimed = at.claims_if_empty();
    model::reached(claimed == fifo::not_empty ? "queued" : "empty");
    model::check(claimed > segment::capacity, "what was added is neither queued nor claimed");
    other.join();
  });
}

// Of two that push and two that claim across the end of a segment: each item has one number, whoever tells it.
void numbers_agree(std::size_t used) {
  constexpr std::uint64_t items = 3;
  fifo_model at(3);
  at.use(used);
  std::array<std::uint64_t, items> pushed{};
  std::array<std::uint64_t, items> claimed{};
  const auto claim = [&](std::size_t thread) {
    fifo::claimed out{};
    if (!at.claim(thread, out)) return false;
    claimed[out.item] = out.number;
    return true;
  };
  model::thread other([&] {
    pushed[0] = at.push(1, 0);
    pushed[1] = at.push(1, 1);
    if (claim(1)) model::reached("claimed by who has pushed");
  });
  pushed[2] = at.push(0, 2);
  if (claim(0)) model::reached("claimed by the other");
  other.join();
  while (claim(0)) {
  }
  for (std::uint64_t i = 0; i < items; ++i) {
    model::check(pushed[i] == claimed[i], "a push and its claim tell two numbers");
    model::check(pushed[i] >= used && pushed[i] < used + items, "a number that there is not");
  }
  model::check(at.claims() == used + items && at.pushes() == used + items, "the counts");
}

TEST(fifo, a_push_and_its_claim_tell_one_number) {
  for (const std::size_t left : {0u, 1u, 2u}) {
    // Twice round: the segment is one that was used before, too.
    for (const std::size_t before : {segment::capacity - left, 3 * segment::capacity - left}) {
      model::explore({.schedules = 2'000,
                      .within = {3, 3, 0},
                      .reaches = {"claimed by who has pushed", "claimed by the other"}},
                     [=] { numbers_agree(before); });
    }
  }
}

// Who counts beside pushes and claims between two segments: the number is one that it was.
TEST(fifo, counts_are_of_some_moment) {
  for (const std::size_t left : {0u, 1u}) {
    model::explore({.schedules = 3'000, .within = {3, 3, 0}, .reaches = {"before", "between", "after"}}, [=] {
      fifo_model at(2);
      const std::uint64_t before = 3 * segment::capacity - left;
      at.use(before);
      model::thread other([&] {
        fifo::claimed out{};
        for (std::uint32_t i = 0; i < 2; ++i) {
          at.push(1, i);
          model::check(at.claim(1, out) && out.item == i, "an item is lost");
        }
      });
      const std::uint64_t claims = at.claims();
      const std::uint64_t pushes = at.pushes();
      model::check(claims >= before && claims <= before + 2, "a count of claims that there was not");
      model::check(pushes >= before && pushes <= before + 2, "a count of pushes that there was not");
      model::reached(claims == before ? "before" : claims == before + 1 ? "between" : "after");
      other.join();
    });
  }
}

// Who has pushed counts at least its own push, also when one that was slow tells an older end of what is written.
TEST(fifo, a_count_of_pushes_has_ones_own) {
  model::explore({.schedules = 10'000, .within = {2, 1, 0}, .reaches = {"all three"}}, [] {
    fifo_model at(3);
    model::thread one([&] { at.push(1, 1); });
    model::thread two([&] {
      const std::uint64_t number = at.push(2, 2);
      const std::uint64_t pushes = at.pushes();
      model::check(pushes > number && pushes <= 3,
                   "one's own push is missing, or one is told that there was not");
      if (number == 2) model::reached("all three");
    });
    at.push(0, 0);
  });
}

// A leader that claims and sees no mark of a watcher: the watcher sees what the leader did before.
TEST(fifo, who_claims_or_who_watches_sees_the_other) {
  model::explore({.schedules = 2'000, .within = {3, 3, 0}, .reaches = {"the leader", "the watcher"}}, [] {
    fifo_model at(2);
    at.push(0, 0);
    tg::base::atomic<std::uint32_t> count{0}, mark{0};
    bool leader_saw = false;
    model::thread leader([&] {
      count.store(1, tg::base::release);
      fifo::claimed out{};
      model::check(at.claim(1, out), "an item is lost");
      leader_saw = mark.load(tg::base::seq_cst) != 0;
    });
    mark.fetch_add(1, tg::base::seq_cst);
    at.see_claims();
    const bool watcher_saw = count.load(tg::base::acquire) != 0;
    leader.join();
    if (leader_saw) model::reached("the leader");
    if (watcher_saw) model::reached("the watcher");
    model::check(leader_saw || watcher_saw, "neither sees the other");
  });
}

// The segment that is looked at goes to another queue meanwhile: what it counts there must not be counted here.
TEST(fifo, counts_are_not_of_another_queue) {
  for (const bool of_pushes : {false, true}) {
    model::explore({.schedules = 2'000, .within = {1, 2, 0}, .reaches = {"before", "after"}}, [=] {
      constexpr std::uint64_t before = segment::capacity;
      fifo_model at(2);
      at.use_beside(before);
      at.use(before);
      model::thread other([&] {
        at.push(1, 0);
        fifo::claimed out{};
        model::check(at.claim(1, out), "an item is lost");
        at.use_beside(1, 1);
      });
      const std::uint64_t counted = of_pushes ? at.pushes() : at.claims();
      model::reached(counted == before ? "before" : "after");
      model::check(counted == before || counted == before + 1, "a count that there was not");
      other.join();
    });
  }
}

// The same beside an adder that has linked a segment and not yet written into it.
TEST(fifo, an_empty_queues_count_is_not_of_another_queue) {
  model::explore({.schedules = 10'000, .within = {2, 1, 0}, .reaches = {"empty", "queued"}}, [] {
    fifo_model at(3);
    at.use_beside(segment::capacity);
    at.use(segment::capacity);
    model::thread adder([&] { at.push(1, 0); });
    model::thread claimer([&] {
      fifo::claimed out{};
      if (at.claim(2, out, [](std::uint64_t) { return false; })) model::fail("claimed what it may not");
      at.use_beside(1, 2);
    });
    const std::uint64_t claims = at.claims_if_empty();
    model::check(claims == segment::capacity || claims == fifo::not_empty,
                 "a count of claims that there was not");
    model::reached(claims == fifo::not_empty ? "queued" : "empty");
  });
}

// Whoever may claim what is queued gets it: the number that is asked about must not be one of another queue.
TEST(fifo, what_may_be_claimed_is_not_refused) {
  model::explore({.schedules = 4'000, .within = {3, 2, 0}, .reaches = {"the last one"}}, [] {
    constexpr std::uint64_t before = segment::capacity - 1;
    fifo_model at(2);
    at.use_beside(segment::capacity);
    at.use(before);
    for (std::uint32_t i = 0; i < 3; ++i) at.push(0, i);
    model::thread other([&] {
      fifo::claimed out{};
      for (int i = 0; i < 2; ++i) model::check(at.claim(1, out), "an item is lost");
      at.use_beside(1, 1);
    });
    fifo::claimed out{};
    const auto may = [](std::uint64_t number) { return number < before + 3; };
    model::check(at.claim(0, out, may), "nothing is claimed, and there is something");
    model::check(out.number == before + out.item, "a number of another item");
    if (out.item == 2) model::reached("the last one");
  });
}

// Who claims moves the tail for an adder that has linked a segment and stands still: the next one counts from there.
TEST(fifo, who_pushes_behind_one_that_links_has_the_next_number) {
  model::explore({.schedules = 8'000, .within = {2, 1, 0}, .reaches = {"first"}}, [] {
    constexpr std::uint64_t before = 3 * segment::capacity;
    fifo_model at(3);
    at.use(before);  // the segment that is linked next has been used before
    std::array<std::uint64_t, 2> numbers{};
    model::thread claimer([&] {
      fifo::claimed out{};
      at.claim(1, out, [](std::uint64_t) { return false; });
    });
    model::thread adder([&] { numbers[1] = at.push(2, 1); });
    numbers[0] = at.push(0, 0);
    adder.join();
    const std::uint64_t first = numbers[0] < numbers[1] ? numbers[0] : numbers[1];
    model::check(first == before && numbers[0] + numbers[1] == 2 * before + 1, "a number that there is not");
    if (numbers[1] == before) model::reached("first");
  });
}

// Nobody waits for an adder that has linked a segment and stands still, while the one before serves another queue.
TEST(fifo, who_pushes_does_not_wait_for_one_that_links) {
  model::explore({.schedules = 2'000, .within = {2, 1, 0}, .reaches = {"first"}}, [] {
    constexpr std::uint64_t before = segment::capacity;
    fifo_model at(2);
    at.use_beside(before);
    at.use(before);
    std::array<std::uint64_t, 2> numbers{};
    model::thread other([&] {
      fifo::claimed out{};
      at.claim(1, out, [](std::uint64_t) { return false; });
      at.use_beside(segment::capacity + 1, 1);
      numbers[1] = at.push(1, 1);
    });
    numbers[0] = at.push(0, 0);
    other.join();
    model::check(numbers[0] + numbers[1] == 2 * before + 1, "a number that there is not");
    if (numbers[1] == before) model::reached("first");
  });
}

// A first segment that was another FIFO's, where somebody still counts: no number of neither.
TEST(fifo, counts_are_not_of_a_queue_that_is_prepared_beside) {
  for (const bool of_pushes : {false, true}) {
    model::explore({.schedules = 2'000, .within = {1, 2, 0}, .reaches = {"before", "after"}}, [=] {
      constexpr std::uint64_t before = 2 * segment::capacity;
      fifo_model at(2);
      at.use(before);
      model::thread other([&] {
        at.push(1, 0);
        fifo::claimed out{};
        model::check(at.claim(1, out), "an item is lost");
        at.use_beside(1, 1);
      });
      const std::uint64_t counted = of_pushes ? at.pushes() : at.claims();
      model::reached(counted == before ? "before" : "after");
      model::check(counted == before || counted == before + 1, "a count that there was not");
      other.join();
    });
  }
}

// Its first segment has been another one's third.
TEST(fifo, counts_begin_at_nothing_in_a_segment_that_was_used_before) {
  model::explore({.schedules = 50}, [] {
    fifo_model at(1);
    at.use(3 * segment::capacity + 1);
    model::thread other([&] { at.prepare_beside(); });
    other.join();
    model::check(at.pushes_beside() == 0 && at.claims_beside() == 0, "counts of the segment's last use");
  });
}

}  // namespace

// The FIFO of array segments with its ends under contention, segments that are used again included.
#include "core/queue/fifo.h"
#include "tests/model/checker/explore.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>

namespace {

using tg::queue::fifo;
using tg::queue::segment;

class fifo_model {
 public:
  explicit fifo_model(std::size_t threads) : segments_(sizeof(segment), 64, 64) {
    for (std::size_t i = 0; i < threads; ++i) caches_.emplace_back(segments_);
    tasks_.prepare(segments_, caches_[0]);
  }
  // Moves both ends to just before the last slot but `left` of a segment.
  void use_up_to(std::size_t left) {
    for (std::size_t i = 0; i < segment::capacity - left; ++i) {
      push(0, 0);
      fifo::claimed out{};
      claim(0, out);
    }
  }
  std::uint64_t push(std::size_t thread, std::uint32_t item) {
    return tasks_.push(segments_, caches_[thread], item);
  }
  bool claim(std::size_t thread, fifo::claimed& out) { return tasks_.claim(segments_, caches_[thread], out); }
  bool has_items() { return tasks_.has_items(segments_); }
  std::uint64_t claims() { return tasks_.claims(segments_); }

 private:
  tg::memory::pool segments_;
  std::deque<tg::memory::pool::cache> caches_;
  fifo tasks_;
};

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
  model::explore({.schedules = 60'000, .within = {2, 2, 0}, .reaches = {"found it empty"}},
                 [] { producers_and_consumers(0); });
}
TEST(fifo, nothing_is_lost_or_doubled_between_segments) {
  model::explore({.schedules = 40'000, .within = {2, 1, 0}, .reaches = {"found it empty"}},
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
    model::explore({.schedules = 20'000,
                    .within = {3, 3, 0},
                    .reaches = {"the adder saw the leaver", "the leaver saw the item"}},
                   [=] { adder_against_leaver(left); });
  }
}

// A count of claims that equals an earlier one means that nothing was claimed in between, also beside recycling.
TEST(fifo, the_count_of_claims_is_exact_between_segments) {
  model::explore({.schedules = 20'000, .within = {2, 1, 0}, .reaches = {"none yet", "all of them"}}, [] {
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

}  // namespace

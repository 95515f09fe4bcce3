// The checker itself: small programs whose outcomes the C++20 memory model fixes. Exactly those must be seen.
#include "tests/model/checker/explore.h"

#include <threadgroup/detail/atomic.h>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using namespace tg::base;
using outcomes = std::set<std::string>;
using shared = atomic<std::uint32_t>;

std::string text(std::initializer_list<std::uint32_t> values) {
  const model::unobserved here;
  std::string out;
  for (const std::uint32_t value : values) out += std::to_string(value);
  return out;
}

// All outcomes of a body that answers with one.
template <class Body>
outcomes of(Body&& test) {
  outcomes seen;
  const model::finding found = model::search({.schedules = 6'000, .within = {4, 4, 0}}, [&] {
    std::string outcome = test();
    const model::unobserved here;
    seen.insert(outcome);
  });
  EXPECT_FALSE(found.failed) << found.why << '\n' << found.trace;
  return seen;
}

outcomes store_buffering(std::memory_order stores, std::memory_order loads) {
  return of([=] {
    shared x, y;
    std::uint32_t a = 0, b = 0;
    {
      model::thread one([&] { x.store(1, stores), a = y.load(loads); });
      model::thread two([&] { y.store(1, stores), b = x.load(loads); });
    }
    return text({a, b});
  });
}

TEST(litmus, store_buffering) {
  EXPECT_EQ(store_buffering(relaxed, relaxed), (outcomes{"00", "01", "10", "11"}));
  EXPECT_EQ(store_buffering(release, acquire), (outcomes{"00", "01", "10", "11"}));
  EXPECT_EQ(store_buffering(seq_cst, seq_cst), (outcomes{"01", "10", "11"}));
  EXPECT_EQ(store_buffering(seq_cst, acquire), (outcomes{"00", "01", "10", "11"}));
}

outcomes message_passing(std::memory_order store, std::memory_order load) {
  return of([=] {
    shared data, flag;
    std::uint32_t a = 0, b = 0;
    {
      model::thread one([&] { data.store(1, relaxed), flag.store(1, store); });
      model::thread two([&] { a = flag.load(load), b = data.load(relaxed); });
    }
    return text({a, b});
  });
}

TEST(litmus, message_passing) {
  EXPECT_EQ(message_passing(relaxed, relaxed), (outcomes{"00", "01", "10", "11"}));
  EXPECT_EQ(message_passing(release, relaxed), (outcomes{"00", "01", "10", "11"}));
  EXPECT_EQ(message_passing(relaxed, acquire), (outcomes{"00", "01", "10", "11"}));
  EXPECT_EQ(message_passing(release, acquire), (outcomes{"00", "01", "11"}));
  EXPECT_EQ(message_passing(seq_cst, seq_cst), (outcomes{"00", "01", "11"}));
}

// A release store heads a sequence that goes on through read-modify-writes of any order, and ends with a plain store.
outcomes release_sequence(bool by_change) {
  return of([=] {
    shared data, flag;
    std::uint32_t a = 0, b = 0;
    {
      model::thread one([&] { data.store(1, relaxed), flag.store(1, release); });
      model::thread two([&] {
        if (by_change) {
          flag.fetch_add(1, relaxed);
        } else if (flag.load(relaxed) == 1) {
          flag.store(2, relaxed);
        }
      });
      model::thread three([&] { a = flag.load(acquire), b = data.load(relaxed); });
    }
    return text({a, b});
  });
}

TEST(litmus, release_sequence) {
  // With the change alone, 1 may be either thread's.
  EXPECT_EQ(release_sequence(true), (outcomes{"00", "01", "10", "11", "21"}));
  EXPECT_EQ(release_sequence(false), (outcomes{"00", "01", "11", "20", "21"}));
}

TEST(litmus, loads_of_one_place_agree_on_its_order) {
  const outcomes seen = of([] {
    shared x;
    std::uint32_t a = 0, b = 0;
    {
      model::thread one([&] { x.store(1, relaxed), x.store(2, relaxed); });
      model::thread two([&] { a = x.load(relaxed), b = x.load(relaxed); });
    }
    return text({a, b});
  });
  EXPECT_EQ(seen, (outcomes{"00", "01", "02", "11", "12", "22"}));
}

TEST(litmus, what_was_read_is_handed_on_to_who_synchronises) {
  const outcomes seen = of([] {
    shared x, y;
    std::uint32_t a = 0, b = 0, c = 0;
    {
      model::thread one([&] { x.store(1, relaxed); });
      model::thread two([&] { a = x.load(relaxed), y.store(1, release); });
      model::thread three([&] { b = y.load(acquire), c = x.load(relaxed); });
    }
    return text({a, b, c});
  });
  EXPECT_EQ(seen, (outcomes{"000", "001", "010", "011", "100", "101", "111"}));
}

outcomes independent_reads(std::memory_order store, std::memory_order load) {
  return of([=] {
    shared x, y;
    std::uint32_t a = 0, b = 0, c = 0, d = 0;
    {
      model::thread one([&] { x.store(1, store); });
      model::thread two([&] { y.store(1, store); });
      model::thread three([&] { a = x.load(load), b = y.load(load); });
      model::thread four([&] { c = y.load(load), d = x.load(load); });
    }
    return text({a, b, c, d});
  });
}

TEST(litmus, independent_reads_of_independent_writes) {
  EXPECT_EQ(independent_reads(release, acquire).count("1010"), 1u);
  EXPECT_EQ(independent_reads(seq_cst, acquire).count("1010"), 1u);
  EXPECT_EQ(independent_reads(seq_cst, seq_cst).count("1010"), 0u);
  EXPECT_EQ(independent_reads(relaxed, seq_cst).count("1010"), 0u);
  EXPECT_EQ(independent_reads(seq_cst, seq_cst).size(), 15u);
}

outcomes two_and_two_writes(std::memory_order order) {
  return of([=] {
    shared x, y;
    {
      model::thread one([&] { x.store(1, order), y.store(2, order); });
      model::thread two([&] { y.store(1, order), x.store(2, order); });
    }
    return text({x.load(relaxed), y.load(relaxed)});
  });
}

TEST(litmus, two_and_two_writes) {
  EXPECT_EQ(two_and_two_writes(relaxed), (outcomes{"11", "12", "21", "22"}));
  EXPECT_EQ(two_and_two_writes(release), (outcomes{"11", "12", "21", "22"}));
  EXPECT_EQ(two_and_two_writes(seq_cst), (outcomes{"12", "21", "22"}));
}

TEST(litmus, changes_of_one_place_are_one_after_the_other) {
  const outcomes seen = of([] {
    shared x;
    std::uint32_t a = 0, b = 0;
    {
      model::thread one([&] { a = x.fetch_add(1, relaxed); });
      model::thread two([&] { b = x.fetch_add(1, relaxed); });
    }
    return text({a, b, x.load(relaxed)});
  });
  EXPECT_EQ(seen, (outcomes{"012", "102"}));
}

TEST(litmus, an_exchange_succeeds_once_and_may_fail_by_an_old_value) {
  const outcomes seen = of([] {
    shared x{5};
    std::uint32_t a = 0, b = 0, c = 7;
    {
      model::thread one([&] { a = x.compare_exchange(b, 1, seq_cst, relaxed) ? 1 : 0; });
      model::thread two([&] {
        x.store(7, relaxed);
        x.compare_exchange(c, 8, relaxed, relaxed);
      });
    }
    return text({a, b, c, x.load(relaxed)});
  });
  EXPECT_EQ(seen, (outcomes{"0578", "0778", "0878"}));
}

// Load buffering needs a load that sees the future: C++ allows it for relaxed operations, this checker does not show it.
TEST(litmus, load_buffering_is_not_shown) {
  const outcomes seen = of([] {
    shared x, y;
    std::uint32_t a = 0, b = 0;
    {
      model::thread one([&] { a = x.load(relaxed), y.store(1, relaxed); });
      model::thread two([&] { b = y.load(relaxed), x.store(1, relaxed); });
    }
    return text({a, b});
  });
  EXPECT_EQ(seen, (outcomes{"00", "01", "10"}));
}

}  // namespace

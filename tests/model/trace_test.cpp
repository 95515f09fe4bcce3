// The recorder's parts, each alone: there are no files here, so nothing records.
#include "core/os/futex.h"
#include "core/trace/control.h"
#include "core/trace/group_table.h"
#include "core/trace/ring.h"
#include "core/trace/turn.h"
#include "tests/model/checker/explore.h"
#include "tests/model/checker/spin.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <span>

namespace {

namespace base = tg::base;
using namespace tg::tracing;

TEST(trace, a_reader_beside_the_writer_gets_whole_records) {
  constexpr std::uint64_t size = 2;
  model::explore({.schedules = 30'000, .within = {3, 2, 0}, .reaches = {"some", "none left"}}, [] {
    ring_header header{};
    std::array<record, size> records{};
    const ring at{&header, records.data(), size - 1};
    const auto write = [&](std::uint64_t n) {
      const std::uint64_t number = ring(at).write([&] { return record{n, n, n, n}; });
      model::check(number == n - 1, "a record is given up, and no handler has struck");
    };
    write(1);
    model::thread writer([&] {
      write(2);
      write(3);
      write(4);
    });
    std::array<record, size> out{};
    const ring::copy got = at.copy_to(out.data());
    for (std::uint64_t number = got.first; number < got.end; ++number) {
      const record& one = out[number & (size - 1)];
      model::check(
          one.stamp == number + 1 && one.what == one.stamp && one.a == one.stamp && one.b == one.stamp,
          "a torn record");
    }
    model::reached(got.first < got.end ? "some" : "none left");
  });
}

TEST(trace, one_trigger_at_a_time_is_taken_whole) {
  model::explore({.schedules = 20'000, .within = {3, 2, 0}, .reaches = {"one", "both"}}, [] {
    const auto ask = [](std::uint64_t n) { ask_to_freeze({freeze_reason::long_run, n, n, n}); };
    model::thread one([&] { ask(1); });
    model::thread two([&] { ask(2); });
    unsigned taken = 0;
    const auto take = [&] {
      const std::optional<trigger> got = take_trigger();
      if (!got) return;
      ++taken;
      model::check(got->group == got->task && got->task == got->ticks && got->group != 0, "half a trigger");
    };
    take();
    take();
    one.join();
    two.join();
    take();
    model::check(taken != 0, "a trigger is lost");
    model::reached(taken == 1 ? "one" : "both");
    model::check(!take_trigger(), "a trigger is taken twice");
  });
}

// The service thread must not sleep while a trigger waits.
TEST(trace, the_bell_is_heard) {
  model::explore({.schedules = 4'000,
                  .within = {3, 2, 1},
                  .with = {.time_rescues = false},
                  .reaches = {"at once", "after a sleep"}},
                 [] {
                   const bell of;
                   base::atomic<std::uint32_t>& word = *of.word();
                   model::thread other([] { ask_to_freeze({freeze_reason::long_run, 1, 1, 1}); });
                   bool slept = false;
                   for (;;) {
                     const std::uint32_t seen = word.load(base::acquire);
                     if (take_trigger()) break;
                     tg::os::futex_wait_shared(word, seen, tg::detail::for_ever);
                     slept = true;
                   }
                   model::reached(slept ? "after a sleep" : "at once");
                 });
}

TEST(trace, who_has_the_turn_has_it_alone) {
  model::explore({.schedules = 20'000, .within = {3, 2, 1}}, [] {
    turn of;
    int inside = 0;
    const auto go = [&] {
      const turn::mine now(of);
      model::check(++inside == 1, "two at once");
      --inside;
    };
    model::thread one(go);
    model::thread two(go);
    go();
  });
}

entry_state state_of(const group_entry& entry) {
  return static_cast<entry_state>(live(entry.state).load(base::acquire));
}

void lay(group_table& table, std::span<group_entry> entries) {
  table.lay(
      entries.data(), static_cast<std::uint32_t>(entries.size()),
      [](void*, std::uint32_t, std::uint32_t) noexcept { return true; }, nullptr);
}

// Groups come and go beside a sweep: an entry is one group's at a time, and says what its group said.
TEST(trace, an_entry_of_the_table_is_one_groups_at_a_time) {
  constexpr std::uint32_t capacity = 4;
  model::explore({.schedules = 20'000, .within = {2, 2, 0}, .reaches = {"swept", "used again"}}, [] {
    std::array<group_entry, capacity> entries{};
    group_table table;
    lay(table, entries);
    std::array<base::atomic<std::uint32_t>, capacity> users;
    const auto live_and_end = [&](std::uint64_t id) {
      const group_ref mine = table.enter({.id = id, .parent = 0, .name = "a group"}, id);
      model::check(mine != 0, "no entry");
      model::check(users[entry_of(mine)].fetch_add(1, base::relaxed) == 0, "two groups have one entry");
      const group_entry& entry = table.at(entry_of(mine));
      model::check(live(entry.id).load(base::relaxed) == id, "another group's entry");
      model::check(live(entry.generation).load(base::relaxed) == generation_of(mine), "another generation");
      model::check(state_of(entry) == entry_state::living, "a living group's entry is not");
      if (generation_of(mine) > 1) model::reached("used again");
      users[entry_of(mine)].fetch_sub(1, base::relaxed);
      table.end(mine, id);
    };
    model::thread one([&] { live_and_end(1); });
    model::thread two([&] {
      live_and_end(2);
      live_and_end(3);
    });
    if (table.sweep([](auto&&) {}) != 0) model::reached("swept");
    live_and_end(4);
    one.join();
    two.join();
    static_cast<void>(table.sweep([](auto&&) {}));
    for (const group_entry& entry : entries)
      model::check(state_of(entry) == entry_state::free, "an entry is lost");
  });
}

// Who takes from the free entries beside who gives back: none of them must be lost.
TEST(trace, no_free_entry_is_lost) {
  constexpr std::uint32_t capacity = 2;
  model::explore(
      {.schedules = 6'000, .within = {3, 2, 0}, .reaches = {"none", "the first", "the second"}}, [] {
        std::array<group_entry, capacity> entries{};
        group_table table;
        lay(table, entries);
        std::uint64_t id = 0;
        const auto enter = [&] { return table.enter({.id = ++id, .parent = 0, .name = "a group"}, id); };
        table.give_back(enter());  // so that it was free before, and nothing below it
        const group_ref first = enter();
        const group_ref second = enter();
        model::thread other([&] {
          table.give_back(second);
          table.give_back(first);
        });
        const group_ref mine = enter();
        other.join();
        model::reached(mine == 0 ? "none" : entry_of(mine) == entry_of(first) ? "the first" : "the second");
        std::uint32_t left = mine == 0 ? capacity : capacity - 1;
        while (enter() != 0) --left;
        model::check(left == 0, "an entry is lost, or given twice");
      });
}

// Who copies an entry that is living must find there what its group said.
TEST(trace, a_living_entry_says_what_its_group_said) {
  model::explore({.schedules = 4'000, .within = {2, 2, 0}, .reaches = {"living", "not yet"}}, [] {
    std::array<group_entry, 1> entries{};
    group_table table;
    lay(table, entries);
    model::thread other([&] { table.enter({.id = 7, .parent = 0, .name = "a group"}, 1); });
    const group_entry& entry = table.at(0);
    const bool is_living = state_of(entry) == entry_state::living;
    model::reached(is_living ? "living" : "not yet");
    model::check(!is_living || live(entry.id).load(base::relaxed) == 7, "half an entry");
    model::check(!is_living || live(entry.generation).load(base::relaxed) == 1, "another generation");
    other.join();
  });
}

}  // namespace

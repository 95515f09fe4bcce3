// The recorder's parts, each alone: there are no files here, so nothing records.
#include "core/trace/control.h"
#include "core/trace/group_table.h"
#include "core/trace/ring.h"
#include "core/trace/turn.h"
#include "tests/model/checker/explore.h"
#include "tests/model/checker/spin.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>

namespace {

namespace base = tg::base;
using namespace tg::tracing;

TEST(trace, a_reader_beside_the_writer_gets_whole_records) {
  constexpr std::uint64_t size = 2;
  model::explore({.schedules = 30'000, .within = {3, 2, 0}, .reaches = {"some", "none left"}}, [] {
    ring_header header{};
    std::array<record, size> records{};
    const ring at{&header, records.data(), size - 1};
    const auto write = [&](std::uint64_t n) { ring(at).write([&] { return record{n, n, n, n}; }); };
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

// Groups come and go beside a sweep: an entry is one group's at a time, and says what its group said.
TEST(trace, an_entry_of_the_table_is_one_groups_at_a_time) {
  constexpr std::uint32_t capacity = 4;
  model::explore({.schedules = 20'000, .within = {2, 2, 0}, .reaches = {"swept", "used again"}}, [] {
    std::array<group_entry, capacity> entries{};
    group_table table;
    table.lay(
        entries.data(), capacity, [](void*, std::uint32_t, std::uint32_t) noexcept { return true; }, nullptr);
    std::array<base::atomic<std::uint32_t>, capacity> users;
    const auto live_and_end = [&](std::uint64_t id) {
      const group_ref mine = table.enter({.id = id, .parent = 0, .name = "a group"}, id);
      model::check(mine != 0, "no entry");
      model::check(users[entry_of(mine)].fetch_add(1, base::relaxed) == 0, "two groups have one entry");
      model::check(live(table.at(entry_of(mine)).id).load(base::relaxed) == id, "another group's entry");
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
    for (const group_entry& entry : entries) {
      const auto state = static_cast<entry_state>(live(entry.state).load(base::relaxed));
      model::check(state == entry_state::free, "an entry is lost");
    }
  });
}

}  // namespace

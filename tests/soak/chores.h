// Tasks that end in every way there is, and the sums that must come out.
#pragma once

#include "tests/soak/stage.h"

#include <cstdint>

namespace soak {

// What the tasks of one group have counted themselves.
struct account {
  count added{0}, returned{0}, threw{0}, gave_up{0};
  std::atomic<bool> joined{false};  // nothing may run any more

  // At the beginning of every task.
  void enter() const { holds(!joined, "a task ran after its group was joined"); }
};

struct chore {
  // In the order of `drawn`: quiet ones do not set the event of their group.
  enum way : std::uint32_t { fails, gives_up, naps, blocks, nests, adds, spins, quick, sets };

  account* of;
  tg::group* home;
  way how;

  void operator()() const;

  static chore drawn(stage& at, account& of, tg::group& home) {
    return {&of, &home, static_cast<way>(at.random.below(sets + 1))};
  }
  static chore quiet(stage& at, account& of, tg::group& home) {
    return {&of, &home, static_cast<way>(at.random.below(sets))};
  }
};

// Adds and counts, waiting for room where there is none; false: the group is closed.
bool add(tg::group& group, account& of, chore work);
// The same without waiting.
bool try_add(tg::group& group, account& of, chore work);

// Joins, and compares what the report tells with what the tasks have counted and with what was added since.
void settle(stage& at, tg::group& group, account& of);
// The same for the outcomes of any number of joins of a group that is at rest.
struct sums {
  std::uint64_t succeeded = 0, failed = 0, skipped = 0;
  void operator+=(const tg::join_report& report) {
    succeeded += report.succeeded;
    failed += report.failed;
    skipped += report.skipped;
  }
};
void check(const tg::group& group, account& of, const sums& told);

tg::group_options random_options(stage& at);

}  // namespace soak

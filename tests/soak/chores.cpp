#include "tests/soak/chores.h"

#include <stdexcept>

namespace soak {
namespace {

using namespace std::chrono_literals;

void nap() {
  const vigil::wait here("the end of a nap", tg::this_task::current_group().id());
  static_cast<void>(tg::this_task::event_aware_sleep(100us));
}

// A child with tasks of its own, born, joined and ended inside a task.
void nest() {
  tg::group inner("nested");
  ++counted.births;
  std::atomic<std::size_t> ran{0};
  constexpr std::size_t tasks = 3;
  for (std::size_t i = 0; i < tasks; ++i) inner.add_task([&ran] { ++ran; });
  const vigil::wait here("the join inside a task", inner);
  const tg::join_report report = inner.join();
  ++counted.wakes;
  holds(report.succeeded == ran && report.succeeded + report.skipped == tasks && report.failed == 0,
        "a nested join told other outcomes than there were");
  counted.added += tasks;
  counted.succeeded += report.succeeded;
  counted.skipped += report.skipped;
}

}  // namespace

void chore::operator()() const {
  of->enter();
  switch (how) {
    case fails:
      ++of->threw;
      throw std::runtime_error("fails");
    case gives_up:
      ++of->gave_up;
      throw tg::task_skipped(tg::event_cause::requested);
    case naps:
      nap();
      break;
    case blocks:
      tg::this_task::blocking([] { std::this_thread::sleep_for(50us); });
      break;
    case nests:
      nest();
      break;
    case adds:
      if (!tg::this_task::event_set()) add(*home, *of, {of, home, quick});
      break;
    case spins:
      tg_test::spin(2'000);
      break;
    case quick:
      break;
    case sets:
      tg::this_task::set_event_for_siblings();
      ++counted.sets;
      break;
  }
  ++of->returned;
}

bool add(tg::group& group, account& of, chore work) {
  const vigil::wait here("room in the queue", group);
  try {
    group.add_task(work);
  } catch (const tg::group_closed&) {
    return false;
  }
  ++of.added;
  return true;
}

bool try_add(tg::group& group, account& of, chore work) {
  if (!group.try_add_task(work)) return false;
  ++of.added;
  return true;
}

void check(const tg::group& group, account& of, const sums& told) {
  of.joined = true;
  holds(told.succeeded == of.returned, "succeeded is not what has returned");
  holds(told.failed == of.threw, "failed is not what has thrown");
  holds(told.skipped >= of.gave_up, "skipped is less than what gave up");
  holds(told.succeeded + told.failed + told.skipped == of.added, "added is not succeeded + failed + skipped");
  const tg::group_stats rest = group.stats();
  holds(rest.running == 0 && rest.pending == 0, "something runs or is queued after the join");
  holds(rest.succeeded + rest.failed + rest.skipped == of.added, "the group's own figures do not add up");
  counted.added += of.added;
  counted.succeeded += told.succeeded;
  counted.failed += told.failed;
  counted.skipped += told.skipped;
}

void settle(stage& at, tg::group& group, account& of) {
  sums told;
  told += at.join(group);
  check(group, of, told);
}

tg::group_options random_options(stage& at) {
  tg::group_options options;
  options.max_concurrent = static_cast<std::uint32_t>(1 + at.random.below(6));
  if (at.random.one_in(3)) options.on_event = tg::pending_policy::run;
  if (at.random.one_in(4)) options.max_pending = 1 + at.random.below(4);
  if (at.random.one_in(4)) options.max_kept_exceptions = at.random.below(3);
  return options;
}

}  // namespace soak

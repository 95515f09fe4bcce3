// Reacting to a condition: from a task's making it true to the return of who waits for it.
#include "bench/support/contest.h"
#include "bench/support/cv_gate.h"
#include "bench/support/futex.h"
#include "bench/support/timing.h"

#include <threadgroup/threadgroup.h>

#include <stdexcept>
#include <thread>

namespace bench {
namespace {

using namespace std::chrono_literals;

// Long enough for the waiting thread to be asleep when the condition comes true.
constexpr std::int64_t fall_asleep_ns = 200'000;

enum class told_by { the_end_of_the_task, notify };

outcome our_wait(std::size_t rounds, told_by how) {
  samples spans;
  tg::group group("condition");
  for (std::size_t i = 0; i < rounds; ++i) {
    std::atomic<std::int64_t> true_since{0};
    gate seen;
    group.add_task([&, how] {
      sleep_for_ns(fall_asleep_ns);
      true_since.store(now_ns());
      if (how == told_by::the_end_of_the_task) return;
      group.notify();
      seen.wait(1);
    });
    const tg::condition found = group.wait_for_condition([&] { return true_since.load() != 0; }, 1min, 1min);
    spans.add(now_ns() - true_since.load());
    if (found != tg::condition::met) throw std::logic_error("threadgroup: the condition was not met");
    seen.open(1);
    static_cast<void>(group.join());
    if (!group.reset_event()) throw std::logic_error("threadgroup: the event cannot be reset");
  }
  return percentiles(spans);
}

// A thread per contest, which tells in round after round; `tell` and `wait` are the peer's two halves.
template <class Tell, class Wait>
outcome with_thread(std::size_t rounds, Tell&& tell, Wait&& wait) {
  samples spans;
  gate next;
  std::atomic<std::int64_t> true_since{0};
  const auto last = static_cast<std::uint32_t>(rounds);
  std::thread teller([&] {
    for (std::uint32_t round = 1; round <= last; ++round) {
      next.wait(round);
      sleep_for_ns(fall_asleep_ns);
      true_since.store(now_ns());
      tell(round);
    }
  });
  for (std::uint32_t round = 1; round <= last; ++round) {
    next.open(round, 1);
    wait(round);
    spans.add(now_ns() - true_since.load());
  }
  teller.join();
  return percentiles(spans);
}

template <class Gate>
outcome through(std::size_t rounds) {
  Gate told;
  return with_thread(
      rounds, [&](std::uint32_t round) { told.open(round, 1); },
      [&](std::uint32_t round) { told.wait(round); });
}

contest reacting(const char* name, std::size_t rounds, told_by how) {
  return {"P8",
          name,
          "ns to the return",
          {{ours, [=] { return our_wait(rounds, how); }},
           {"bare_futex", [=] { return through<gate>(rounds); }},
           {"condition_variable", [=] { return through<cv_gate>(rounds); }}},
          {{{"bare_futex"}, 2.0}}};
}

std::vector<contest> contests(const scale& size) {
  return {reacting("condition/task_ends", size.rounds(500), told_by::the_end_of_the_task),
          reacting("condition/notify", size.rounds(500), told_by::notify)};
}

const entry condition_entry(&contests);

}  // namespace
}  // namespace bench

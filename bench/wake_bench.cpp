// Waking: from set_event() to the next instruction of a sleeper; one sleeper, and the last of 300.
#include "bench/support/asleep.h"
#include "bench/support/contest.h"
#include "bench/support/cv_gate.h"
#include "bench/support/futex.h"
#include "bench/support/pacing.h"

#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

namespace bench {
namespace {

using namespace std::chrono_literals;

struct wake_work {
  unsigned sleepers = 1;
  std::size_t rounds = 0;
  std::int64_t gap_ns = 0;  // about, from when all sleep to the wake-up
};

// What the sleepers of a round write down: who they are, then when they woke, of which the waker takes the latest.
class round_clock {
 public:
  explicit round_clock(unsigned sleepers) : ids_(sleepers), left_(sleepers) {}
  // By each sleeper, as the last it does before it sleeps.
  void lies_down() { ids_[lying_.fetch_add(1)].store(this_thread_id()); }
  bool all_asleep() const {
    return std::all_of(ids_.begin(), ids_.end(),
                       [](const auto& id) { return id.load() != 0 && is_asleep(id.load()); });
  }
  void woken() {
    const std::int64_t now = now_ns();
    for (std::int64_t seen = last_.load(); seen < now && !last_.compare_exchange_weak(seen, now);) {
    }
    left_.done();
  }
  std::int64_t last() {
    left_.wait();
    return last_.load();
  }

 private:
  std::vector<std::atomic<long>> ids_;
  std::atomic<std::size_t> lying_{0};
  std::atomic<std::int64_t> last_{0};
  countdown left_;
};

// Rounds: `lay_down(clock)` sends the sleepers to sleep, `wake()` wakes them, `clean_up()` waits for their end. The
// wake-up comes a gap after the kernel has shown all of them asleep: in the gap whoever slept for a lock on its way
// gets to its place, and the waker sleeps too.
template <class LayDown, class Wake, class CleanUp>
outcome rounds_of(const wake_work& work, LayDown&& lay_down, Wake&& wake, CleanUp&& clean_up) {
  samples spans;
  uneven_gaps gaps(work.gap_ns);
  for (std::size_t i = 0; i < work.rounds; ++i) {
    auto clock = std::make_shared<round_clock>(work.sleepers);
    lay_down(clock);
    await("all sleepers to sleep", [&] { return clock->all_asleep(); });
    sleep_for_ns(gaps.next_ns());
    const std::int64_t start = now_ns();
    wake();
    spans.add(clock->last() - start);
    clean_up();
  }
  return percentiles(spans);
}

outcome our_wake(const wake_work& work) {
  tg::group group("sleepers", {.max_concurrent = work.sleepers});
  return rounds_of(
      work,
      [&](const std::shared_ptr<round_clock>& clock) {
        for (unsigned i = 0; i < work.sleepers; ++i) {
          group.add_task([clock = clock.get()] {
            clock->lies_down();
            tg::this_task::event_aware_sleep(1h);
            clock->woken();
          });
        }
      },
      [&] { group.set_event(); },
      [&] {
        static_cast<void>(group.join());
        if (!group.reset_event()) throw std::logic_error("threadgroup: the event cannot be reset");
      });
}

// Threads that stay for all rounds: each waits in `sleep(round)` and is woken by `wake(round)`.
template <class Sleep, class Wake>
outcome with_threads(const wake_work& work, Sleep&& sleep, Wake&& wake) {
  gate next_round;
  std::shared_ptr<round_clock> current;
  std::vector<std::thread> threads;
  const auto rounds = static_cast<std::uint32_t>(work.rounds);
  for (unsigned i = 0; i < work.sleepers; ++i) {
    threads.emplace_back([&] {
      for (std::uint32_t round = 1; round <= rounds; ++round) {
        next_round.wait(round);
        const std::shared_ptr<round_clock> clock = current;
        clock->lies_down();
        sleep(round);
        clock->woken();
      }
    });
  }
  std::uint32_t round = 0;
  const outcome found = rounds_of(
      work,
      [&](const std::shared_ptr<round_clock>& clock) {
        current = clock;
        next_round.open(++round);
      },
      [&] { wake(round); }, [] {});
  for (std::thread& one : threads) one.join();
  return found;
}

template <class Gate>
outcome through(const wake_work& work) {
  Gate event;
  return with_threads(
      work, [&](std::uint32_t round) { event.wait(round); }, [&](std::uint32_t round) { event.open(round); });
}

// A stop source lives for one stop, so each round has its own.
outcome stop_token(const wake_work& work) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::vector<std::stop_source> sources(work.rounds);
  return with_threads(
      work,
      [&](std::uint32_t round) {
        std::unique_lock lock(mutex);
        never.wait(lock, sources[round - 1].get_token(), [] { return false; });
      },
      [&](std::uint32_t round) { sources[round - 1].request_stop(); });
}

contest waking(const wake_work& work) {
  return {"P6",
          "wake/sleepers:" + std::to_string(work.sleepers),
          "ns to the last",
          {{ours, [=] { return our_wake(work); }},
           {"bare_futex", [=] { return through<gate>(work); }},
           {"condition_variable", [=] { return through<cv_gate>(work); }},
           {"std_stop_token", [=] { return stop_token(work); }}}};
}

std::vector<contest> contests(const scale& size) {
  std::vector<contest> all;
  all.push_back(waking({1, size.rounds(1'000), 300'000}));
  all.back().targets = {{{"bare_futex"}, 1.2}, {{"bare_futex"}, 1.5, "p99"}};
  all.push_back(waking({300, size.rounds(8), 20'000'000}));
  all.back().targets = {{{}, 3'000'000}};
  if (!size.growth) return all;
  for (unsigned sleepers : {10u, 100u}) all.push_back(waking({sleepers, size.rounds(50), 5'000'000}));
  for (contest& one : all) {
    one.axis = "sleepers";
    one.at = last_number(one.name);
  }
  return all;
}

const entry wake_entry(&contests);

}  // namespace
}  // namespace bench

// A long-running stress program: phase after phase, scenes of all kinds are played on several threads of one runtime,
// and after each phase everything must be as it was before. tools/soak runs it.
#include "tests/soak/options.h"
#include "tests/soak/recorder.h"
#include "tests/soak/resources.h"
#include "tests/soak/stage.h"
#include "tests/soak/strikes.h"

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>

namespace soak {
namespace {

using std::chrono::steady_clock;

std::atomic<bool> interrupted{false};

// The second Ctrl-C ends the process at once.
void end_on_interrupt() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = true; };
  action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool goes_on(steady_clock::time_point end) {
  return !interrupted && counted.faults == 0 && steady_clock::now() < end;
}

scenery make_scenery(const weather& now) {
  scenery out;
  for (std::size_t i = 0; i < now.depth; ++i) {
    out.line.push_back(i == 0 ? std::make_unique<tg::group>("line")
                              : stage::make_under(*out.line.back(), "line"));
  }
  out.struck = std::make_unique<tg::group>("struck");
  counted.births += 2;
  return out;
}

void play_scenes(stage at, const targets::enlisted&, steady_clock::time_point end) {
  while (goes_on(end)) {
    const scene& next = at.now.scenes[at.random.below(at.now.scenes.size())];
    position::scene = next.name;
    next.play(at);
  }
}

// From this thread, every few milliseconds.
void rage(steady_clock::time_point end, std::uint64_t stream) {
  for (tg_test::random_source random(stream); goes_on(end);) {
    if (random.one_in(2)) {
      strike_all();
    } else {
      tg::set_all_events();
      ++counted.sets;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1 + random.below(30)));
  }
}

void play_phase(std::uint64_t phase, const trace_folder& folder, steady_clock::time_point last_end) {
  enum : std::uint64_t { stream_of_strikes = 90, stream_of_storm, stream_of_recorder };
  now_at.phase = phase;
  const weather now = weather_of(phase);
  const auto end = std::min(last_end, steady_clock::now() + now.length);
  scenery shared = make_scenery(now);
  targets struck;
  aim_at(shared.struck.get());
  {
    std::optional<recorder> recording;
    if (now.records) recording.emplace(folder, stream_of(phase, stream_of_recorder));
    std::optional<strikes> striking;
    if (now.strikes) striking.emplace(struck, now.between_strikes, stream_of(phase, stream_of_strikes));
    std::vector<std::thread> actors;
    for (std::size_t i = 0; i < now.actors; ++i) {
      actors.emplace_back([&, i] {
        play_scenes({now, shared, stream_of(phase, i)}, targets::enlisted(struck), end);
      });
    }
    if (now.storm) rage(end, stream_of(phase, stream_of_storm));
    for (std::thread& each : actors) each.join();
  }
  aim_at(nullptr);
}

std::string in_mebibytes(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

void print_summary(steady_clock::duration since, std::uint64_t phases, const resources& held) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  std::printf("soak: %lld s, %llu phases: ", static_cast<long long>(seconds),
              static_cast<unsigned long long>(phases));
  const auto print = [](const char* name, const count& value) {
    std::printf("%s %llu, ", name, static_cast<unsigned long long>(value.load()));
  };
  print("wakes", counted.wakes);
  print("births", counted.births);
  print("sets", counted.sets);
  print("resets", counted.resets);
  print("tasks", counted.added);
  print("succeeded", counted.succeeded);
  print("failed", counted.failed);
  print("skipped", counted.skipped);
  print("futures", counted.futures);
  print("callbacks", counted.callbacks);
  print("deadlines", counted.deadlines);
  print("conditions", counted.conditions);
  print("snapshots", counted.snapshots);
  print("threads", counted.threads);
  print("signals", counted.signals);
  std::printf("growth %s, %llu faults, %llu lost\n", in_mebibytes(held.growth()).c_str(),
              static_cast<unsigned long long>(counted.faults.load()),
              static_cast<unsigned long long>(counted.lost.load()));
  std::fflush(stdout);
}

int run(const options& wanted) {
  constexpr auto between_summaries = std::chrono::minutes(1);
  // More groups than all crowds together, so that the pools have their size from the beginning.
  constexpr std::size_t group_records = 32'768;
  tg::runtime::configure({.workers = wanted.workers, .group_records = group_records});
  tg::runtime::instance().prewarm();
  install_handlers();
  end_on_interrupt();
  std::printf("soak: seed %llu, from phase %llu\n", static_cast<unsigned long long>(tg_test::stress_seed()),
              static_cast<unsigned long long>(wanted.from_phase));
  const trace_folder folder;
  const vigil watching(wanted.patience);
  resources held;
  const auto begin = steady_clock::now();
  const auto end = begin + std::chrono::duration_cast<steady_clock::duration>(
                               std::chrono::duration<double>(wanted.seconds));
  auto next_summary = begin + between_summaries;
  std::uint64_t phase = wanted.from_phase;
  for (; goes_on(end); ++phase) {
    play_phase(phase, folder, end);
    held.check_at_rest();
    if (steady_clock::now() < next_summary) continue;
    print_summary(steady_clock::now() - begin, phase + 1 - wanted.from_phase, held);
    next_summary += between_summaries;
  }
  holds(counted.added == counted.succeeded + counted.failed + counted.skipped,
        "of the whole run: added is not succeeded + failed + skipped");
  print_summary(steady_clock::now() - begin, phase - wanted.from_phase, held);
  std::puts(counted.faults == 0 ? "soak: passed" : "soak: FAILED");
  return counted.faults == 0 ? 0 : 1;
}

}  // namespace
}  // namespace soak

int main(int argc, char** argv) {
  try {
    const soak::options wanted = soak::read_options(argc, argv);
    if (wanted.has_seed) ::setenv("TG_SEED", std::to_string(wanted.seed).c_str(), 1);
    return soak::run(wanted);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "soak: %s\n", failure.what());
    return 2;
  }
}

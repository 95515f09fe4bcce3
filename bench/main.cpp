// Runs the contests under Google Benchmark, or prints their medians and ratios at once.
#include "bench/support/catalogue.h"
#include "bench/support/options.h"
#include "bench/support/own_process.h"
#include "bench/support/pool_peers.h"

#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>
#include <threadgroup/threadgroup.h>

#include <cstdio>
#include <exception>
#include <stdexcept>

namespace {

// Google Benchmark warns when *it* was built with assertions, as Debian's package was. That touches nothing
// here: the contests take their times themselves, and whether *they* are optimised is in the catalogue.
class quiet_console : public benchmark::ConsoleReporter {
 public:
  quiet_console() : ConsoleReporter(OO_Tabular) {}
  bool ReportContext(const Context& context) override {
    name_field_width_ = context.name_field_width;
    printed_header_ = false;
    return true;
  }
};

class progress_line {
 public:
  progress_line(bool wanted, std::size_t total) : wanted_(wanted), total_(total) {}
  void next(const std::string& name) {
    ++done_;
    if (!wanted_) return;
    std::fprintf(stderr, "@progress %zu %zu %s\n", done_, total_, name.c_str());
    std::fflush(stderr);
  }

 private:
  bool wanted_;
  std::size_t total_;
  std::size_t done_ = 0;
};

// One repetition is one run of the contender. The figure is the manual time; a counter keeps it as it is, for
// not all figures are times.
void run_once(benchmark::State& state, const bench::contest& one, const bench::contender& each,
              const bench::scale& size, progress_line& progress) {
  for (auto iteration : state) {
    static_cast<void>(iteration);
    progress.next(one.name + "/" + each.name);
    try {
      const bench::outcome found = bench::run_settled(one, each, size);
      state.SetIterationTime(found.value * 1e-9);
      state.counters["figure"] = found.value;
      for (const auto& [metric, value] : found.more) state.counters[metric] = value;
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  }
  state.SetLabel(one.unit);
}

void run_benchmarks(bench::options& given, const std::vector<bench::contest>& contests) {
  std::string repetitions = "--benchmark_repetitions=" + std::to_string(given.figure.repetitions);
  char interleave[] = "--benchmark_enable_random_interleaving=true";
  given.rest.insert(given.rest.begin() + 1, {repetitions.data(), interleave});
  int argc = static_cast<int>(given.rest.size());
  benchmark::Initialize(&argc, given.rest.data());
  if (benchmark::ReportUnrecognizedArguments(argc, given.rest.data()))
    throw std::invalid_argument("see above");
  std::size_t total = 0;
  for (const bench::contest& one : contests) total += one.contenders.size() * given.figure.repetitions;
  progress_line progress(given.progress, total);
  for (const bench::contest& one : contests) {
    for (const bench::contender& each : one.contenders) {
      benchmark::RegisterBenchmark((one.name + "/" + each.name).c_str(),
                                   [&one, &each, &given, &progress](benchmark::State& state) {
                                     run_once(state, one, each, given.size, progress);
                                   })
          ->UseManualTime()
          ->Iterations(1)
          ->Unit(benchmark::kNanosecond);
    }
  }
  quiet_console console;
  benchmark::RunSpecifiedBenchmarks(&console);
}

// Pools for the largest work, so that nothing grows while it is measured.
void make_runtime(const bench::scale& size, bool small) {
  tg::runtime::configure({.workers = size.workers,
                          .max_blocked = 320,
                          .task_records = small ? 1u << 15 : 1u << 20,
                          .group_records = small ? 1u << 15 : 1u << 17});
  tg::runtime::instance().prewarm();
}

// Without our runtime if a peer is meant: it would share oneTBB's threads with it.
int run_alone(const bench::options& given) {
  for (const bench::contest& one : bench::all_contests(given.size)) {
    for (const bench::contender& each : one.contenders) {
      if (one.name + "/" + each.name != given.alone) continue;
      if (each.name == bench::ours) make_runtime(given.size, true);
      bench::print_outcome(each.run());
      return 0;
    }
  }
  throw std::invalid_argument("--alone: there is no '" + given.alone + "' (see --catalogue)");
}

void run_all(bench::options& given, const std::vector<bench::contest>& contests) {
  make_runtime(given.size, given.size.smoke);
  // Workers for the peers beside ours.
  const tbb::global_control enough(tbb::global_control::max_allowed_parallelism, 2 * given.size.workers + 1);
  for (const std::string& peer : bench::absent_peers()) std::printf("absent peer: %s\n", peer.c_str());
  std::fflush(stdout);
  if (given.figures) {
    bench::print_figures(contests, given.figure, given.size);
  } else {
    run_benchmarks(given, contests);
  }
}

int run(int argc, char** argv) {
  bench::options given = bench::parse_options(argc, argv);
  if (given.help) return std::puts(bench::usage), 0;
  if (!given.alone.empty()) return run_alone(given);
  const std::vector<bench::contest> contests = bench::chosen_contests(given);
  if (given.catalogue) {
    std::fputs(bench::catalogue_json(contests, given.figure.repetitions).c_str(), stdout);
  } else {
    run_all(given, contests);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "threadgroup_bench: %s\n", error.what());
    return 2;
  }
}

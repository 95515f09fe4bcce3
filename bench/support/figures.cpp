#include "bench/support/figures.h"

#include "bench/support/own_process.h"
#include "bench/support/timing.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <random>

namespace bench {
namespace {

constexpr std::int64_t settle_ns = 40'000'000;
constexpr std::int64_t smoke_settle_ns = 1'000'000;

// All repetitions of one contest: contender -> metric -> its samples. The figure itself has an empty name.
using results = std::map<std::string, std::map<std::string, samples>>;

results run_interleaved(const contest& one, const figure_options& options, const scale& size) {
  std::vector<const contender*> order;
  for (const contender& each : one.contenders) {
    if (!options.ours_alone || each.name == ours) order.push_back(&each);
  }
  std::mt19937 shuffler(42);
  results all;
  for (std::size_t i = 0; i < options.repetitions; ++i) {
    std::shuffle(order.begin(), order.end(), shuffler);
    for (const contender* each : order) {
      const outcome found = run_settled(one, *each, size);
      all[each->name][""].add(found.value);
      for (const auto& [metric, value] : found.more) all[each->name][metric].add(value);
    }
  }
  return all;
}

void print_row(const std::string& name, std::map<std::string, samples>& of, double our_median) {
  samples& figure = of[""];
  const double median = figure.median();
  std::printf("  %-22s %12.4g  [%.4g .. %.4g]", name.c_str(), median, figure.quantile(0.25),
              figure.quantile(0.75));
  if (name != ours && median > 0 && our_median > 0) std::printf("   ours / it: %.3f", our_median / median);
  for (auto& [metric, each] : of) {
    if (!metric.empty()) std::printf("   %s %.4g", metric.c_str(), each.median());
  }
  std::printf("\n");
}

void print_verdict(const target& aim, results& all) {
  samples& mine = all[ours][aim.metric];
  double best = 0;
  for (const std::string& peer : aim.peers) {
    const double theirs = all[peer][aim.metric].median();
    if (theirs > 0 && (best <= 0 || theirs < best)) best = theirs;
  }
  std::printf("  target %s <= %g of %s: ", aim.metric.empty() ? "figure" : aim.metric.c_str(), aim.factor,
              aim.peers.empty() ? "itself" : aim.peers.front().c_str());
  if (mine.empty() || (!aim.peers.empty() && best <= 0)) {
    std::printf("not measured\n");
    return;
  }
  const double reached = aim.peers.empty() ? mine.median() : mine.median() / best;
  std::printf("%.3f %s\n", reached, reached <= aim.factor ? "met" : "MISSED");
}

}  // namespace

outcome run_settled(const contest& of, const contender& one, const scale& size) {
  sleep_for_ns(size.smoke ? smoke_settle_ns : settle_ns);
  return one.in_own_process ? run_in_own_process(of.name + "/" + one.name, size) : one.run();
}

void print_figures(const std::vector<contest>& contests, const figure_options& options, const scale& size) {
  for (const contest& one : contests) {
    std::printf("%s %s (%s)\n", one.question.c_str(), one.name.c_str(), one.unit.c_str());
    std::fflush(stdout);
    results all = run_interleaved(one, options, size);
    const double mine = all[ours][""].median();
    for (auto& [name, of] : all) {
      if (!of[""].empty()) print_row(name, of, mine);
    }
    for (const target& aim : one.targets) print_verdict(aim, all);
    std::fflush(stdout);
  }
}

}  // namespace bench

#include "options.h"

#include <limits>

#include "tools/support/command_line.h"

namespace fanout {
namespace {

constexpr std::uint32_t most_requests = 1'000'000;
constexpr std::uint32_t most_replicas = 200;
constexpr std::uint32_t most_background = 1000;
constexpr double highest_rate = 1e6;
constexpr double highest_load_percent = 1000;
constexpr double longest_deadline_ms = 3'600'000;
constexpr double longest_wait_us = 10'000'000;

constexpr const char* about =
    "A small service in one process. Requests come at given times, whether the ones before are answered or "
    "not; each\n"
    "is a group with a deadline that asks N replicas. A replica waits for a random time and then works for "
    "20 to\n"
    "200 us; the first answer wins, and the event of the group stops the others. Latencies count from the "
    "time at\n"
    "which a request was due, so that a slow answer cannot hide the next one.";

constexpr const char* more =
    "Exit status: 0, or 2 for a mistake in the options or when it was interrupted.\n"
    "\n"
    "Examples:\n"
    "  fanout --load 80\n"
    "  fanout --requests 2000 --rate 500 --replicas 5 --deadline-ms 20 --seed 7\n"
    "  fanout --background 2\n";

}  // namespace

std::optional<int> read_options(int argc, char** argv, options& into) {
  using support::number_between;
  CLI::App app(about, "fanout");
  app.footer(more);
  app.add_option("--requests", into.requests, "how many (1000)")
      ->type_name("N")
      ->check(number_between<std::uint32_t>(1, most_requests));
  auto* rate = app.add_option("--rate", into.rate, "requests a second")
                   ->type_name("R")
                   ->check(number_between(0.001, highest_rate));
  app.add_option("--load", into.load_percent,
                 "or: percent of the throughput that a short trial measures (50)")
      ->type_name("P")
      ->check(number_between(0.1, highest_load_percent))
      ->excludes(rate);
  app.add_option("--replicas", into.replicas, "asked by each request (10)")
      ->type_name("N")
      ->check(number_between<std::uint32_t>(1, most_replicas));
  app.add_option("--deadline-ms", into.deadline_ms, "of a request, from the time it was due (50)")
      ->type_name("MS")
      ->check(number_between(0.0, longest_deadline_ms));
  app.add_option("--wait-us", into.wait_us, "longest wait of a replica (1000)")
      ->type_name("US")
      ->check(number_between(0.0, longest_wait_us));
  app.add_option("--seed", into.seed, "of arrivals, waits and work (1)")
      ->type_name("N")
      ->check(number_between<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max()));
  app.add_option("--background", into.background, "tasks of a background group that work beside it (0)")
      ->type_name("N")
      ->check(number_between<std::uint32_t>(0, most_background));
  return support::read_command_line(app, argc, argv);
}

}  // namespace fanout

#include "tests/soak/options.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace soak {
namespace {

constexpr int usage_error = 2;

constexpr const char* help =
    "soak [--hours N | --seconds N] [--seed S] [--from-phase P] [--workers W] [--patience SECONDS]\n"
    "Everything the library can do, at once, until the time is over or Ctrl-C; exit code 0: all held.\n"
    "--seed and --from-phase repeat a run's decisions; a wait that outlives --patience aborts.\n";

template <class Number>
Number number_in(std::string_view option, const char* text, Number least) {
  Number value{};
  const char* end = text + std::strlen(text);
  const auto [stopped, failure] = std::from_chars(text, end, value);
  // Also refuses what is not a number.
  if (failure == std::errc{} && stopped == end && value >= least) return value;
  std::fprintf(stderr, "soak: %.*s = '%s' is not a number that will do\n", static_cast<int>(option.size()),
               option.data(), text);
  std::exit(usage_error);
}

void apply(std::string_view option, const char* text, options& out) {
  constexpr double shortest = 0.001;
  if (option == "--hours") {
    out.seconds = number_in(option, text, shortest) * 3600;
  } else if (option == "--seconds") {
    out.seconds = number_in(option, text, shortest);
  } else if (option == "--seed") {
    out.seed = number_in<std::uint64_t>(option, text, 0);
    out.has_seed = true;
  } else if (option == "--from-phase") {
    out.from_phase = number_in<std::uint64_t>(option, text, 0);
  } else if (option == "--workers") {
    out.workers = number_in<std::uint32_t>(option, text, 1);
  } else if (option == "--patience") {
    out.patience = std::chrono::seconds(number_in<std::uint32_t>(option, text, 1));
  } else {
    std::fprintf(stderr, "soak: unknown argument '%.*s'\n%s", static_cast<int>(option.size()), option.data(),
                 help);
    std::exit(usage_error);
  }
}

}  // namespace

options read_options(int argc, char** argv) {
  options out;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "-h" || option == "--help") {
      std::fputs(help, stdout);
      std::exit(0);
    }
    if (i + 1 == argc) {
      std::fprintf(stderr, "soak: %s needs a value\n%s", argv[i], help);
      std::exit(usage_error);
    }
    apply(option, argv[i + 1], out);
  }
  return out;
}

}  // namespace soak

#include "bench/support/options.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace bench {
namespace {

unsigned positive(std::string_view option, std::string_view value) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || number == 0 || number > 1000) {
    throw std::invalid_argument(std::string(option) + " is '" + std::string(value) +
                                "', which is not a whole number from 1 to 1000");
  }
  return number;
}

bool set_flag(options& given, std::string_view name) {
  if (name == "--figures") {
    given.figures = true;
  } else if (name == "--catalogue") {
    given.catalogue = true;
  } else if (name == "--progress") {
    given.progress = true;
  } else if (name == "--help") {
    given.help = true;
  } else if (name == "--smoke") {
    given.size.smoke = true;
  } else if (name == "--growth") {
    given.size.growth = true;
  } else if (name == "--ours") {
    given.figure.ours_alone = true;
  } else {
    return false;
  }
  return true;
}

bool set_value(options& given, std::string_view name, std::string_view value) {
  if (name == "--only") {
    given.only.emplace_back(value);
  } else if (name == "--alone") {
    given.alone = value;
  } else if (name == "--repetitions") {
    given.figure.repetitions = positive(name, value);
  } else if (name == "--workers") {
    given.size.workers = positive(name, value);
  } else {
    return false;
  }
  return true;
}

bool is_chosen(const contest& one, const std::vector<std::string>& only) {
  return only.empty() || std::any_of(only.begin(), only.end(), [&](const std::string& part) {
           return one.question == part || one.name.find(part) != std::string::npos;
         });
}

}  // namespace

const char* const usage =
    R"(threadgroup_bench [--only QUESTION|NAME]... [--repetitions N] [--workers N] [--growth] [--smoke]
                  [--figures [--ours]] [--catalogue] [--progress] [--benchmark_...]

  --only X         the question X (P1 to P12), or all whose name contains X; may be repeated
  --repetitions N  of each contender (9)
  --workers N      threads that run tasks (as many as the machine has processors)
  --growth         the sizes that show how cost grows, too
  --smoke          tiny sizes: shows that it runs, measures nothing
  --figures        medians and ratios at once, contest by contest, without Google Benchmark
  --ours           with --figures: this library alone, for a profiler
  --catalogue      what there is, as JSON
  --alone NAME     one contender (contest/contender) once, its outcome in lines
)";

options parse_options(int argc, char** argv) {
  options given;
  given.size.workers = std::max(1u, std::thread::hardware_concurrency());
  given.rest.push_back(argv[0]);
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name.substr(0, 12) == "--benchmark_") {
      given.rest.push_back(argv[i]);
    } else if (!set_flag(given, name)) {
      if (i + 1 == argc)
        throw std::invalid_argument("'" + std::string(name) + "' is unknown or lacks its value");
      if (!set_value(given, name, argv[++i]))
        throw std::invalid_argument("unknown option '" + std::string(name) + "'");
    }
  }
  return given;
}

std::vector<contest> chosen_contests(const options& given) {
  std::vector<contest> chosen;
  for (contest& one : all_contests(given.size)) {
    if (is_chosen(one, given.only)) chosen.push_back(std::move(one));
  }
  if (chosen.empty()) throw std::invalid_argument("--only: nothing has this name (see --catalogue)");
  return chosen;
}

}  // namespace bench

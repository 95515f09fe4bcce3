#include "tools/tgtrace/recording.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <vector>

#include "tools/support/command_line.h"

namespace tgtrace {
namespace {

constexpr std::size_t megabyte = std::size_t{1} << 20;

}  // namespace

std::chrono::nanoseconds time_in(const std::string& text) {
  constexpr struct {
    std::string_view name;
    std::int64_t ns;
  } units[] = {{"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}};
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data(), end, number);
  const std::string_view unit(stopped, static_cast<std::size_t>(end - stopped));
  for (const auto& known : units) {
    if (failure == std::errc{} && unit == known.name && number >= 0 && number <= INT64_MAX / known.ns)
      return std::chrono::nanoseconds(number * known.ns);
  }
  throw CLI::ValidationError("'" + text + "' is not a time: a whole number with ns, us, ms or s");
}

void recording_options::add_to(CLI::App& command) {
  command.add_option("-o,--output", output, "The file to write (default: PROGRAM-PID.tgtrace)");
  command.add_option("--records", records, "Records a thread's ring holds in the process")
      ->check(support::number_between<std::uint32_t>(64, 1u << 24))
      ->capture_default_str();
  command.add_option("--most", most_megabytes, "Megabytes of records to keep; then recording ends")
      ->check(support::number_between<std::size_t>(1, 1u << 20))
      ->capture_default_str();
  command
      .add_option("--freeze", freeze,
                  "Have the process copy its rings when a task is queued, blocked or runs longer, as in 50ms")
      ->check([](const std::string& text) {
        try {
          time_in(text);
          return std::string();
        } catch (const CLI::ValidationError& mistake) {
          return std::string(mistake.what());
        }
      });
}

bool has_room(const collector& of, const recording_options& with) noexcept {
  return of.bytes() < with.most_megabytes * megabyte;
}

void tell_copies(const std::string& directory, pid_t process) {
  const std::string begin = fmt::format("threadgroup-{}-", process);
  std::vector<std::string> copies;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(begin) && name.ends_with(".tgtrace")) copies.push_back(entry.path().string());
  }
  std::sort(copies.begin(), copies.end());
  for (const std::string& path : copies) fmt::print(stderr, "tgtrace: a task took too long: {}\n", path);
}

void finish(collector& of, const std::string& path, bool was_full) {
  of.write(path);
  fmt::print(stderr, "tgtrace: {} records in {}\n", of.records(), path);
  if (of.lost() != 0)
    fmt::print(stderr, "tgtrace: {} records were overwritten before they could be taken; try --records\n",
               of.lost());
  if (was_full) fmt::print(stderr, "tgtrace: recording ended early: as much was kept as --most allows\n");
}

}  // namespace tgtrace

#include "tools/tgtrace/attach.h"

#include <fmt/core.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "tools/support/command_line.h"
#include "tools/tgtrace/interrupt.h"
#include "tools/tgtrace/recording.h"
#include "tools/tgtrace/remote.h"

namespace tgtrace {
namespace {

struct attach_options {
  recording_options recording;
  std::string directory;
  pid_t process = 0;
  double seconds = 0;  // 0: until Ctrl-C, or the process ends
};

void record(const attach_options& with) {
  using clock = std::chrono::steady_clock;
  const interrupt by_user;
  remote process(with.process);
  const std::string name = program_of(with.process);
  const auto freeze =
      with.recording.freeze.empty() ? std::chrono::nanoseconds{} : time_in(with.recording.freeze);
  const std::filesystem::path path = process.start({with.directory, with.recording.records, freeze});
  collector live(path);
  if (!process.was_recording()) live.only_since_start();
  fmt::print(stderr, "tgtrace: recording {} ({}){}\n", with.process, name,
             with.seconds == 0 ? " until Ctrl-C" : "");
  const auto end = clock::now() + std::chrono::duration_cast<clock::duration>(
                                      std::chrono::duration<double>(with.seconds == 0 ? 1e8 : with.seconds));
  bool is_full = false;
  while (!interrupt::came() && !is_full && clock::now() < end && is_alive(with.process)) {
    std::this_thread::sleep_for(between_collections);
    live.collect();
    is_full = !has_room(live, with.recording);
  }
  try {
    if (!process.was_recording()) process.stop();
  } catch (const remote_error& failure) {
    fmt::print(stderr, "tgtrace: {}\n", failure.what());  // what it wrote is there all the same
  }
  live.collect();
  const std::string& given = with.recording.output;
  finish(live, given.empty() ? fmt::format("{}-{}.tgtrace", name, with.process) : given, is_full);
  if (!with.recording.freeze.empty()) tell_copies(path.parent_path(), with.process);
}

}  // namespace

void add_attach(CLI::App& to) {
  auto with = std::make_shared<attach_options>();
  CLI::App* command = to.add_subcommand(
      "attach",
      "Records a process that runs already, from now on (one that was recording: also what it still has)");
  command->add_option("pid", with->process, "The process")
      ->required()
      ->check(support::number_between(1, 1 << 30));
  with->recording.add_to(*command);
  command->add_option("--for", with->seconds, "Seconds to record; 0: until Ctrl-C")
      ->check(support::number_between(0.0, 1e8))
      ->capture_default_str();
  command->add_option("--directory", with->directory,
                      "Where the process's rings are to be; should be memory");
  command->callback([with] { record(*with); });
}

}  // namespace tgtrace

#include "tools/tgtrace/run.h"

#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "tools/support/command_line.h"
#include "tools/tgtrace/reader.h"
#include "tools/tgtrace/recording.h"

namespace tgtrace {
namespace {

struct run_options {
  recording_options recording;
  std::string directory = "/dev/shm";
  std::vector<std::string> command;
};

// What a shell answers with for a program that a signal has ended, or that it could not start.
constexpr int ended_by_signal = 128;
constexpr int not_started = 127;

std::string variable_for(const run_options& with) {
  std::string out = fmt::format("dir={},records={}", with.directory, with.recording.records);
  return with.recording.freeze.empty() ? out : out + ",freeze=" + with.recording.freeze;
}

[[noreturn]] void become(const run_options& with) {
  ::setenv("THREADGROUP_TRACE", variable_for(with).c_str(), 1);
  std::vector<char*> arguments;
  for (const std::string& argument : with.command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  fmt::print(stderr, "tgtrace: {}: {}\n", with.command[0], std::strerror(errno));
  std::_Exit(not_started);
}

pid_t start(const run_options& with) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw trace_error(fmt::format("cannot start {}: {}", with.command[0], std::strerror(errno)));
  if (child == 0) become(with);
  return child;
}

// Ctrl-C is for the program; whatever it does, its recording is written.
class leave_signals_to {
 public:
  explicit leave_signals_to(pid_t child) {
    to = child;
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGINT, &ignore, nullptr);
    ::sigaction(SIGQUIT, &ignore, nullptr);
    struct sigaction pass_on {};
    pass_on.sa_handler = [](int signal) { ::kill(to, signal); };
    pass_on.sa_flags = SA_RESTART;
    ::sigaction(SIGTERM, &pass_on, nullptr);
  }

 private:
  static inline volatile pid_t to = 0;
};

int status_of(int ended) { return WIFEXITED(ended) ? WEXITSTATUS(ended) : ended_by_signal + WTERMSIG(ended); }

// The file appears when the program first uses the library.
void open_if_there(std::unique_ptr<collector>& live, const std::string& path) {
  if (live != nullptr || !std::filesystem::exists(path)) return;
  try {
    live = std::make_unique<collector>(path);
  } catch (const trace_error&) {
    // Its process is still laying it out.
  }
}

int record(const run_options& with) {
  const pid_t child = start(with);
  const leave_signals_to program(child);
  const std::string path = fmt::format("{}/threadgroup-{}.live", with.directory, child);
  std::unique_ptr<collector> live;
  bool is_full = false;
  int ended = 0;
  for (pid_t seen = 0; seen == 0;) {
    std::this_thread::sleep_for(between_collections);
    seen = ::waitpid(child, &ended, WNOHANG);
    open_if_there(live, path);
    if (live == nullptr || is_full) continue;
    live->collect();
    is_full = !has_room(*live, with.recording);
  }
  if (live == nullptr) {
    fmt::print(stderr, "tgtrace: {} has recorded nothing: it did not use threadgroup's default runtime\n",
               with.command[0]);
    return status_of(ended);
  }
  const std::string name = std::filesystem::path(with.command[0]).filename().string();
  const std::string& given = with.recording.output;
  finish(*live, given.empty() ? fmt::format("{}-{}.tgtrace", name, child) : given, is_full);
  if (!with.recording.freeze.empty()) tell_copies(with.directory, child);
  std::filesystem::remove(path);
  return status_of(ended);
}

}  // namespace

void add_run(CLI::App& to) {
  auto with = std::make_shared<run_options>();
  CLI::App* command = to.add_subcommand("run", "Records a whole run of a program; ends with its exit status");
  with->recording.add_to(*command);
  command->add_option("--directory", with->directory, "Where the program's rings are; should be memory")
      ->capture_default_str();
  command->add_option("command", with->command, "The program and its arguments, after --")->required();
  command->callback([with] {
    if (const int status = record(*with); status != 0) std::exit(status);
  });
}

}  // namespace tgtrace

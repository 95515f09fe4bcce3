#include "tools/tgtrace/top.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "tools/support/command_line.h"
#include "tools/tgtrace/interrupt.h"
#include "tools/tgtrace/model.h"
#include "tools/tgtrace/reader.h"
#include "tools/tgtrace/remote.h"
#include "tools/tgtrace/top_view.h"

namespace tgtrace {
namespace {

struct top_options {
  pid_t process = 0;
  double seconds = 1;
  std::uint64_t times = 0;  // 0: until Ctrl-C
  std::size_t groups = 0;   // lines; 0: as fit
};

// As many lines of groups as leave room for the rest.
std::size_t lines_for_groups(const top_options& with) {
  constexpr std::size_t other_lines = 14;
  constexpr std::size_t without_a_terminal = 40;
  if (with.groups != 0) return with.groups;
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_row == 0) return without_a_terminal;
  return window.ws_row > 2 * other_lines ? window.ws_row - other_lines : other_lines;
}

void print(const model& m, const top_options& with) {
  if (::isatty(STDOUT_FILENO) != 0) fmt::print("\x1b[H\x1b[2J");
  fmt::print("{}", top_text(m, lines_for_groups(with)));
  std::fflush(stdout);
}

// Recording is switched on for as long as this looks, unless it was on before.
void watch(const top_options& with) {
  const interrupt by_user;
  remote process(with.process);
  const std::string path = process.start({});
  std::uint64_t shown = 0;
  do {
    std::this_thread::sleep_for(std::chrono::duration<double>(with.seconds));
    if (!is_alive(with.process)) throw remote_error(fmt::format("process {} has ended", with.process));
    print(build_model(read_trace_file(path)), with);
  } while (!interrupt::came() && (with.times == 0 || ++shown < with.times));
  if (!process.was_recording()) process.stop();
}

}  // namespace

void add_top(CLI::App& to) {
  auto with = std::make_shared<top_options>();
  CLI::App* command = to.add_subcommand("top", "Shows the tree of groups of a process, again and again");
  command->add_option("pid", with->process, "The process")
      ->required()
      ->check(support::number_between(1, 1 << 30));
  command->add_option("--every", with->seconds, "Seconds between two looks")
      ->check(support::number_between(0.01, 3600.0))
      ->capture_default_str();
  command->add_option("--times", with->times, "So many looks; 0: until Ctrl-C")->capture_default_str();
  command->add_option("--groups", with->groups, "So many lines of groups; 0: as many as fit on the screen")
      ->capture_default_str();
  command->callback([with] { watch(*with); });
}

}  // namespace tgtrace

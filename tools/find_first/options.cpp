#include "options.h"

#include <threadgroup/group.h>

#include "tools/support/command_line.h"

namespace find_first {
namespace {

constexpr double longest_timeout_s = 1e9;

constexpr const char* about =
    "Finds the first file whose contents hold PATTERN, a fixed string: a group of tasks for each directory, "
    "a task\n"
    "for each file. The first match sets the event of the topmost group, and everything under it stops.\n"
    "Symbolic links are followed only where they are named on the command line.";

constexpr const char* more =
    "Exit status, as grep -q's: 0 found, 1 not found, 2 not found and something could not be read, or the "
    "time\n"
    "was up. With --all, as grep's: 2 also when files were found and something could not be read.\n"
    "\n"
    "Examples:\n"
    "  find_first 'struct sockaddr_in' /usr/include\n"
    "  find_first --all --name '*.h' pthread_mutex_t /usr/include\n"
    "  find_first --tree --timeout 5 -- --help /usr/share/doc\n";

std::string complain_if_empty(const std::string& text) {
  return text.empty() ? "'' is in every file; name at least one byte" : std::string();
}

}  // namespace

std::optional<int> read_options(int argc, char** argv, options& into) {
  CLI::App app(about, "find_first");
  app.footer(more);
  app.add_option("PATTERN", into.pattern, "what to look for, byte by byte")
      ->required()
      ->check(CLI::Validator(complain_if_empty, ""));
  app.add_option("DIR", into.places, "directories to search, or single files")->required();
  app.add_option("--name", into.name_glob, "search only files whose name matches GLOB")->type_name("GLOB");
  app.add_flag("--all", into.all, "print every file that matches");
  app.add_flag("--null,-0", into.null_ended, "end each printed path with a zero byte");
  app.add_option("--limit", into.limit, "tasks of one directory that may run at once (32)")
      ->type_name("N")
      ->check(support::number_between<std::uint32_t>(1, tg::group::max_limit));
  app.add_option("--timeout", into.timeout_s, "stop after S seconds")
      ->type_name("S")
      ->check(support::number_between(0.0, longest_timeout_s));
  app.add_flag("--tree", into.tree, "show the forest of groups while it runs and as it was at the answer");
  return support::read_command_line(app, argc, argv);
}

}  // namespace find_first

#include "options.h"

#include <threadgroup/group.h>

#include "tools/support/command_line.h"

namespace verify_users {
namespace {

constexpr std::uint32_t most_attempts = 20;
constexpr double longest_back_off_ms = 60'000;
constexpr double longest_timeout_s = 1e9;

constexpr const char* about =
    "Verifies the accounts of FILE, which has the format of passwd(5): the home directory exists, the shell "
    "can be\n"
    "executed. A task for each account; an error that may pass is tried again, sleeping in between; the "
    "first valid\n"
    "account ends the search, and all tasks that are left stop.";

constexpr const char* more =
    "Exit status: 0 found, 1 no valid account, 2 FILE cannot be read, the time was up, or nothing was found "
    "and a\n"
    "line is malformed. With --all: 2 also when something was found and a line is malformed.\n"
    "\n"
    "Examples:\n"
    "  verify_users\n"
    "  verify_users --all --limit 4 /etc/passwd\n";

}  // namespace

std::optional<int> read_options(int argc, char** argv, options& into) {
  CLI::App app(about, "verify_users");
  app.footer(more);
  app.add_option("FILE", into.file, "accounts to verify (/etc/passwd)");
  app.add_flag("--all", into.all, "verify every account and list the results");
  app.add_option("--limit", into.limit, "accounts verified at once (10)")
      ->type_name("N")
      ->check(support::number_between<std::uint32_t>(1, tg::group::max_limit));
  app.add_option("--attempts", into.attempts, "tries for an error that may pass (5)")
      ->type_name("N")
      ->check(support::number_between<std::uint32_t>(1, most_attempts));
  app.add_option("--back-off", into.back_off_ms, "milliseconds before the second try; doubles (10)")
      ->type_name("MS")
      ->check(support::number_between(0.0, longest_back_off_ms));
  app.add_option("--timeout", into.timeout_s, "stop after S seconds (60)")
      ->type_name("S")
      ->check(support::number_between(0.0, longest_timeout_s));
  return support::read_command_line(app, argc, argv);
}

}  // namespace verify_users

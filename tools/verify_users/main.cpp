// verify_users: which accounts could log in? Tasks with retries; the first answer stops the rest.
#include <fmt/core.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <vector>

#include "check.h"
#include "options.h"
#include "passwd.h"
#include "retry.h"
#include "tools/support/command_line.h"
#include "tools/support/stop_signals.h"

namespace verify_users {
namespace {

using clock = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

// How it went; printed as the last line.
struct outcome {
  std::size_t valid = 0;
  bool cut_short = false;
  tg::join_report report;
  tg::event_state event;
};

retry_policy policy_of(const options& wanted) {
  return {wanted.attempts, std::chrono::duration<double, std::milli>(wanted.back_off_ms)};
}

// The first valid account that is found, not the first of the file.
outcome find_valid(const options& wanted, const passwd_file& file) {
  std::atomic<const account*> found{nullptr};
  tg::group accounts("accounts", {.max_concurrent = wanted.limit});
  support::stop_on_signals();
  for (const account& who : file.accounts) {
    accounts.add_task([&who, &found, policy = policy_of(wanted)] {
      const check_result result = with_retries([&who] { return check_once(who); }, policy);
      if (result.what == verdict::valid) found = &who;
      tg::this_task::notify();
    });
  }
  const tg::condition how =
      accounts.wait_for_condition([&found] { return found.load() != nullptr; }, seconds(wanted.timeout_s));
  if (how == tg::condition::timed_out) accounts.set_event(tg::event_cause::deadline);

  outcome result;
  result.report = accounts.join();
  result.event = accounts.state();
  if (const account* who = found.load()) {
    result.valid = 1;
    fmt::print("{}\n", describe(*who, {verdict::valid, "", 0}));
  }
  result.cut_short = how == tg::condition::timed_out || how == tg::condition::event_set;
  return result;
}

// A task that never began has no result.
check_result result_of(tg::future<check_result>& checked) {
  return checked.kind() == tg::outcome_kind::skipped ? check_result{} : checked.get();
}

outcome list_all(const options& wanted, const passwd_file& file) {
  const auto deadline = clock::now() + std::chrono::duration_cast<clock::duration>(seconds(wanted.timeout_s));
  tg::group accounts("accounts", {.max_concurrent = wanted.limit, .deadline = deadline});
  support::stop_on_signals();
  std::vector<tg::future<check_result>> results;
  results.reserve(file.accounts.size());
  for (const account& who : file.accounts) {
    results.push_back(accounts.submit([&who, policy = policy_of(wanted)] {
      return with_retries([&who] { return check_once(who); }, policy);
    }));
  }

  outcome result;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const check_result checked = result_of(results[i]);
    result.valid += checked.what == verdict::valid ? 1 : 0;
    result.cut_short |= checked.what == verdict::stopped;
    fmt::print("{}\n", describe(file.accounts[i], checked));
  }
  result.report = accounts.join();
  result.event = accounts.state();
  return result;
}

void print_summary(const passwd_file& file, const outcome& how, seconds taken) {
  fmt::print(
      stderr,
      "verify_users: {} accounts, {} malformed lines; {} valid; tasks: {} run, {} skipped; {:.2f} ms\n",
      file.accounts.size(), file.malformed.size(), how.valid, how.report.succeeded + how.report.failed,
      how.report.skipped, taken.count() * 1e3);
  if (how.event.set) fmt::print(stderr, "  event {}\n", tg::to_string(how.event.cause));
}

int status_of(const options& wanted, const passwd_file& file, const outcome& how) {
  if (how.valid > 0 && !wanted.all) return support::found;
  if (how.cut_short || !file.malformed.empty()) return support::trouble;
  return how.valid > 0 ? support::found : support::not_found;
}

int run(const options& wanted) {
  const auto began = clock::now();
  const passwd_file file = read_passwd(wanted.file);
  for (const malformed_line& line : file.malformed) {
    fmt::print(stderr, "verify_users: {}, line {}: {}\n", wanted.file, line.number, line.reason);
  }
  const outcome how = wanted.all ? list_all(wanted, file) : find_valid(wanted, file);
  how.report.throw_if_failed();
  const bool all_written = support::flush_output();
  print_summary(file, how, clock::now() - began);
  if (!all_written) throw std::runtime_error("standard output: not everything could be written");
  return status_of(wanted, file, how);
}

}  // namespace
}  // namespace verify_users

int main(int argc, char** argv) {
  try {
    verify_users::options wanted;
    if (const auto status = verify_users::read_options(argc, argv, wanted)) return *status;
    return verify_users::run(wanted);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "verify_users: {}\n", failure.what());
    return support::trouble;
  }
}

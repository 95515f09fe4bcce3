#include "bench/support/own_process.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <vector>

extern char** environ;

namespace bench {
namespace {

// Starts `words` with its standard output in a pipe; returns the reading end.
int start(std::vector<std::string> words, pid_t& child) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
  posix_spawn_file_actions_t redirect;
  posix_spawn_file_actions_init(&redirect);
  posix_spawn_file_actions_adddup2(&redirect, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&redirect, ends[0]);
  posix_spawn_file_actions_addclose(&redirect, ends[1]);
  std::vector<char*> raw;
  for (std::string& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  const int error = posix_spawn(&child, "/proc/self/exe", &redirect, nullptr, raw.data(), environ);
  posix_spawn_file_actions_destroy(&redirect);
  close(ends[1]);
  if (error == 0) return ends[0];
  close(ends[0]);
  throw std::runtime_error("cannot start this program again");
}

std::string read_all(int from) {
  std::string text;
  char block[4096];
  for (ssize_t got; (got = read(from, block, sizeof block)) > 0;)
    text.append(block, static_cast<std::size_t>(got));
  close(from);
  return text;
}

}  // namespace

outcome run_in_own_process(const std::string& full_name, const scale& size) {
  std::vector<std::string> words = {"threadgroup_bench", "--alone", full_name, "--workers",
                                    std::to_string(size.workers)};
  if (size.smoke) words.emplace_back("--smoke");
  if (size.growth) words.emplace_back("--growth");
  pid_t child = 0;
  const std::string text = read_all(start(words, child));
  int status = 0;
  waitpid(child, &status, 0);
  outcome found;
  std::istringstream lines(text);
  std::string name;
  double value = 0;
  bool seen = false;
  while (lines >> name >> value) {
    if (name != "figure") found.more.emplace_back(name, value);
    if (name == "figure") found.value = value, seen = true;
  }
  if (status != 0 || !seen) throw std::runtime_error(full_name + " failed in its own process");
  return found;
}

void print_outcome(const outcome& found) {
  std::cout << std::setprecision(12) << "figure " << found.value << '\n';
  for (const auto& [name, value] : found.more) std::cout << name << ' ' << value << '\n';
}

}  // namespace bench

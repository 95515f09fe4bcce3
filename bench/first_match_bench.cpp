// First match: look through a real tree of files, a group for each folder; the first file that contains the
// text answers, and all that is left stops.
#include "bench/support/contest.h"
#include "bench/support/file_search.h"
#include "bench/support/tbb_peer.h"
#include "bench/support/timing.h"

#include <spawn.h>
#include <sys/wait.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <stdexcept>

extern char** environ;

namespace bench {
namespace {

// One search: when it began and when the first match was seen.
class hunt {
 public:
  hunt(const search_tree& where, const std::string& what) : tree_(&where), needle_(&what), start_(now_ns()) {}

  const std::string& root() const { return tree_->root; }
  // True for the first file only.
  bool is_answer(const std::string& file) {
    if (!file_contains(file, *needle_)) return false;
    std::int64_t unanswered = 0;
    return answered_.compare_exchange_strong(unanswered, now_ns());
  }
  outcome result() const {
    const std::int64_t end = now_ns();
    const std::int64_t answer = answered_.load();
    if ((answer != 0) != (*needle_ != tree_->absent))
      throw std::runtime_error("a search gave a wrong answer");
    return {static_cast<double>((answer == 0 ? end : answer) - start_),
            {{"stopped", static_cast<double>(end - start_)}}};
  }

 private:
  const search_tree* tree_;
  const std::string* needle_;
  std::int64_t start_;
  std::atomic<std::int64_t> answered_{0};
};

void our_folder(hunt& search, tg::group& root, const std::string& path) {
  const folder_content content = list_folder(path);
  tg::group here(path, {.max_concurrent = tg::group::max_limit});
  for (const std::string& file : content.files) {
    here.add_task([&search, &root, &file] {
      if (search.is_answer(file)) root.set_event();
    });
  }
  for (const std::string& folder : content.folders) {
    here.add_task([&search, &root, &folder] { our_folder(search, root, folder); });
  }
  static_cast<void>(here.join());
}

outcome our_search(const search_tree& tree, const std::string& needle) {
  tg::group root("search");
  hunt search(tree, needle);
  root.add_task([&] { our_folder(search, root, search.root()); });
  root.join().throw_if_failed();
  return search.result();
}

void tbb_folder(hunt& search, tbb::task_group& root, const std::string& path) {
  const folder_content content = list_folder(path);
  tbb::task_group here;
  for (const std::string& file : content.files) {
    here.run([&search, &root, &file] {
      if (search.is_answer(file)) root.cancel();
    });
  }
  for (const std::string& folder : content.folders) {
    here.run([&search, &root, &folder] { tbb_folder(search, root, folder); });
  }
  here.wait();
}

outcome tbb_search(const search_tree& tree, const std::string& needle, unsigned workers) {
  outcome found;
  joined_arena(workers).execute([&] {
    tbb::task_group root;
    hunt search(tree, needle);
    root.run([&] { tbb_folder(search, root, search.root()); });
    root.wait();
    found = search.result();
  });
  return found;
}

// Runs a command of the shell, which has to end with this exit code; $1 is the text, $2 the folder.
outcome command(std::string line, const search_tree& tree, std::string needle, int exit_code) {
  std::string shell = "/bin/sh", flag = "-c", name = "sh", folder = tree.root;
  char* const words[] = {shell.data(),  flag.data(),   line.data(), name.data(),
                         needle.data(), folder.data(), nullptr};
  const std::int64_t start = now_ns();
  pid_t child = 0;
  if (posix_spawn(&child, words[0], nullptr, nullptr, words, environ) != 0) {
    throw std::runtime_error("cannot start " + shell);
  }
  int status = 0;
  waitpid(child, &status, 0);
  const auto spent = static_cast<double>(now_ns() - start);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != exit_code) {
    throw std::runtime_error("a search failed or gave a wrong answer: " + line);
  }
  return {spent, {{"stopped", spent}}};
}

// Looked at once, when the first contender comes: a list of contests needs no tree.
const search_tree& tree() {
  static const search_tree found = tree_to_search();
  return found;
}

// The mean over texts in several places of the tree: one place favours whoever happens to begin near it.
template <class Search>
outcome mean_of_places(const scale& size, Search&& search) {
  outcome mean{0, {{"stopped", 0}}};
  const std::size_t places = size.smoke ? 1 : tree().present.size();
  for (std::size_t i = 0; i < places; ++i) {
    const outcome one = search(tree().present[i]);
    mean.value += one.value / static_cast<double>(places);
    mean.more[0].second += one.more[0].second / static_cast<double>(places);
  }
  return mean;
}

std::vector<contest> contests(const scale& size) {
  const unsigned workers = size.workers;
  const auto ours_for = [](const std::string& text) { return our_search(tree(), text); };
  const auto tbb_for = [=](const std::string& text) { return tbb_search(tree(), text, workers); };
  const auto grep_for = [](const std::string& text) {
    return command("grep -rlF -e \"$1\" \"$2\" | read -r file", tree(), text, 0);
  };
  std::vector<contest> all;
  all.push_back({"P10",
                 "first_match/answer",
                 "ns to the answer",
                 {{ours, [=] { return mean_of_places(size, ours_for); }},
                  {"tbb_task_group", [=] { return mean_of_places(size, tbb_for); }},
                  {"grep_to_first_line", [=] { return mean_of_places(size, grep_for); }}},
                 {{{"tbb_task_group"}, 1.0}, {{"tbb_task_group"}, 1.0, "stopped"}}});
  all.push_back(
      {"P10",
       "first_match/full_scan",
       "ns for all files",
       {{ours, [=] { return ours_for(tree().absent); }},
        {"tbb_task_group", [=] { return tbb_for(tree().absent); }},
        {"grep", [] { return command("grep -rlF -e \"$1\" \"$2\" >/dev/null", tree(), tree().absent, 1); }}},
       {{{"tbb_task_group"}, 1.05}}});
  return all;
}

const entry first_match_entry(&contests);

}  // namespace
}  // namespace bench

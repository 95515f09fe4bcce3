#include "search.h"

#include <fmt/core.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include "directory_reader.h"
#include "scan.h"

namespace find_first {
namespace {

constexpr const char* root_name = "find_first";

using seconds = std::chrono::duration<double>;

std::string below(const std::string& directory, const std::string& name) {
  return directory.ends_with('/') ? directory + name : directory + '/' + name;
}

std::string_view last_part(std::string_view path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string_view::npos || slash + 1 == path.size() ? path : path.substr(slash + 1);
}

tg::group_options for_root(const options& wanted, std::chrono::steady_clock::time_point began) {
  tg::group_options chosen{.max_concurrent = wanted.limit};
  if (wanted.timeout_s) {
    chosen.deadline =
        began + std::chrono::duration_cast<std::chrono::steady_clock::duration>(seconds(*wanted.timeout_s));
  }
  return chosen;
}

std::string reason_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "unknown exception";
  }
}

// Adds a task, or does its job here when all task records are in use: so the memory stays bounded however
// large the tree is. (The group of a directory that is searched here hangs one level higher than it would.)
template <class Job>
void do_soon(tg::group& where, Job job) {
  if (!where.try_add_task(std::move(job))) job();
}

}  // namespace

search::search(const options& wanted, output& out, tally& counts)
    : wanted_(wanted),
      out_(out),
      counts_(counts),
      root_(root_name, for_root(wanted, began_)),
      on_event_(root_, [this] { note_event(); }) {}

void search::start() {
  for (const std::string& place : wanted_.places) root_.add_task([this, &place] { search_place(place); });
}

bool search::wait_for(std::chrono::milliseconds time) {
  const tg::join_report report = root_.join_for(time);
  if (report.complete) account(root_name, report);
  return report.complete;
}

ending search::finish() {
  const auto ended = clock::now();
  ending_.event = root_.state();
  ending_.total = ended - began_;
  if (const auto at = event_at_.load()) ending_.to_stop = ended - clock::time_point(clock::duration(at));
  return std::move(ending_);
}

// Here, and nowhere else, a link is followed.
void search::search_place(const std::string& place) {
  struct stat status = {};
  if (::stat(place.c_str(), &status) != 0) return complain(place, std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return search_directory(place);
  if (S_ISREG(status.st_mode)) return search_file(place);
  complain(place, "Neither a directory nor a file");
}

void search::search_directory(const std::string& path) {
  // A child of the group whose task this is: the hierarchy of groups is that of the directories.
  tg::group here(last_part(path), {.max_concurrent = wanted_.limit});
  counts_.directories.add();
  // Only after the reader is closed: searched here and now they would go deep, and descriptors are few.
  for (std::string& name : add_files(here, path)) {
    do_soon(here, [this, &path, name = std::move(name)] { search_directory(below(path, name)); });
  }
  // While it waits, this task runs what is queued in its group; if that runs elsewhere, another worker takes
  // its place.
  account(path, here.join());
}

// Adds a task for each file; returns the directories.
std::vector<std::string> search::add_files(tg::group& here, const std::string& path) {
  std::vector<std::string> directories;
  directory_reader reader(path);
  for (entry found; !tg::this_task::event_set() && reader.next(found);) {
    if (found.kind == entry_kind::directory) {
      directories.push_back(std::move(found.name));
    } else if (found.kind == entry_kind::file && wants_name(found.name)) {
      do_soon(here, [this, &path, name = std::move(found.name)] { search_file(below(path, name)); });
    } else {
      counts_.passed_by.add();
    }
  }
  if (reader.error() != 0) complain(path, std::strerror(reader.error()));
  return directories;
}

void search::search_file(const std::string& path) {
  const scan_result result = scan_file(path, wanted_.pattern);
  counts_.bytes.add(result.bytes);
  if (result.what == verdict::stopped) return;
  if (result.what == verdict::unreadable) return complain(path, std::strerror(result.error));
  counts_.searched.add();
  if (result.what == verdict::found) answer(path);
}

void search::answer(const std::string& path) {
  const bool first = !answered_.exchange(true);
  if (first) ending_.to_answer = clock::now() - began_;
  if (!first && !wanted_.all) return;
  counts_.matches.add();
  out_.match(path);
  if (!first || wanted_.all) return;
  if (wanted_.tree) ending_.forest = tg::snapshot();
  note_event();
  root_.set_event(tg::event_cause::condition_met);
}

bool search::wants_name(const std::string& name) const {
  return wanted_.name_glob.empty() || ::fnmatch(wanted_.name_glob.c_str(), name.c_str(), 0) == 0;
}

// Remembers the earliest moment.
void search::note_event() {
  clock::rep unknown = 0;
  event_at_.compare_exchange_strong(unknown, clock::now().time_since_epoch().count());
}

void search::complain(const std::string& path, std::string_view why) {
  counts_.unreadable.add();
  out_.complaint(fmt::format("{}: {}", path, why));
}

void search::account(const std::string& path, const tg::join_report& report) {
  counts_.tasks_run.add(report.succeeded + report.failed);
  counts_.tasks_skipped.add(report.skipped);
  counts_.tasks_failed.add(report.failed);
  for (const tg::task_failure& failure : report.failures) complain(path, reason_of(failure.exception));
}

}  // namespace find_first

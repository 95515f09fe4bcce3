// The search itself: a group for each directory, a task for each file and for each directory below.
#pragma once

#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "options.h"
#include "output.h"
#include "tally.h"

namespace find_first {

// How it went, once everything has stopped.
struct ending {
  tg::event_state event;  // of the topmost group: why it stopped, if it was stopped
  std::chrono::duration<double> total{};
  std::optional<std::chrono::duration<double>> to_answer;  // from the start to the first match
  std::optional<std::chrono::duration<double>> to_stop;    // from the event until everything had stopped
  tg::forest_snapshot forest;                              // with --tree: just before the answer
};

class search {
 public:
  // All three outlive the search; its destructor stops what still runs.
  search(const options& wanted, output& out, tally& counts);

  // Adds a task for each place; once.
  void start();
  // True once everything has ended.
  bool wait_for(std::chrono::milliseconds time);
  // After wait_for() was true.
  ending finish();

 private:
  using clock = std::chrono::steady_clock;

  void search_place(const std::string& place);
  void search_directory(const std::string& path);
  std::vector<std::string> add_files(tg::group& here, const std::string& path);
  void search_file(const std::string& path);
  void answer(const std::string& path);

  bool wants_name(const std::string& name) const;
  void note_event();
  void complain(const std::string& path, std::string_view why);
  void account(const std::string& path, const tg::join_report& report);

  const options& wanted_;
  output& out_;
  tally& counts_;
  const clock::time_point began_ = clock::now();
  std::atomic<clock::rep> event_at_{0};  // 0: no event yet
  std::atomic<bool> answered_{false};
  ending ending_;  // written by the task that answers, read after everything has ended

  tg::group root_;
  tg::event_callback<std::function<void()>> on_event_;
};

}  // namespace find_first

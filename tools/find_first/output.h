// What the user sees while the search runs: results on standard output, the rest on standard error.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

namespace find_first {

// Called from any task; what is written at once stays together.
class output {
 public:
  // Each printed path ends with `path_end`.
  explicit output(char path_end);

  void match(const std::string& path);
  void complaint(std::string_view what);
  void remark(std::string_view text);
  // Replaces the line before; nothing where standard error is no terminal.
  void progress(std::string_view line);
  void clear_progress() { progress({}); }
  bool shows_progress() const { return on_terminal_; }

 private:
  void wipe();

  std::mutex one_at_a_time_;
  const char path_end_;
  const bool on_terminal_;
  bool line_shown_ = false;
};

}  // namespace find_first

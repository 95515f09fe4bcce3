#include "output.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

namespace find_first {

output::output(char path_end) : path_end_(path_end), on_terminal_(::isatty(STDERR_FILENO) == 1) {}

void output::match(const std::string& path) {
  const std::lock_guard hold(one_at_a_time_);
  wipe();
  std::fwrite(path.data(), 1, path.size(), stdout);
  std::fputc(path_end_, stdout);
}

void output::complaint(std::string_view what) { remark(fmt::format("find_first: {}\n", what)); }

void output::remark(std::string_view text) {
  const std::lock_guard hold(one_at_a_time_);
  wipe();
  fmt::print(stderr, "{}", text);
}

void output::progress(std::string_view line) {
  if (!on_terminal_) return;
  const std::lock_guard hold(one_at_a_time_);
  wipe();
  fmt::print(stderr, "{}", line);
  line_shown_ = !line.empty();
}

// Back to the start of the line, and erase to its end.
void output::wipe() {
  if (!line_shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  line_shown_ = false;
}

}  // namespace find_first

// A process that uses the library, seen from outside: its control page, by which its recorder is switched.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/trace/control_format.h"

namespace tgtrace {

struct remote_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct start_options {
  std::string directory;                    // empty: the library's default
  std::uint32_t records = 0;                // a thread; 0: the default
  std::chrono::nanoseconds freeze_after{};  // 0: never
};

class remote {
 public:
  // Throws remote_error saying why this process cannot be reached.
  explicit remote(pid_t process);
  remote(remote&& other) noexcept;
  remote& operator=(remote&&) = delete;
  ~remote();

  // Each answers with a path, and throws remote_error with the process's own words, or because it does not answer.
  std::string start(const start_options& with);
  // After start: it was switched on before, and should stay so.
  bool was_recording() const noexcept { return was_recording_; }
  std::string stop();
  std::string freeze(const std::string& path);

  pid_t process() const noexcept { return process_; }

 private:
  std::string give(tg::tracing::order what);
  void take_turn();
  void end_turn() noexcept;
  void wait_for(std::uint32_t request);

  pid_t process_;
  tg::tracing::control_page* page_ = nullptr;
  bool was_recording_ = false;
};

// Those that can be reached from here.
std::vector<pid_t> reachable_processes();
std::string program_of(pid_t process);  // "?" if it cannot be told
bool is_alive(pid_t process) noexcept;

}  // namespace tgtrace

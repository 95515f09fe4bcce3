// What `run` and `attach` have in common: where a recording goes, how much of it is kept, and what is said at
// its end.
#pragma once

#include <sys/types.h>
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <string>

#include "tools/tgtrace/collector.h"

namespace tgtrace {

// Often enough that rings of the default size are not overrun at a few million tasks a second.
inline constexpr std::chrono::milliseconds between_collections{2};

struct recording_options {
  std::string output;             // empty: named after the process
  std::uint32_t records = 65536;  // a thread, in the process
  std::size_t most_megabytes = 1024;
  std::string freeze;  // as THREADGROUP_TRACE has it; empty: never

  void add_to(CLI::App& command);
};

// False: as much is kept as may be.
bool has_room(const collector& of, const recording_options& with) noexcept;
// Says on stderr where the process has copied its rings to because of --freeze.
void tell_copies(const std::string& directory, pid_t process);
// Writes it, and says on stderr where it is and what it lacks.
void finish(collector& of, const std::string& path, bool was_full);
// "20ms" as nanoseconds; throws CLI::ValidationError.
std::chrono::nanoseconds time_in(const std::string& text);

}  // namespace tgtrace

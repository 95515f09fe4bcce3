// The one trace file of this process: made at the first start, kept until the process ends. Stopping only
// switches the recorder off, so that no writer can meet memory that has gone, and starting again goes on in the
// same rings.
//
// start, stop, freeze: any thread but signal handlers, one at a time (others wait); they allocate.
#pragma once

#include "core/os/shared_file.h"
#include "core/trace/clock.h"
#include "core/trace/group_table.h"

#include <string>

namespace tg::tracing {

struct settings {
  std::string directory = "/dev/shm";
  std::uint32_t records_per_thread = 16384;  // rounded up to a power of two
  std::uint64_t freeze_after_ns = 0;         // 0: never
};

inline constexpr std::uint32_t min_records_per_thread = 64;
inline constexpr std::uint32_t max_records_per_thread = 1u << 24;

// Empty: recording is on. Else why it stays off, as a sentence without a full stop.
[[nodiscard]] std::string start(const settings& with);
void stop() noexcept;
// A copy of what the rings hold now. `path` empty: beside the file, numbered. Answers with a path, or throws
// nothing and says why not.
struct frozen {
  std::string path;
  std::string failure;
};
[[nodiscard]] frozen freeze(const std::string& path, freeze_reason why = freeze_reason::asked);
// Where the file is; empty: never started.
std::string file_path();

// For the header, whenever it is known.
void describe_runtime(std::uint32_t workers, std::uint32_t max_blocked) noexcept;

// The housekeeper's share: freezes what a watch has asked for, sweeps the table, calibrates. Cheap when there is
// nothing to do.
void keep_house() noexcept;

}  // namespace tg::tracing

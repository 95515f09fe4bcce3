// Recording what the groups of this process do, for the tool tgtrace.
//
// The recorder can also be switched on by the environment variable THREADGROUP_TRACE (see below) and from
// outside by `tgtrace attach`. It writes into memory that is shared as a file, and the file can be read while
// the process runs and after it has ended, however it ended.
#pragma once

#include <threadgroup/detail/export.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace tg::trace {

// The first start of a process makes the file: directory and records_per_thread of later ones are ignored.
struct options {
  std::string directory = "/dev/shm";      // should be memory; /dev/shm is
  std::size_t records_per_thread = 16384;  // of 32 bytes each, the newest overwrite the oldest; rounded up to
                                           // a power of two; 64 to 2^24
  std::chrono::nanoseconds
      freeze_after{};  // a task that is queued, blocked or runs for longer has a copy of all
                       // rings made beside the file, at most 16 a process; 0: never
};

// Recording is on from here, for all runtimes and threads. True; or false, with a line on stderr, if the file
// cannot be made or its memory not be reserved: everything works without it. Throws bad_options naming field
// and value. Any thread, not a signal handler; takes a few milliseconds at its first call; allocates; waits for
// other threads' calls of start, stop, file and freeze.
THREADGROUP_API bool start(const options& with = {});

// Recording is off. The file, its memory and what it holds stay until the process has ended, or longer: it is
// removed by a later process that records into the same directory. Any thread, not a signal handler; waits as start.
THREADGROUP_API void stop() noexcept;

// Wait-free.
THREADGROUP_API bool is_on() noexcept;

// Where the file is; empty: recording was never on. Any thread; waits as start; allocates.
THREADGROUP_API std::string file();

// Writes a copy of what is recorded now, while everything goes on, and answers with its path; without a path it
// gets a number and lies beside the file. Throws tg::error saying why it cannot. Any thread; waits as start; allocates.
THREADGROUP_API std::string freeze(std::string_view path = {});

// What THREADGROUP_TRACE may say, read when the default runtime is made; bad_options names what it cannot be:
//   0, off, or empty    nothing is recorded
//   1, on               recording is on, with the options above
//   dir=D, records=N, freeze=TIME, separated by commas, in any order: on, with these; TIME is a whole number
//   with a unit: ns, us, ms or s. For example: THREADGROUP_TRACE=records=65536,freeze=50ms

}  // namespace tg::trace

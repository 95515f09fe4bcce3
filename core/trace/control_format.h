// One page of memory that every process with a runtime has, whether it records or not: how the tool, from
// outside, switches the recorder on and off. A memfd named `control_name`, so it is found among the
// descriptors of the process (/proc/PID/fd), has no name in the file system, and ends with the process.
//
// The tool takes `caller`, fills in the order, raises `request`, raises `bell` and wakes it (a shared futex).
// The process carries the order out on its service thread, writes the answer, stores `request` in `done` and
// wakes that. Strings end with a zero. A forked child has its parent's page mapped; `pid` tells.
#pragma once

#include <cstdint>

namespace tg::tracing {

inline constexpr char control_name[] = "threadgroup-control";
inline constexpr char control_magic[8] = {'t', 'g', 'c', 'o', 'n', 't', 'r', '\0'};
inline constexpr std::uint32_t control_version = 1;

enum class order : std::uint32_t {
  start = 1,   // answer: the path of the live file
  stop = 2,    // answer: the path of the live file
  freeze = 3,  // answer: the path of the copy
};

struct control_page {
  char magic[8];
  std::uint32_t version;
  std::uint32_t pid;
  std::uint32_t bell;     // futex of the service thread
  std::uint32_t request;  // how many orders were given
  std::uint32_t done;     // as many were carried out; futex of the tool
  std::uint32_t caller;   // process id of the tool that gives an order, or 0
  std::uint32_t what;     // order
  std::uint32_t failed;   // 1: the answer says why

  std::uint32_t records_per_thread;  // for start; 0: the default
  std::uint32_t was_recording;       // of start's answer: 1: it was switched on before
  std::uint64_t freeze_after_ns;     // for start; 0: never, or as it was if recording is on already
  char directory[1024];              // for start; empty: the default
  char path[1024];                   // for freeze: where to; empty: beside the live file
  char answer[1024];
};
static_assert(sizeof(control_page) <= 4096);

}  // namespace tg::tracing

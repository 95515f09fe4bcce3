// From the bytes of a trace file to its records, checked one by one.
//
// A file may be live, left behind by a killed process, cut short or damaged. What cannot be read at all is a
// trace_error, that says what is wrong and where; whatever is wrong but leaves something to read is a remark.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/trace/format.h"

namespace tgtrace {

struct trace_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct raw_group {
  std::uint32_t entry = 0;  // its place in the table
  tg::tracing::group_entry is{};
};

struct raw_ring {
  std::uint32_t number = 0;
  tg::tracing::ring_header header{};
  std::vector<tg::tracing::record> records;  // as they were written; their stamps ascend, about
  std::uint64_t overwritten = 0;
  std::uint64_t damaged = 0;
  std::uint64_t missing = 0;  // the file ends before them
};

struct raw_trace {
  tg::tracing::file_header header{};
  std::vector<raw_group> groups;
  std::vector<raw_ring> rings;
  std::uint64_t unknown_kinds = 0;  // of a newer writer
  bool is_cut = false;              // the file ends before all that it should have
  std::vector<std::string> remarks;
};

// `file` begins at an address that is a multiple of 8.
raw_trace read_trace(std::span<const std::byte> file);
// Opens and maps the file; messages begin with its name.
raw_trace read_trace_file(const std::string& path);

}  // namespace tgtrace

// The command line of find_first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace find_first {

struct options {
  std::string pattern;
  std::vector<std::string> places;  // directories, or single files
  std::string name_glob;            // empty: every name
  bool all = false;                 // every match instead of the first
  bool null_ended = false;          // paths end with a zero byte instead of a newline
  bool tree = false;                // show the groups
  std::uint32_t limit = 32;         // tasks of one directory at once
  std::optional<double> timeout_s;  // give up after this long
};

// A value is the status to end with at once.
std::optional<int> read_options(int argc, char** argv, options& into);

}  // namespace find_first

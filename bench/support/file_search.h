// What a search through a tree of files does between two decisions of a scheduler: list a folder, read a
// file.
#pragma once

#include <string>
#include <vector>

namespace bench {

struct folder_content {
  std::vector<std::string> folders;  // full paths; symbolic links are left out
  std::vector<std::string> files;
};

folder_content list_folder(const std::string& path);

// True if the file can be read and contains `needle`.
bool file_contains(const std::string& path, const std::string& needle);

struct search_tree {
  std::string root;
  std::vector<std::string> present;  // lines of files at even distances through the tree
  std::string absent;                // a text that no file has
  std::size_t files = 0;
};

// The tree in $THREADGROUP_BENCH_TREE, or /usr/include. Throws std::runtime_error if it has too few files.
search_tree tree_to_search();

}  // namespace bench

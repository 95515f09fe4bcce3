#include "bench/support/file_search.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace bench {
namespace {

constexpr std::size_t block = 64 * 1024;
constexpr std::size_t wanted_lines = 64;

class open_file {
 public:
  explicit open_file(const std::string& path) : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() {
    if (number_ >= 0) ::close(number_);
  }
  // 0 at the end and after an error.
  std::size_t read(char* to, std::size_t size) const {
    const ssize_t got = number_ < 0 ? -1 : ::read(number_, to, size);
    return got < 0 ? 0 : static_cast<std::size_t>(got);
  }

 private:
  int number_;
};

void collect(const std::string& path, std::vector<std::string>& files) {
  const folder_content content = list_folder(path);
  files.insert(files.end(), content.files.begin(), content.files.end());
  for (const std::string& folder : content.folders) collect(folder, files);
}

// The longest line that fits, or an empty one.
std::string telling_line(const std::string& path) {
  std::ifstream file(path);
  std::string best;
  for (std::string line; std::getline(file, line);) {
    if (line.size() > best.size() && line.size() < 200) best = line;
  }
  return best;
}

// Of the first file from `at` on that has a line that says something.
std::string line_near(const std::vector<std::string>& files, std::size_t at) {
  std::string line;
  for (; at < files.size() && line.size() < 20; ++at) line = telling_line(files[at]);
  return line;
}

}  // namespace

folder_content list_folder(const std::string& path) {
  folder_content content;
  DIR* const folder = ::opendir(path.c_str());
  if (folder == nullptr) return content;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (entry->d_type == DT_DIR) content.folders.push_back(path + "/" + name);
    if (entry->d_type == DT_REG) content.files.push_back(path + "/" + name);
  }
  ::closedir(folder);
  return content;
}

bool file_contains(const std::string& path, const std::string& needle) {
  thread_local std::vector<char> buffer(2 * block);
  const open_file file(path);
  std::size_t kept = 0;
  while (const std::size_t got = file.read(buffer.data() + kept, block)) {
    const std::size_t have = kept + got;
    if (::memmem(buffer.data(), have, needle.data(), needle.size()) != nullptr) return true;
    kept = std::min(have, needle.size() - 1);
    ::memmove(buffer.data(), buffer.data() + have - kept, kept);
  }
  return false;
}

search_tree tree_to_search() {
  const char* const wanted = std::getenv("THREADGROUP_BENCH_TREE");
  search_tree tree;
  tree.root = wanted != nullptr ? wanted : "/usr/include";
  std::vector<std::string> files;
  collect(tree.root, files);
  if (files.size() < 10)
    throw std::runtime_error("THREADGROUP_BENCH_TREE: fewer than 10 files under " + tree.root);
  tree.files = files.size();
  for (std::size_t part = 0; part < wanted_lines; ++part) {
    tree.present.push_back(line_near(files, (2 * part + 1) * files.size() / (2 * wanted_lines)));
    if (tree.present.back().empty())
      throw std::runtime_error("THREADGROUP_BENCH_TREE: no lines of text under " + tree.root);
  }
  tree.absent = "\x01\x02 no file has this \x03\x04";
  return tree;
}

}  // namespace bench

// The entries of one directory, links left as they are.
#pragma once

#include <dirent.h>

#include <memory>
#include <string>

namespace find_first {

enum class entry_kind { file, directory, other };  // other: links, sockets, devices

struct entry {
  std::string name;
  entry_kind kind = entry_kind::other;
};

class directory_reader {
 public:
  explicit directory_reader(const std::string& path);

  // False at the end, and when reading failed; error() tells which.
  bool next(entry& into);
  // 0, or the errno of what went wrong.
  int error() const { return error_; }

 private:
  entry_kind kind_of(const dirent& found) const;

  struct closer {
    void operator()(DIR* open) const { ::closedir(open); }
  };
  std::unique_ptr<DIR, closer> open_;
  int error_ = 0;
};

}  // namespace find_first

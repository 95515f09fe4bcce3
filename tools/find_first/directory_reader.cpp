#include "directory_reader.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <string_view>

namespace find_first {

directory_reader::directory_reader(const std::string& path) : open_(::opendir(path.c_str())) {
  if (!open_) error_ = errno;
}

bool directory_reader::next(entry& into) {
  while (open_) {
    errno = 0;
    const dirent* found = ::readdir(open_.get());
    if (found == nullptr) {
      error_ = errno;
      return false;
    }
    const std::string_view name = found->d_name;
    if (name == "." || name == "..") continue;
    into.name = name;
    into.kind = kind_of(*found);
    return true;
  }
  return false;
}

// Most file systems tell the kind with the name; the others are asked.
entry_kind directory_reader::kind_of(const dirent& found) const {
  switch (found.d_type) {
    case DT_REG:
      return entry_kind::file;
    case DT_DIR:
      return entry_kind::directory;
    case DT_UNKNOWN:
      break;
    default:
      return entry_kind::other;
  }
  struct stat status = {};
  if (::fstatat(::dirfd(open_.get()), found.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return entry_kind::other;
  if (S_ISREG(status.st_mode)) return entry_kind::file;
  return S_ISDIR(status.st_mode) ? entry_kind::directory : entry_kind::other;
}

}  // namespace find_first

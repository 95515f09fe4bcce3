#include "tools/tgtrace/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tools/tgtrace/reader.h"

namespace tgtrace {
namespace {

[[noreturn]] void complain(const std::string& path, const std::string& what) {
  throw trace_error(path + ": " + what);
}

class descriptor {
 public:
  explicit descriptor(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_ < 0) complain(path, std::strerror(errno));
  }
  ~descriptor() { ::close(fd_); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

}  // namespace

mapped_file::mapped_file(const std::string& path) {
  const descriptor file(path);
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) complain(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) complain(path, "not a regular file");
  if (status.st_size == 0) return;
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (at == MAP_FAILED) complain(path, std::strerror(errno));
  contents_ = {static_cast<const std::byte*>(at), size};
}

mapped_file::~mapped_file() {
  if (!contents_.empty()) ::munmap(const_cast<std::byte*>(contents_.data()), contents_.size());
}

}  // namespace tgtrace

#include "core/os/shared_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace tg::os {
namespace {

constexpr mode_t owner_only = 0600;

// Beyond the limit a file does not simply fail to grow: the process gets a signal that ends it.
bool may_grow_to(std::size_t bytes) noexcept {
  rlimit limit{};
  return ::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || bytes <= limit.rlim_cur;
}

}  // namespace

int shared_file::create(const std::string& path, std::size_t bytes) noexcept {
  descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, owner_only);
  if (descriptor < 0) return errno;
  int failure = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  if (failure == 0) failure = map(bytes);
  if (failure != 0) {
    close();
    ::unlink(path.c_str());
  }
  return failure;
}

int shared_file::create_unnamed(const char* name, std::size_t bytes) noexcept {
  descriptor = ::memfd_create(name, MFD_CLOEXEC);
  if (descriptor < 0) return errno;
  int failure = ::fchmod(descriptor, owner_only) == 0 ? 0 : errno;
  if (failure == 0) failure = map(bytes);
  if (failure != 0) close();
  return failure;
}

int shared_file::map(std::size_t bytes) noexcept {
  if (!may_grow_to(bytes)) return EFBIG;
  if (::ftruncate(descriptor, static_cast<off_t>(bytes)) != 0) return errno;
  void* where = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, descriptor, 0);
  if (where == MAP_FAILED) return errno;
  data = static_cast<std::byte*>(where);
  size = bytes;
  return 0;
}

int shared_file::reserve(std::size_t offset, std::size_t bytes) noexcept {
  const int before = errno;
  int failure = 0;
  do {
    failure = ::posix_fallocate(descriptor, static_cast<off_t>(offset), static_cast<off_t>(bytes));
  } while (failure == EINTR);
  // Mapped too, so that the first write to each page is not slow; without effect where the kernel cannot.
  constexpr std::size_t page = 4096;
  constexpr int populate_write = 23;  // MADV_POPULATE_WRITE, since Linux 5.14; older headers do not name it
  const std::size_t begin = offset / page * page;
  if (failure == 0) ::madvise(data + begin, offset + bytes - begin, populate_write);
  errno = before;
  return failure;
}

void shared_file::close() noexcept {
  if (data != nullptr) ::munmap(data, size);
  if (descriptor >= 0) ::close(descriptor);
  *this = {};
}

void shared_file::leave_to_parent() noexcept {
  if (descriptor >= 0) ::close(descriptor);
  *this = {};
}

output_file::~output_file() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(path_.c_str());
}

int output_file::create(const std::string& path) {
  path_ = path;
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, owner_only);
  return descriptor_ < 0 ? errno : 0;
}

int output_file::write(const void* data, std::size_t bytes, std::size_t offset) noexcept {
  const auto* from = static_cast<const char*>(data);
  while (bytes != 0) {
    const ssize_t done = ::pwrite(descriptor_, from, bytes, static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return errno;
    from += done;
    offset += static_cast<std::size_t>(done);
    bytes -= static_cast<std::size_t>(done);
  }
  return 0;
}

int output_file::keep(std::size_t size) noexcept {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return errno;
  const int descriptor = descriptor_;
  descriptor_ = -1;
  return ::close(descriptor) == 0 ? 0 : errno;
}

std::vector<found_file> files_in(const std::string& directory, const std::string& prefix,
                                 const std::string& suffix) {
  std::vector<found_file> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), &::closedir);
  if (open == nullptr) return out;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string name = entry->d_name;
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    const std::string path = directory + "/" + name;
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode) || about.st_uid != ::geteuid())
      continue;
    out.push_back({path, about.st_mtim.tv_sec * std::int64_t{1'000'000'000} + about.st_mtim.tv_nsec});
  }
  return out;
}

bool is_abandoned(const std::string& path) noexcept {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return false;
  const bool locked = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0;
  ::close(descriptor);
  return !locked;
}

void remove_file(const std::string& path) noexcept { ::unlink(path.c_str()); }

}  // namespace tg::os

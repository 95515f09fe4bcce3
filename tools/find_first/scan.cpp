#include "scan.h"

#include <fcntl.h>
#include <threadgroup/this_task.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace find_first {
namespace {

// Read at once; between two reads the event is looked at.
constexpr std::size_t chunk_bytes = 128 * 1024;

class open_file {
 public:
  // Non-blocking: a pipe that took the place of a file must not hold a worker.
  explicit open_file(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() {
    if (is_open()) ::close(descriptor_);
  }

  bool is_open() const { return descriptor_ >= 0; }
  // As read(2), interruptions apart.
  ssize_t read(char* into, std::size_t size) {
    ssize_t got = 0;
    do {
      got = ::read(descriptor_, into, size);
    } while (got < 0 && errno == EINTR);
    return got;
  }

 private:
  int descriptor_;
};

// One for each worker: the end of the last chunk, and the next one behind it.
std::vector<char>& buffer_for(std::size_t pattern_size) {
  thread_local std::vector<char> buffer;
  buffer.resize(std::max(buffer.size(), chunk_bytes + pattern_size));
  return buffer;
}

}  // namespace

scan_result scan_file(const std::string& path, std::string_view pattern) {
  scan_result result;
  open_file file(path);
  if (!file.is_open()) return {verdict::unreadable, errno, 0};

  std::vector<char>& buffer = buffer_for(pattern.size());
  std::size_t kept = 0;
  while (true) {
    if (tg::this_task::event_set()) return {verdict::stopped, 0, result.bytes};
    const ssize_t got = file.read(buffer.data() + kept, chunk_bytes);
    if (got < 0) return {verdict::unreadable, errno, result.bytes};
    if (got == 0) return result;
    result.bytes += static_cast<std::uint64_t>(got);

    const std::size_t filled = kept + static_cast<std::size_t>(got);
    if (::memmem(buffer.data(), filled, pattern.data(), pattern.size()) != nullptr) {
      result.what = verdict::found;
      return result;
    }
    // A match may lie across two reads: keep what could be its beginning.
    kept = std::min(filled, pattern.size() - 1);
    std::memmove(buffer.data(), buffer.data() + filled - kept, kept);
  }
}

}  // namespace find_first

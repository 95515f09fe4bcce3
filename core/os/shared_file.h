// Files that are memory: mapped, shared with other processes, and there after this one has been killed.
//
// Functions answer with 0 or an errno value. The owner of a file holds a lock on it for as long as its process
// lives, so that others can tell a dead process's file from a living one's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tg::os {

// Trivially destroyed: threads may write to it until the process has ended.
struct shared_file {
  int descriptor = -1;
  std::byte* data = nullptr;
  std::size_t size = 0;

  // Readable and writable by the owner alone. Fails if it exists. Pages are holes until reserved.
  [[nodiscard]] int create(const std::string& path, std::size_t bytes) noexcept;
  // Without a name in the file system; found by others as a descriptor of this process.
  [[nodiscard]] int create_unnamed(const char* name, std::size_t bytes) noexcept;
  // Memory for these bytes from now on, so that writing them cannot fail. Async-signal-safe on tmpfs.
  [[nodiscard]] int reserve(std::size_t offset, std::size_t bytes) noexcept;
  void close() noexcept;
  // In a forked child: the file is the parent's. Its memory stays mapped, for whoever was about to use it.
  void leave_to_parent() noexcept;

 private:
  int map(std::size_t bytes) noexcept;
};

// A file that is written from start to end or in pieces; removed again unless it is kept.
class output_file {
 public:
  output_file() noexcept = default;
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;
  ~output_file();

  [[nodiscard]] int create(const std::string& path);  // 0600; fails if it exists; throws std::bad_alloc
  [[nodiscard]] int write(const void* data, std::size_t bytes, std::size_t offset) noexcept;
  [[nodiscard]] int keep(std::size_t size) noexcept;

 private:
  int descriptor_ = -1;
  std::string path_;
};

struct found_file {
  std::string path;
  std::int64_t changed_ns;  // since 1970
};
// Regular files of this user whose names begin and end like this.
std::vector<found_file> files_in(const std::string& directory, const std::string& prefix,
                                 const std::string& suffix);
// Its owner's process has ended.
bool is_abandoned(const std::string& path) noexcept;
void remove_file(const std::string& path) noexcept;

}  // namespace tg::os

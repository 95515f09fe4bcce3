// A file as it is now, in the address space: of a live trace what its process writes meanwhile.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tgtrace {

class mapped_file {
 public:
  // Throws trace_error, that names the file and what is wrong.
  explicit mapped_file(const std::string& path);
  ~mapped_file();
  mapped_file(const mapped_file&) = delete;
  mapped_file& operator=(const mapped_file&) = delete;

  std::span<const std::byte> contents() const noexcept { return contents_; }

 private:
  std::span<const std::byte> contents_;
};

}  // namespace tgtrace

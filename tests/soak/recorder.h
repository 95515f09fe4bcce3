// The recorder, switched on and off again and again, with copies of what it has; its files go with the soak.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <thread>

namespace soak {

// A directory in memory, removed at the end.
class trace_folder {
 public:
  trace_folder();
  trace_folder(const trace_folder&) = delete;
  trace_folder& operator=(const trace_folder&) = delete;
  ~trace_folder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class recorder {
 public:
  recorder(const trace_folder& into, std::uint64_t stream);
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;
  ~recorder();

 private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace soak

// A folder of a test's own, in memory, gone afterwards.
#pragma once

#include <gtest/gtest.h>
#include <threadgroup/trace.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace tg_test {

class folder {
 public:
  folder() {
    std::string pattern = "/dev/shm/trace-test-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no folder " << pattern;
    path_ = pattern;
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::vector<std::string> files(const std::string& suffix) const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      const std::string path = entry.path().string();
      if (path.ends_with(suffix)) out.push_back(path);
    }
    return out;
  }
  tg::trace::options here(std::size_t records = 1 << 16) const {
    return {.directory = path_, .records_per_thread = records};
  }

 private:
  std::string path_;
};

}  // namespace tg_test

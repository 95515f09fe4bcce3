// The control page of a process, as the tool uses it.
#pragma once

#include "core/trace/control_format.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

namespace tg_test {

class control_page_of {
 public:
  explicit control_page_of(pid_t process) {
    const std::string fds = "/proc/" + std::to_string(process) + "/fd";
    for (const auto& entry : std::filesystem::directory_iterator(fds)) {
      std::error_code ignored;
      const std::string target = std::filesystem::read_symlink(entry.path(), ignored).string();
      if (target.find(tg::tracing::control_name) != std::string::npos) open(entry.path().string());
    }
  }
  control_page_of(const control_page_of&) = delete;
  control_page_of& operator=(const control_page_of&) = delete;
  ~control_page_of() {
    if (page_ != nullptr) ::munmap(page_, sizeof *page_);
  }

  bool found() const { return page_ != nullptr; }
  // The answer; empty if it failed or did not come.
  std::string give(tg::tracing::order what, const std::string& directory = {}, const std::string& path = {}) {
    std::strncpy(page_->directory, directory.c_str(), sizeof page_->directory - 1);
    std::strncpy(page_->path, path.c_str(), sizeof page_->path - 1);
    page_->what = static_cast<std::uint32_t>(what);
    const std::uint32_t number = at(page_->request).load() + 1;
    at(page_->request).store(number);
    at(page_->bell).fetch_add(1);
    ::syscall(SYS_futex, &page_->bell, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (at(page_->done).load() != number) {
      if (std::chrono::steady_clock::now() > end) return {};
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    return page_->failed != 0 ? std::string{} : std::string(page_->answer);
  }

 private:
  static std::atomic_ref<std::uint32_t> at(std::uint32_t& field) { return std::atomic_ref(field); }

  void open(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return;
    void* where = ::mmap(nullptr, sizeof *page_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    ::close(descriptor);
    if (where != MAP_FAILED) page_ = static_cast<tg::tracing::control_page*>(where);
  }

  tg::tracing::control_page* page_ = nullptr;
};

}  // namespace tg_test

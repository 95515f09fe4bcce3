// A task that does something when it is destroyed uncalled.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <utility>

namespace tg_test {

class at_its_end {
 public:
  explicit at_its_end(std::function<void()> what) : what_(std::move(what)) {}
  at_its_end(at_its_end&& other) noexcept : what_(std::exchange(other.what_, nullptr)) {}
  at_its_end& operator=(at_its_end&&) = delete;
  ~at_its_end() {
    if (what_) what_();
  }
  void operator()() const { ADD_FAILURE() << "a skipped task ran"; }

 private:
  std::function<void()> what_;
};

}  // namespace tg_test

// A function of a test's that the library's threads call on their way.
#pragma once

#include <atomic>
#include <thread>

namespace tg_test {

// At one place, which calls it; one function at a time. Constant-initialised.
class hook {
 public:
  using function = void (*)(void* context);

  void set(function call, void* context) noexcept {
    call_ = call;
    context_ = context;
    is_set_ = true;
  }
  // When it returns nobody is in the function any more.
  void clear() noexcept {
    is_set_ = false;
    while (inside_ != 0) std::this_thread::yield();
  }
  void operator()() noexcept {
    ++inside_;
    if (is_set_) call_(context_);
    --inside_;
  }

 private:
  std::atomic<bool> is_set_{false};
  std::atomic<int> inside_{0};
  function call_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace tg_test

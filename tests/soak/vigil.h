// Every wait of the soak stands here while it lasts. One that outlives its bound is a lost wake: who waits for what, the
// forest and the runtime's figures are printed, and the process aborts.
#pragma once

#include <threadgroup/group.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace soak {

class vigil {
 public:
  // A wait of the calling thread, from here to the end of the block. `what` is a literal.
  class wait {
   public:
    wait(const char* what, const tg::group& on) : wait(what, on.id()) {}
    wait(const char* what, std::uint64_t group);
    wait(const wait&) = delete;
    wait& operator=(const wait&) = delete;
    ~wait();

   private:
    struct post* const mine_;
  };

  // Begins to look.
  explicit vigil(std::chrono::seconds bound);
  vigil(const vigil&) = delete;
  vigil& operator=(const vigil&) = delete;
  ~vigil();

 private:
  void keep();

  const std::uint64_t bound_;  // in looks: while the machine stands still, no time passes here
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace soak

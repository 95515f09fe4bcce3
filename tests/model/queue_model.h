// A queue with the segments and one cache of them a thread.
#pragma once

#include "core/queue/fifo.h"
#include "tests/model/checker/explore.h"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace model_test {

class fifo_model {
 public:
  using fifo = tg::queue::fifo;
  using segment = tg::queue::segment;

  explicit fifo_model(std::size_t threads) : segments_(sizeof(segment), 64, 64) {
    for (std::size_t i = 0; i < threads; ++i) caches_.emplace_back(segments_);
    tasks_.prepare(segments_, caches_[0]);
  }
  // Moves both ends to just before the last slot but `left` of a segment.
  void use_up_to(std::size_t left) { use(segment::capacity - left); }
  void use(std::size_t slots, std::size_t thread = 0) {
    const model::calm meanwhile;
    for (std::size_t i = 0; i < slots; ++i) {
      push(thread, 0);
      fifo::claimed out{};
      claim(thread, out);
    }
  }
  std::uint64_t push(std::size_t thread, std::uint32_t item) {
    return tasks_.push(segments_, caches_[thread], item);
  }
  bool claim(std::size_t thread, fifo::claimed& out) { return tasks_.claim(segments_, caches_[thread], out); }
  bool has_items() { return tasks_.has_items(segments_); }
  std::uint64_t claims_if_empty() { return tasks_.claims_if_empty(segments_); }
  std::uint64_t claims() { return tasks_.claims(segments_); }
  std::uint64_t pushes() { return tasks_.pushes(segments_); }

 private:
  tg::memory::pool segments_;
  std::deque<tg::memory::pool::cache> caches_;
  fifo tasks_;
};

}  // namespace model_test

// A queue, and another one beside it, with the segments of both and one cache of them a thread.
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

  explicit fifo_model(std::size_t threads) : segments_(sizeof(segment), 127, 127) {
    for (std::size_t i = 0; i < threads; ++i) caches_.emplace_back(segments_);
    tasks_.prepare(segments_, caches_[0]);
  }
  // Moves both ends to just before the last slot but `left` of a segment.
  void use_up_to(std::size_t left) { use(segment::capacity - left); }
  void use(std::size_t slots, std::size_t thread = 0) { use(tasks_, slots, thread); }
  // So does whoever uses the other queue: what one of them has left is the other's next segment.
  void use_beside(std::size_t slots, std::size_t thread = 0) {
    const model::calm meanwhile;
    beside_.prepare(segments_, caches_[thread]);
    use(beside_, slots, thread);
  }
  void prepare_beside(std::size_t thread = 0) { beside_.prepare(segments_, caches_[thread]); }
  std::uint64_t pushes_beside() { return beside_.pushes(segments_); }
  std::uint64_t claims_beside() { return beside_.claims(segments_); }
  std::uint64_t push(std::size_t thread, std::uint32_t item) {
    return tasks_.push(segments_, caches_[thread], item);
  }
  bool claim(std::size_t thread, fifo::claimed& out) { return tasks_.claim(segments_, caches_[thread], out); }
  template <class May>
  bool claim(std::size_t thread, fifo::claimed& out, May&& may) {
    return tasks_.claim(segments_, caches_[thread], out, may);
  }
  void see_claims() { tasks_.see_claims(); }
  bool has_items() { return tasks_.has_items(segments_); }
  std::uint64_t claims_if_empty() { return tasks_.claims_if_empty(segments_); }
  std::uint64_t claims() { return tasks_.claims(segments_); }
  std::uint64_t pushes() { return tasks_.pushes(segments_); }

 private:
  void use(fifo& of, std::size_t slots, std::size_t thread) {
    const model::calm meanwhile;
    for (std::size_t i = 0; i < slots; ++i) {
      of.push(segments_, caches_[thread], 0);
      fifo::claimed out{};
      of.claim(segments_, caches_[thread], out);
    }
  }

  tg::memory::pool segments_;
  std::deque<tg::memory::pool::cache> caches_;
  fifo tasks_;
  fifo beside_;
};

}  // namespace model_test

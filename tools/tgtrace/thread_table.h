// The threads of a trace, and what each of them is doing while the records go by: the tasks and waits it is in.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/tgtrace/model.h"

namespace tgtrace {

struct frame {
  enum type : std::uint8_t { task, wait };
  type what;
  index which;
  bool operator==(const frame&) const = default;
};

class thread_table {
 public:
  thread_table(const raw_trace& from, model& m) : from_(from), m_(m), current_(from.rings.size(), nothing) {}

  // A thread takes the ring over.
  void begin(std::uint32_t ring, std::uint64_t tid) { make(ring, tid); }
  // Whose records in this ring are now.
  index of(std::uint32_t ring);
  void finish();

  void push(index thread, frame one) { doing_[thread].push_back(one); }
  // It and all that was begun within it, whose end is lost. Nothing if the thread is not in it.
  void pop(index thread, frame one);
  index innermost(index thread, frame::type what) const;
  index task_on(index thread) const { return innermost(thread, frame::task); }
  // True: within its innermost task, if it is in any.
  bool is_waiting(index thread) const {
    return !doing_[thread].empty() && doing_[thread].back().what == frame::wait;
  }
  void forget_what_it_does(index thread) { doing_[thread].clear(); }
  void forget_what_they_do();

  void waited(index thread, index wait) { last_wait_[thread] = wait; }
  // The wait it is in, or else the one that ended last.
  index latest_wait(index thread) const {
    return is_waiting(thread) ? doing_[thread].back().which : last_wait_[thread];
  }

 private:
  index make(std::uint32_t ring, std::uint64_t tid);

  const raw_trace& from_;
  model& m_;
  std::vector<index> current_;  // of each ring
  std::vector<std::vector<frame>> doing_;
  std::vector<index> last_wait_;
};

}  // namespace tgtrace

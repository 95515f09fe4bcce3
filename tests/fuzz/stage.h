// The real library's side of a program: its groups, futures, callbacks and tokens, and the calls, made by whichever
// actor is asked to. An answer is text; calls that must have done something by their return are looked after here.
#pragma once

#include "tests/fuzz/board.h"

#include <threadgroup/threadgroup.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace tg_fuzz {

class stage {
 public:
  stage(board& with, bool on_small_runtime);

  // On the thread of the actor that is asked.
  std::string perform(const operation& asked);
  // The whole life of a task; its end is that of the callable that called this.
  int act_in_task(int task);

  // The driver's looks at what is there, between two operations.
  const tg::group& group(int number) const { return *groups_[static_cast<std::size_t>(number)]; }
  std::uint64_t id_of(int group) const { return ids_[static_cast<std::size_t>(group)]; }
  int callback_calls(int number) const { return callbacks_[static_cast<std::size_t>(number)]->calls; }
  bool is_stopped(int token) const { return tokens_[static_cast<std::size_t>(token)].stop_requested(); }

 private:
  friend struct puppet;

  struct counted_callback {
    std::atomic<int> calls{0};
    struct count {
      std::atomic<int>* calls;
      void operator()() const { ++*calls; }
    };
    std::unique_ptr<tg::event_callback<count>> registration;
  };

  tg::group& at(int number) { return *groups_[static_cast<std::size_t>(number)]; }
  int number_of(std::uint64_t group_id) const;

  std::string make_group(const operation& asked);
  tg::group_options options_of(const operation& asked) const;
  std::string construct(const operation& asked);
  std::string add(const operation& asked);
  std::string note_id(const operation& asked, tg::task_id id);
  std::string set_event(const operation& asked);
  // What does not read set although `top` was just set; all groups for none.
  std::string unset_below(int top, bool with_callbacks);
  std::string set_siblings(const operation& asked);
  std::string join(const operation& asked);
  std::string report_text(int group, const tg::join_report& report) const;
  std::string failure_text(int group, const tg::task_failure& failure) const;
  std::string wait_condition(const operation& asked);
  std::string satisfy(const operation& asked);
  std::string sleep(const operation& asked);
  std::string make_callback(const operation& asked);
  std::string drop_callback(const operation& asked);
  std::string look_around() const;
  std::string snapshot();
  std::string use_future(const operation& asked);
  std::string get(tg::future<int>& future, int task);
  int end_task(const operation& asked);
  std::string perform_on_event(const operation& asked);
  std::string perform_on_group(const operation& asked);
  std::string perform_on_others(const operation& asked);

  board& board_;
  tg::runtime& home_;
  tg::runtime& foreign_;
  std::array<std::unique_ptr<tg::group>, max_groups> groups_;
  std::array<std::uint64_t, max_groups> ids_{};
  std::array<std::atomic<int>, max_tasks> groups_of_tasks_{};
  std::array<std::atomic<tg::task_id>, max_tasks> task_ids_{};
  std::array<tg::future<int>, max_tasks> futures_;
  std::array<std::atomic<bool>, thread_count + max_tasks> predicates_{};
  std::vector<std::unique_ptr<counted_callback>> callbacks_;
  std::vector<std::stop_token> tokens_;
};

// The callable of every task: it does what its actor is told.
struct puppet {
  puppet(stage& on, int number) : of(&on), task(number) {}
  puppet(puppet&& other) noexcept : of(std::exchange(other.of, nullptr)), task(other.task) {}
  puppet& operator=(puppet&&) = delete;
  ~puppet() {
    if (of != nullptr) of->board_.callable_destroyed(task);
  }
  int operator()() const { return of->act_in_task(task); }

  stage* of;
  int task;
};

}  // namespace tg_fuzz

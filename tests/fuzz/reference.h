// What the contract says that a sequence of calls does: slow, plain, one call at a time. It knows nothing of how the
// library does it. Whoever uses it from several threads holds a mutex (board.h).
//
// An operation is performed here before the library is asked for it. It ends at once, or its actor becomes busy and
// ends in a later operation. What each actor has to answer is known beforehand, as text.
#pragma once

#include "tests/fuzz/operation.h"

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tg_fuzz {

// Actors that are plain threads; tasks follow. The first one only cleans up at the end.
inline constexpr int thread_count = 4;
inline constexpr int director = 0;
inline constexpr int max_groups = 16;
inline constexpr int max_tasks = 48;

inline int actor_of_task(int task) { return thread_count + task; }
inline bool is_task(int actor) { return actor >= thread_count; }
inline int task_of_actor(int actor) { return actor - thread_count; }

struct event_model {
  // An origin that the contract leaves open.
  static constexpr int any_origin = -2;

  bool set = false;
  tg::event_cause cause = tg::event_cause::none;
  int origin = none;
  int rearmed = 0;      // how often reset_event succeeded on a set event
  int reset_tries = 0;  // how often it was tried on one
};

struct ends {
  std::size_t succeeded = 0, failed = 0, skipped = 0;
};

struct group_model {
  group_plan plan;
  int parent = none;
  bool alive = true;
  bool being_destroyed = false;
  bool closed = false;
  bool closed_by_call = false;
  bool has_deadline = false;
  bool is_overdue = false;
  std::uint32_t limit = 0;
  event_model event;
  std::deque<int> queue;
  std::set<int> running;
  ends total, since_join;
  std::vector<int> kept_failures;

  bool is_drained() const { return queue.empty() && running.empty(); }
};

enum class phase : std::uint8_t { being_added, refused, queued, running, ended };

struct task_model {
  int group = none;
  phase at = phase::being_added;
  bool submitted = false;
  bool has_future = false;
  ending how = ending::value;
  tg::event_cause cause = tg::event_cause::none;
};

enum class activity : std::uint8_t { absent, idle, busy, gone };

// One of these must be said, by one of the actors that share it.
using answers = std::shared_ptr<std::vector<std::string>>;

struct actor_model {
  activity now = activity::absent;
  operation doing;         // while busy, and while an answer is due
  bool satisfied = false;  // busy in wait_condition: the predicate holds
  answers due;
};

struct callback_model {
  int group = none;
  bool exists = true;
  int calls = 0;
};

struct token_model {
  int group = none;
  bool stopped = false;
};

class reference {
 public:
  reference();

  // The caller has seen to it that the operation is one that a program may ask for (choose.h).
  void perform(const operation& asked);

  const std::vector<group_model>& groups() const { return groups_; }
  const std::vector<task_model>& tasks() const { return tasks_; }
  const std::vector<actor_model>& actors() const { return actors_; }
  const std::vector<callback_model>& callbacks() const { return callbacks_; }
  const std::vector<token_model>& tokens() const { return tokens_; }

  void answered(int actor) { actors_[static_cast<std::size_t>(actor)].due = nullptr; }

  // The group whose task the actor is, or none.
  int home_of(int actor) const;
  // `group` itself counts as within it.
  bool is_within(int group, int top) const;
  bool is_inside(int actor, int group) const;
  bool is_full(int group) const;
  int nearest_living_ancestor(int group) const;
  int depth_of(int group) const;

 private:
  group_model& group(int number) { return groups_[static_cast<std::size_t>(number)]; }
  const group_model& group(int number) const { return groups_[static_cast<std::size_t>(number)]; }
  task_model& task(int number) { return tasks_[static_cast<std::size_t>(number)]; }
  actor_model& actor(int number) { return actors_[static_cast<std::size_t>(number)]; }

  void answer(int actor, std::string text);
  void block(const operation& asked);

  // Verbs.
  void make_group(const operation& asked);
  void add(const operation& asked);
  void end_task(const operation& asked);
  std::string reset_event(int number);
  std::string clear(int number);
  void join(const operation& asked);
  void wait_condition(const operation& asked);
  void sleep(const operation& asked);
  void wait_future(const operation& asked);
  void destroy_group(const operation& asked);
  std::string look_around(int actor) const;
  std::string snapshot() const;
  bool perform_on_event(const operation& asked);
  bool perform_on_group(const operation& asked);
  bool perform_on_others(const operation& asked);

  // Consequences.
  void settle();
  bool start_or_skip(int number);
  bool resume(int number);
  std::string ended_as(const operation& asked);
  bool has_ended(const operation& asked, std::string& text);
  void resume_joiners(int number);
  bool set_word(int number, tg::event_cause cause, int origin);
  bool set_event(int number, tg::event_cause cause);
  void set_all();
  void skip(int number, tg::event_cause cause);
  void count(int number);
  void enqueue(int number);
  std::string report(int number, bool complete) const;

  std::vector<group_model> groups_;
  std::vector<task_model> tasks_;
  std::vector<actor_model> actors_;
  std::vector<callback_model> callbacks_;
  std::vector<token_model> tokens_;
};

}  // namespace tg_fuzz

// One call of the public API by one actor, with everything that it needs: what a program consists of once it is known
// who is there. Actors, groups, tasks, callbacks and tokens have numbers from 0.
#pragma once

#include <threadgroup/threadgroup.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace tg_fuzz {

inline constexpr int none = -1;

enum class verb : std::uint8_t {
  make_group,
  add_task,
  try_add_task,
  submit,
  end_task,
  set_event,
  set_siblings,
  set_all,
  reset_event,
  set_limit,
  clear,
  close,
  join,
  timed_join,
  wait_condition,
  satisfy,
  notify,
  sleep,
  make_callback,
  drop_callback,
  take_token,
  snapshot,
  look_around,
  future_ready,
  future_wait,
  future_kind,
  future_get,
  future_drop,
  destroy_group,
};

enum class length : std::uint8_t { zero, negative, long_time };
enum class ending : std::uint8_t { value, exception, skipped };
enum class predicate : std::uint8_t { does_not_hold, holds, throws };
enum class due : std::uint8_t { never, past, soon, far };
enum class birth : std::uint8_t {
  inherit,
  with_parent,
  detached,
  detached_with_parent,
  with_foreign_runtime
};

struct group_plan {
  birth how = birth::inherit;
  std::uint32_t limit = 1;
  std::size_t max_pending = tg::unlimited;
  tg::pending_policy on_event = tg::pending_policy::skip;
  tg::failure_policy on_failure = tg::failure_policy::collect;
  due deadline = due::never;
  std::size_t max_kept = 16;
};

struct operation {
  verb what = verb::look_around;
  int actor = 0;
  int group = none;   // the group that is called; of make_group, the parent that is given or inherited
  int made = none;    // the number of what is made here: a group, a task, a callback, a token
  int task = none;    // whose future
  int target = none;  // satisfy: the actor that waits; drop_callback: the callback
  // What these mean, and which of several spellings of a call is taken, is up to the verb.
  unsigned way = 0;
  length span = length::zero;
  ending how = ending::value;
  predicate look = predicate::does_not_hold;
  tg::event_cause cause = tg::event_cause::requested;
  std::uint32_t limit = 0;
  bool satisfies = false;  // end_task: the predicate of `target` holds from just before the end on
  group_plan plan;
};

std::string to_text(const operation& what);

}  // namespace tg_fuzz

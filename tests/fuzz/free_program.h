// What threads that run freely do: decoded as a whole before it begins, so that it can be printed as it is.
#pragma once

#include "tests/fuzz/bytes.h"
#include "tests/fuzz/operation.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tg_fuzz {

enum class deed : std::uint8_t {
  add,
  try_add,
  submit,
  settle_future,
  set_event,
  reset_event,
  set_limit,
  clear,
  close,
  join_briefly,
  join,
  wait_condition,
  callback,
  stop_token,
  look,
  private_child,
  sleep,
  notify,
  short_deadline,
  set_all,
};

// What a task does.
enum class task_kind : std::uint8_t {
  returns,
  throws,
  gives_up,
  sleeps,
  sets_siblings,
  adds_one,
  nests_and_joins,
  nests_and_leaves,
  notifies,
  waits_condition,
  submits_and_gets,
  spins,
};

struct free_group {
  int parent = none;
  group_plan plan;
  // Over the whole program.
  std::uint32_t highest_limit = 1;
  bool may_be_paused = false, may_be_reset = false, may_be_closed = false;
};

struct free_step {
  deed what = deed::look;
  int group = 0;
  std::uint8_t detail = 0;
  task_kind kind() const { return static_cast<task_kind>(detail % 12); }
};

struct free_program {
  bool on_small_runtime = false;
  std::vector<free_group> groups;
  std::vector<std::vector<free_step>> threads;

  bool is_within(int group, int top) const;
};

free_program decode_free(bytes& from);
// The limit that a step sets.
std::uint32_t limit_of(const free_program& in, const free_step& step);
std::string to_text(const free_program& program);

}  // namespace tg_fuzz

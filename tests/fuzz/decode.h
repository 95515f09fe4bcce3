// Bytes to a list of raw steps. Who and what a step is about is chosen later, among those who are there.
#pragma once

#include "tests/fuzz/bytes.h"
#include "tests/fuzz/operation.h"

#include <cstdint>
#include <vector>

namespace tg_fuzz {

// Numbers that are taken modulo the number of candidates.
struct raw_step {
  verb what = verb::look_around;
  std::uint8_t actor = 0;
  std::uint8_t object = 0;  // a group, a future, a callback
  std::uint8_t detail = 0;
  std::uint8_t more = 0;  // of verbs that have two details
};

struct step_program {
  bool on_small_runtime = false;
  std::vector<raw_step> steps;
};

inline constexpr std::size_t max_steps = 64;

step_program decode_steps(bytes& from);
group_plan decode_plan(std::uint8_t first, std::uint8_t second);

}  // namespace tg_fuzz

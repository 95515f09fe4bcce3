#include "tests/fuzz/decode.h"

#include <iterator>

namespace tg_fuzz {
namespace {

// What is needed often stands here often. New verbs go to the end of the list: a kept input then means what it meant.
constexpr verb verbs[] = {
    verb::make_group,   verb::add_task,      verb::end_task,       verb::submit,      verb::set_event,
    verb::join,         verb::make_group,    verb::add_task,       verb::end_task,    verb::try_add_task,
    verb::reset_event,  verb::set_limit,     verb::wait_condition, verb::satisfy,     verb::sleep,
    verb::clear,        verb::close,         verb::timed_join,     verb::notify,      verb::make_callback,
    verb::future_get,   verb::destroy_group, verb::set_siblings,   verb::take_token,  verb::future_wait,
    verb::future_ready, verb::look_around,   verb::snapshot,       verb::future_kind, verb::future_drop,
    verb::set_all,      verb::drop_callback,
};

bool has_two_details(verb what) { return what == verb::make_group || what == verb::wait_condition; }

constexpr std::uint32_t limits[] = {1, 1, 2, 3, 0, 32, 4'000'000'000, 1};
constexpr std::size_t queue_lengths[] = {tg::unlimited, tg::unlimited, 0, 1, 2, 3, tg::unlimited, 1};
constexpr std::size_t kept_counts[] = {16, 1, 0, 2};
constexpr due deadlines[] = {due::never, due::never, due::never, due::never,
                             due::never, due::past,  due::soon,  due::far};

}  // namespace

group_plan decode_plan(std::uint8_t first, std::uint8_t second) {
  group_plan plan;
  plan.limit = limits[first & 7];
  plan.max_pending = queue_lengths[(first >> 3) & 7];
  plan.on_event = (first & 64) != 0 ? tg::pending_policy::run : tg::pending_policy::skip;
  plan.on_failure = (first & 128) != 0 ? tg::failure_policy::set_event : tg::failure_policy::collect;
  plan.deadline = deadlines[second & 7];
  plan.max_kept = kept_counts[(second >> 3) & 3];
  plan.how = static_cast<birth>((second >> 5) % 5);
  return plan;
}

step_program decode_steps(bytes& from) {
  step_program program;
  program.on_small_runtime = from.below(4) == 3;
  while (!from.is_empty() && program.steps.size() < max_steps) {
    raw_step step;
    step.what = verbs[from.below(std::size(verbs))];
    step.actor = from.next();
    step.object = from.next();
    step.detail = from.next();
    if (has_two_details(step.what)) step.more = from.next();
    program.steps.push_back(step);
  }
  return program;
}

}  // namespace tg_fuzz

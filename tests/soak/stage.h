// Where scenes are played: one thread's random numbers, and the groups that it may hang its own under.
#pragma once

#include "tests/soak/ledger.h"
#include "tests/soak/vigil.h"
#include "tests/soak/weather.h"
#include "tests/support/stress.h"

#include <threadgroup/threadgroup.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace soak {

using group_ptr = std::unique_ptr<tg::group>;

inline constexpr std::chrono::hours for_ever{1};

// The groups of a phase that all its threads share.
struct scenery {
  std::vector<group_ptr> line;  // each the parent of the next; nobody sets them but a storm
  group_ptr struck;             // set by signals at any time
};

class stage {
 public:
  stage(const weather& given, scenery& shared, std::uint64_t stream)
      : now(given), random(stream), shared_(shared) {}

  const weather& now;
  tg_test::random_source random;

  // Nobody sets the events of a scene's groups but the scene.
  bool calm() const { return !now.storm; }
  tg::group& struck() { return *shared_.struck; }

  // In a storm a tree of its own: what was set there cannot be re-armed while others hang below.
  group_ptr make(std::string_view name, const tg::group_options& options = {});
  static group_ptr make_under(tg::group& parent, std::string_view name,
                              const tg::group_options& options = {});

  // Timed or not, as it comes.
  tg::join_report join(tg::group& group);
  // Until it succeeds.
  void reset(tg::group& group);
  std::chrono::microseconds moment(std::size_t below_us) {
    return std::chrono::microseconds(random.below(below_us));
  }

 private:
  scenery& shared_;
};

inline bool set(tg::group& group, tg::event_cause cause = tg::event_cause::requested) {
  ++counted.sets;
  return group.set_event(cause);
}

// A short-lived thread, in the scene of its maker.
template <class Work>
std::thread short_lived(Work work) {
  ++counted.threads;
  return std::thread([work = std::move(work), scene = position::scene]() mutable {
    position::scene = scene;
    work();
  });
}

}  // namespace soak

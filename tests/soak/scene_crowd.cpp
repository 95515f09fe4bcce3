// Many groups at once, more and fewer again; groups that are destroyed with tasks left; pictures of all of them.
#include "tests/soak/chores.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <sstream>

namespace soak {
namespace {

// One that stays in some of the groups until the crowd has gone, so that their ends find something.
void add_some(stage& at, tg::group& group, count& added, count& ended) {
  for (std::size_t left = at.random.below(3); left != 0; --left) {
    group.add_task([&ended] { ++ended; });
    ++added;
  }
}

}  // namespace

void play_crowd(stage& at) {
  count added{0}, ended{0};
  const group_ptr root = at.make("crowd");
  std::vector<group_ptr> crowd;
  const std::size_t height = 1 + at.random.below(at.now.crowd);
  const auto shrink = [&](std::size_t to) {
    while (crowd.size() > to) {
      std::swap(crowd[at.random.below(crowd.size())], crowd.back());
      const vigil::wait here("the end of a group", *crowd.back());
      crowd.pop_back();
    }
  };
  for (const std::size_t goal : {height, height / 3, height / 2, std::size_t{0}}) {
    while (crowd.size() < goal) {
      tg::group& parent =
          crowd.empty() || at.random.one_in(3) ? *root : *crowd[at.random.below(crowd.size())];
      crowd.push_back(stage::make_under(parent, "of the crowd"));
      if (at.random.one_in(8)) add_some(at, *crowd.back(), added, ended);
    }
    if (goal == height && at.random.one_in(4)) {
      set(*root);
      const bool all =
          std::all_of(crowd.begin(), crowd.end(), [](const auto& each) { return each->event().is_set(); });
      holds(all, "one of a crowd reads unset");
    }
    shrink(goal);
  }
  holds(ended <= added, "more tasks ended than were added");
}

// What is queued is skipped, and each callable destroyed, before the destructor returns.
void play_abandon(stage& at) {
  const auto witness = std::make_shared<std::atomic<std::size_t>>(0);
  std::vector<tg::future<void>> futures;
  const std::size_t tasks = at.random.below(30);
  {
    const group_ptr home =
        at.make("abandoned", {.max_concurrent = static_cast<std::uint32_t>(at.random.below(3))});
    for (std::size_t i = 0; i < tasks; ++i) {
      auto work = [witness] { ++*witness; };
      if (at.random.one_in(2)) {
        futures.push_back(home->submit(work));
      } else {
        home->add_task(work);
      }
    }
    const vigil::wait here("the end of an abandoned group", *home);
    if (at.random.one_in(2)) short_lived([&] { set(*home); }).join();
    const_cast<group_ptr&>(home).reset();
  }
  holds(witness.use_count() == 1, "a callable outlived its group");
  const std::size_t ran = *witness;
  holds(ran <= tasks, "more tasks ran than were added");
  std::size_t values = 0;
  for (tg::future<void>& each : futures) {
    holds(each.ready(), "a future was not ready when its group had ended");
    values += each.kind() == tg::outcome_kind::value ? 1u : 0u;
  }
  holds(values <= ran, "futures tell of more values than there were");
  counted.added += tasks;
  counted.succeeded += ran;
  counted.skipped += tasks - ran;
}

void play_snapshots(stage& at) {
  const group_ptr shown = at.make("shown", {.max_concurrent = 0});
  shown->set_max_concurrent(7);
  const tg::forest_snapshot forest = tg::snapshot();
  std::vector<std::uint64_t> ids;
  for (const tg::group_info& each : forest.groups) {
    ids.push_back(each.id);
    if (each.id == shown->id())
      holds(each.name == "shown" && each.limit == 7, "a snapshot tells something else");
  }
  std::sort(ids.begin(), ids.end());
  holds(std::adjacent_find(ids.begin(), ids.end()) == ids.end(), "a snapshot shows a group twice");
  holds(std::binary_search(ids.begin(), ids.end(), shown->id()), "a snapshot leaves out a living group");
  ++counted.snapshots;
  if (at.random.one_in(8)) {
    std::ostringstream text;
    tg::print_forest(text);
    holds(text.str().find("shown") != std::string::npos, "the printed forest leaves out a living group");
  }
}

}  // namespace soak

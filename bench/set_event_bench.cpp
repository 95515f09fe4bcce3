// Setting the event of a group with many children, or with a long line of descendants, beside many groups that
// have nothing to do with it.
#include "bench/support/contest.h"
#include "bench/support/timing.h"

#include <oneapi/tbb/task_group.h>
#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <vector>

namespace bench {
namespace {

// "Flat": more than that would not be the noise of two medians.
constexpr double most_beside_unrelated = 1.1;

struct tree {
  std::size_t children = 0;
  std::size_t unrelated = 0;
  std::size_t times = 1;
};

// A Family(n) is a parent with n children; set() sets the parent's event, all_set() looks at the children's.
template <class Family>
void time_sets(const tree& shape, samples& spans) {
  const Family unrelated(shape.unrelated);
  for (std::size_t i = 0; i < shape.times; ++i) {
    Family family(shape.children);
    const std::int64_t start = now_ns();
    family.set();
    spans.add(now_ns() - start);
    if (!family.all_set()) throw std::logic_error("a child is not set: the comparison would be void");
  }
}

template <class Family>
outcome sets_of(const tree& shape) {
  samples spans;
  time_sets<Family>(shape, spans);
  return percentiles(spans);
}

// True: `is_set` holds for every child.
template <class Children, class IsSet>
bool all_of(const Children& children, IsSet&& is_set) {
  return std::all_of(children.begin(), children.end(), [&](const auto& child) { return is_set(*child); });
}

class our_family {
 public:
  explicit our_family(std::size_t children) {
    for (std::size_t i = 0; i < children; ++i)
      children_.push_back(std::make_unique<tg::group>(parent_, "child"));
  }
  void set() { parent_.set_event(); }
  bool all_set() const {
    return all_of(children_, [](const tg::group& child) { return child.event().is_set(); });
  }

 private:
  tg::group parent_;
  std::vector<std::unique_ptr<tg::group>> children_;
};

// How many times as long a set takes beside the unrelated groups as without them: turn about, so that both see the same
// machine.
outcome slowed_by_unrelated(const tree& shape) {
  constexpr std::size_t turns = 5;
  const std::size_t times = shape.times / turns + 1;
  samples alone, beside;
  for (std::size_t turn = 0; turn < turns; ++turn) {
    time_sets<our_family>({shape.children, 0, times}, alone);
    time_sets<our_family>({shape.children, shape.unrelated, times}, beside);
  }
  return {beside.median() / alone.median()};
}

// Contexts are bound to their parent when their first task is run from one of the parent's.
class tbb_family {
 public:
  explicit tbb_family(std::size_t children) {
    tbb::task_group in_parent(parent_);
    in_parent.run_and_wait([&] {
      for (std::size_t i = 0; i < children; ++i) {
        children_.push_back(std::make_unique<tbb::task_group_context>());
        tbb::task_group(*children_.back()).run_and_wait([] {});
      }
    });
  }
  void set() { parent_.cancel_group_execution(); }
  bool all_set() const {
    return all_of(children_, [](auto& child) { return child.is_group_execution_cancelled(); });
  }

 private:
  tbb::task_group_context parent_;
  std::vector<std::unique_ptr<tbb::task_group_context>> children_;
};

// The standard library has no tree: each child hangs on its parent by a callback.
class linked_stop {
 public:
  explicit linked_stop(const std::stop_token& parent) : pass_on_(parent, passer{&source_}) {}
  bool is_set() const { return source_.stop_requested(); }

 private:
  struct passer {
    std::stop_source* to;
    void operator()() const { to->request_stop(); }
  };
  std::stop_source source_;
  std::stop_callback<passer> pass_on_;
};

class stop_family {
 public:
  explicit stop_family(std::size_t children) {
    for (std::size_t i = 0; i < children; ++i)
      children_.push_back(std::make_unique<linked_stop>(parent_.get_token()));
  }
  void set() { parent_.request_stop(); }
  bool all_set() const {
    return all_of(children_, [](const linked_stop& child) { return child.is_set(); });
  }

 private:
  std::stop_source parent_;
  std::vector<std::unique_ptr<linked_stop>> children_;
};

// Groups below each other, and not beside each other.
class our_chain {
 public:
  explicit our_chain(std::size_t depth) {
    for (std::size_t i = 0; i < depth; ++i) {
      tg::group& above = links_.empty() ? top_ : *links_.back();
      links_.push_back(std::make_unique<tg::group>(above, "link"));
    }
  }
  ~our_chain() {
    while (!links_.empty()) links_.pop_back();
  }
  void set() { top_.set_event(); }
  bool all_set() const {
    return all_of(links_, [](const tg::group& link) { return link.event().is_set(); });
  }

 private:
  tg::group top_;
  std::vector<std::unique_ptr<tg::group>> links_;
};

class tbb_chain {
 public:
  explicit tbb_chain(std::size_t depth) {
    tbb::task_group(top_).run_and_wait([&] { hang_below(depth); });
  }
  void set() { top_.cancel_group_execution(); }
  bool all_set() const {
    return all_of(links_, [](auto& link) { return link.is_group_execution_cancelled(); });
  }

 private:
  void hang_below(std::size_t depth) {
    if (depth == 0) return;
    links_.push_back(std::make_unique<tbb::task_group_context>());
    tbb::task_group(*links_.back()).run_and_wait([&] { hang_below(depth - 1); });
  }

  tbb::task_group_context top_;
  std::vector<std::unique_ptr<tbb::task_group_context>> links_;
};

contest setting(const tree& shape) {
  contest one{"P5",
              "set_event/children:" + std::to_string(shape.children) +
                  "/unrelated:" + std::to_string(shape.unrelated),
              "ns a set",
              {{ours, [=] { return sets_of<our_family>(shape); }},
               {"tbb_cancel", [=] { return sets_of<tbb_family>(shape); }},
               {"std_stop_tree", [=] { return sets_of<stop_family>(shape); }}},
              {{{"tbb_cancel"}, 1.0}}};
  return one;
}

contest staying_flat(const tree& shape) {
  return {"P5",
          "set_event/children:" + std::to_string(shape.children) + "/flat",
          "times as long beside " + std::to_string(shape.unrelated) + " unrelated groups",
          {{ours, [=] { return slowed_by_unrelated(shape); }}},
          {{{}, most_beside_unrelated}}};
}

contest growing(contest one, const char* axis, std::size_t at) {
  one.targets.clear();
  one.axis = axis;
  one.at = static_cast<double>(at);
  return one;
}

contest chained(std::size_t depth, std::size_t times) {
  const tree shape{depth, 0, times};
  return {"P5",
          "set_event/depth:" + std::to_string(depth),
          "ns a set",
          {{ours, [=] { return sets_of<our_chain>(shape); }},
           {"tbb_cancel", [=] { return sets_of<tbb_chain>(shape); }}},
          {},
          "groups below each other",
          static_cast<double>(depth)};
}

// Few sets of many children take as long as many sets of few.
std::size_t times_for(const scale& size, std::size_t children) {
  return size.rounds(std::clamp<std::size_t>(200'000 / children, 5, 500));
}

std::vector<contest> contests(const scale& size) {
  std::vector<contest> all;
  for (std::size_t unrelated : {0u, 10'000u}) {
    for (std::size_t children : {10u, 1'000u, 10'000u}) {
      all.push_back(setting({children, unrelated, times_for(size, children)}));
      if (unrelated != 0) continue;
      all.back().axis = "child groups";
      all.back().at = static_cast<double>(children);
    }
  }
  for (std::size_t children : {10u, 1'000u, 10'000u}) {
    all.push_back(staying_flat({children, 10'000, times_for(size, children)}));
  }
  if (!size.growth) return all;
  for (std::size_t children : {1u, 100u, 100'000u}) {
    all.push_back(growing(setting({children, 0, times_for(size, children)}), "child groups", children));
  }
  for (std::size_t unrelated : {1u, 100u, 1'000u, 100'000u}) {
    all.push_back(
        growing(setting({10, unrelated, times_for(size, 1'000)}), "unrelated groups alive", unrelated));
  }
  for (std::size_t depth : {1u, 10u, 100u, 1'000u}) all.push_back(chained(depth, times_for(size, depth)));
  return all;
}

const entry set_event_entry(&contests);

}  // namespace
}  // namespace bench

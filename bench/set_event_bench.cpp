// Setting the event of a group with many children, beside many groups that have nothing to do with it.
#include "bench/support/contest.h"
#include "bench/support/timing.h"

#include <oneapi/tbb/task_group.h>
#include <threadgroup/threadgroup.h>

#include <memory>
#include <stdexcept>
#include <stop_token>
#include <vector>

namespace bench {
namespace {

struct tree {
  std::size_t children = 0;
  std::size_t unrelated = 0;
  std::size_t times = 1;
};

outcome per_set(samples& spans) { return {spans.median(), {{"p99", spans.quantile(0.99)}}}; }

class our_family {
 public:
  explicit our_family(std::size_t children) {
    for (std::size_t i = 0; i < children; ++i)
      children_.push_back(std::make_unique<tg::group>(parent_, "child"));
  }
  ~our_family() { children_.clear(); }

  tg::group& parent() { return parent_; }
  bool all_set() const {
    for (const auto& child : children_) {
      if (!child->event().is_set()) return false;
    }
    return true;
  }

 private:
  tg::group parent_;
  std::vector<std::unique_ptr<tg::group>> children_;
};

outcome our_set(const tree& shape) {
  our_family unrelated(shape.unrelated);
  samples spans;
  for (std::size_t i = 0; i < shape.times; ++i) {
    our_family family(shape.children);
    const std::int64_t start = now_ns();
    family.parent().set_event();
    spans.add(now_ns() - start);
    if (!family.all_set()) throw std::logic_error("threadgroup: a child reads unset");
  }
  return per_set(spans);
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
  ~tbb_family() { children_.clear(); }

  tbb::task_group_context& parent() { return parent_; }
  bool all_set() {
    for (const auto& child : children_) {
      if (!child->is_group_execution_cancelled()) return false;
    }
    return true;
  }

 private:
  tbb::task_group_context parent_;
  std::vector<std::unique_ptr<tbb::task_group_context>> children_;
};

outcome tbb_cancel(const tree& shape) {
  tbb_family unrelated(shape.unrelated);
  samples spans;
  for (std::size_t i = 0; i < shape.times; ++i) {
    tbb_family family(shape.children);
    const std::int64_t start = now_ns();
    family.parent().cancel_group_execution();
    spans.add(now_ns() - start);
    if (!family.all_set())
      throw std::logic_error("oneTBB: a child is not cancelled; the comparison would be void");
  }
  return per_set(spans);
}

// The standard library has no tree: each child hangs on its parent by a callback.
class linked_stop {
 public:
  explicit linked_stop(const std::stop_token& parent) : pass_on_(parent, passer{&source_}) {}

 private:
  struct passer {
    std::stop_source* to;
    void operator()() const { to->request_stop(); }
  };
  std::stop_source source_;
  std::stop_callback<passer> pass_on_;
};

outcome stop_tree(const tree& shape) {
  samples spans;
  for (std::size_t i = 0; i < shape.times; ++i) {
    std::stop_source parent;
    std::vector<std::unique_ptr<linked_stop>> children;
    for (std::size_t k = 0; k < shape.children; ++k) {
      children.push_back(std::make_unique<linked_stop>(parent.get_token()));
    }
    const std::int64_t start = now_ns();
    parent.request_stop();
    spans.add(now_ns() - start);
  }
  return per_set(spans);
}

contest setting(const tree& shape) {
  const std::string name = "set_event/children:" + std::to_string(shape.children) +
                           "/unrelated:" + std::to_string(shape.unrelated);
  contest one{"P5",
              name,
              "ns a set",
              {{ours, [=] { return our_set(shape); }}, {"tbb_cancel", [=] { return tbb_cancel(shape); }}},
              {{{"tbb_cancel"}, 1.0}}};
  if (shape.unrelated == 0) one.contenders.push_back({"std_stop_tree", [=] { return stop_tree(shape); }});
  return one;
}

std::vector<contest> contests(const scale& size) {
  std::vector<contest> all;
  for (std::size_t unrelated : {0u, 10'000u}) {
    for (std::size_t children : {10u, 1'000u, 10'000u}) {
      all.push_back(setting({children, unrelated, size.rounds(children == 10 ? 500 : 40)}));
    }
  }
  if (!size.growth) return all;
  for (std::size_t children : {1u, 100u, 100'000u}) {
    all.push_back(setting({children, 0, size.rounds(children == 100'000 ? 5 : 500)}));
    all.back().targets.clear();
  }
  for (contest& one : all) {
    if (one.name.find("/unrelated:0") == std::string::npos) continue;
    one.axis = "child groups";
    one.at = std::stod(one.name.substr(one.name.find("children:") + 9));
  }
  return all;
}

const entry set_event_entry(&contests);

}  // namespace
}  // namespace bench

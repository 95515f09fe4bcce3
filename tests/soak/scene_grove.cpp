// Trees of all shapes: sets at random nodes reach all that is below and nothing else, while children are born below and
// tasks run everywhere; then the trees are taken down in any order.
#include "tests/soak/chores.h"

#include <deque>
#include <numeric>
#include <utility>

namespace soak {
namespace {

class grove {
 public:
  explicit grove(stage& at) : at_(at) {
    const bool is_line = at.random.one_in(3);
    const std::size_t size = 2 + at.random.below(is_line ? 120 : 40);
    tg::group_options options = random_options(at);
    for (std::size_t node = 0; node < size; ++node) {
      const std::size_t under = node == 0 ? 0 : is_line ? node - 1 : at.random.below(node);
      parents_.push_back(under);
      nodes_.push_back(node == 0 ? at.make("grove", options)
                                 : stage::make_under(*nodes_[under], "node", options));
      accounts_.emplace_back();
    }
    first_set_.resize(size);
  }

  void populate() {
    for (std::size_t left = at_.random.below(3 * nodes_.size()); left != 0; --left) {
      const std::size_t node = at_.random.below(nodes_.size());
      add(*nodes_[node], accounts_[node], chore::quiet(at_, accounts_[node], *nodes_[node]));
    }
  }

  // Beside it: what is born under a set group is born set.
  std::thread births() {
    return short_lived([this, seed = at_.random.below(1'000'000)] {
      tg_test::random_source random(seed);
      for (int i = 0; i < 40; ++i) {
        tg::group& parent = *nodes_[random.below(nodes_.size())];
        const bool was_set = parent.event().is_set();
        const group_ptr child = stage::make_under(parent, "born beside");
        holds(!was_set || child->event().is_set(), "a child of a set group was born unset");
      }
    });
  }

  void set_some() {
    for (std::size_t left = at_.random.below(4); left != 0; --left) {
      set_and_look(at_.random.below(nodes_.size()));
      tg_test::spin(at_.random.below(5'000));
    }
  }

  void settle_all() {
    for (std::size_t node = 0; node < nodes_.size(); ++node) settle(at_, *nodes_[node], accounts_[node]);
  }

  void fell() {
    while (!nodes_.empty()) {
      std::swap(nodes_[at_.random.below(nodes_.size())], nodes_.back());
      nodes_.pop_back();
    }
  }

 private:
  bool is_within(std::size_t node, std::size_t top) const {
    while (node > top) node = parents_[node];
    return node == top;
  }

  void set_and_look(std::size_t top) {
    const auto cause = at_.random.one_in(2) ? tg::event_cause::requested : tg::event_cause::shutdown;
    const bool was_set = first_set_[top] != 0;
    const bool first = set(*nodes_[top], cause);
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      const bool below = is_within(node, top);
      holds(!below || nodes_[node]->event().is_set(), "a descendant reads unset after set_event returned");
      if (below && first_set_[node] == 0) first_set_[node] = nodes_[top]->id();
    }
    if (!at_.calm()) return;
    holds(first == !was_set, "set_event told wrongly whether it was the first");
    look_closely();
  }

  void look_closely() {
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      const tg::event_state state = nodes_[node]->state();
      holds(state.set == (first_set_[node] != 0), "a group is set that nobody has set");
      holds(state.origin == first_set_[node],
            "an event has another origin than the group that was set first");
    }
  }

  stage& at_;
  std::vector<std::size_t> parents_;
  std::vector<std::uint64_t> first_set_;  // id of the group whose set reached the node first
  std::deque<account> accounts_;
  std::vector<group_ptr> nodes_;
};

}  // namespace

void play_grove(stage& at) {
  grove trees(at);
  trees.populate();
  std::thread beside;
  if (at.random.one_in(3)) beside = trees.births();
  trees.set_some();
  if (beside.joinable()) beside.join();
  trees.settle_all();
  trees.fell();
}

}  // namespace soak

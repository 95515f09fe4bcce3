// In the place of moodycamel's queue: what it promises and no more. Items of one producer stay in their order, those of
// several come in any; try_dequeue may deny what is there.
#pragma once

#include "tests/model/checker/explore.h"

#include <cstddef>
#include <deque>
#include <vector>

namespace moodycamel {

struct ConcurrentQueueDefaultTraits {
  static const std::size_t EXPLICIT_INITIAL_INDEX_SIZE = 32;
};

template <class T, class Traits>
class ConcurrentQueue;

class ProducerToken {
 public:
  template <class T, class Traits>
  explicit ProducerToken(ConcurrentQueue<T, Traits>& of) : number_(of.add_producer()) {}
  bool valid() const { return true; }

 private:
  template <class T, class Traits>
  friend class ConcurrentQueue;
  std::size_t number_;
};

template <class T, class Traits>
class ConcurrentQueue {
 public:
  explicit ConcurrentQueue(std::size_t) {}

  bool try_enqueue(const ProducerToken& from, const T& item) { return enqueue(from, item); }
  bool enqueue(const ProducerToken& from, const T& item) {
    const model::library_call here;
    producers_[from.number_].push_back({item, {}});
    model::publish(producers_[from.number_].back().known);
    return true;
  }
  bool try_dequeue(T& item) {
    const model::library_call here;
    std::vector<std::deque<entry>*> full;
    for (auto& one : producers_) {
      if (!one.empty()) full.push_back(&one);
    }
    if (full.empty() || model::strikes()) return false;
    auto& from = *full[model::pick(static_cast<unsigned>(full.size()))];
    item = from.front().item;
    model::observe(from.front().known);
    from.pop_front();
    return true;
  }

 private:
  friend class ProducerToken;
  struct entry {
    T item;
    model::vector_clock known;
  };
  std::size_t add_producer() {
    const model::library_call here;
    producers_.emplace_back();
    return producers_.size() - 1;
  }

  std::deque<std::deque<entry>> producers_;
};

}  // namespace moodycamel

// Faults made on purpose, one a run: what the sanitizers have to report, or their set-up is blind.
//   seeded_fault NAME
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <string>
#include <thread>

namespace {

// Orders nothing: both sides are there at once, and no access happens before the other.
class meeting {
 public:
  void come(int wanted) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    here_.fetch_add(1, std::memory_order_relaxed);
    while (here_.load(std::memory_order_relaxed) < wanted && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
  }

 private:
  std::atomic<int> here_{0};
};

void race_between_two_tasks() {
  int shared = 0;
  meeting both;
  tg::group group("race", {.max_concurrent = 2});
  for (int task = 0; task < 2; ++task) {
    group.add_task([&] {
      both.come(2);
      for (int i = 0; i < 1000; ++i) shared = shared + 1;
    });
  }
  (void)group.join();
}

void race_with_what_follows_set_event() {
  int shared = 0;
  meeting begun, both;
  tg::group group("race");
  group.add_task([&, event = group.event()] {
    begun.come(2);
    while (!event.is_set()) std::this_thread::yield();
    both.come(2);
    for (int i = 0; i < 1000; ++i) shared = shared + 1;
  });
  begun.come(2);
  group.set_event();
  both.come(2);
  for (int i = 0; i < 1000; ++i) shared = shared + 1;
  (void)group.join();
}

void race_before_join() {
  int shared = 0;
  meeting both;
  tg::group group("race");
  group.add_task([&] {
    both.come(2);
    shared = 1;
  });
  both.come(2);
  shared = 2;
  (void)group.join();
}

void use_after_free_in_a_task() {
  int* volatile gone = new int(1);
  delete gone;
  tg::group group("use");
  group.add_task([&gone] { *gone = 2; });
  (void)group.join();
}

void leak_in_a_task() {
  tg::group group("leak");
  group.add_task([] {
    std::string* volatile lost = new std::string(1000, 'x');
    lost->push_back('y');
    lost = nullptr;
  });
  (void)group.join();
}

void overflow_in_a_task() {
  volatile int large = std::numeric_limits<int>::max();
  tg::group group("overflow");
  group.add_task([&] { large = large + 1; });
  (void)group.join();
}

const std::map<std::string, std::function<void()>> faults = {
    {"race_between_two_tasks", race_between_two_tasks},
    {"race_with_what_follows_set_event", race_with_what_follows_set_event},
    {"race_before_join", race_before_join},
    {"use_after_free_in_a_task", use_after_free_in_a_task},
    {"leak_in_a_task", leak_in_a_task},
    {"overflow_in_a_task", overflow_in_a_task},
};

}  // namespace

int main(int count, char** arguments) {
  const auto fault = faults.find(count == 2 ? arguments[1] : "");
  if (fault == faults.end()) {
    std::cerr << "usage: seeded_fault NAME, one of:\n";
    for (const auto& [name, run] : faults) std::cerr << "  " << name << '\n';
    return 2;
  }
  // Two accesses at the very same moment escape the sanitizer, now and then, and so does one of a thread that has done
  // much since.
  const int times = fault->first.starts_with("race_") ? 20 : 1;
  for (int i = 0; i < times; ++i) fault->second();
  std::cout << "the fault was not reported\n";
}

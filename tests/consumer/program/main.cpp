// A program outside the tree: tasks, nested groups, a future, an event and an error, through the public API.
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <iostream>

namespace {

int count_tasks() {
  std::atomic<int> ran{0};
  tg::group outer("outer", {.max_concurrent = 2});
  for (int i = 0; i < 10; ++i) {
    outer.add_task([&ran] {
      tg::group inner("inner");
      inner.add_task([&ran] { ran.fetch_add(1, std::memory_order_relaxed); });
      inner.join().throw_if_failed();
    });
  }
  outer.join().throw_if_failed();
  return ran.load();
}

bool event_stops_tasks() {
  tg::group stopped("stopped");
  stopped.add_task([] {
    while (!tg::this_task::event_set()) (void)tg::this_task::event_aware_sleep(std::chrono::milliseconds(1));
  });
  const bool first = stopped.set_event();
  return first && stopped.join().complete && stopped.event().is_set();
}

bool errors_cross_the_library() {
  tg::group closed("closed");
  closed.close();
  try {
    closed.add_task([] {});
  } catch (const tg::group_closed&) {
    return true;
  }
  return false;
}

}  // namespace

int main() {
  tg::group group("answers");
  auto answer = group.submit([](int a, int b) { return a * b; }, 6, 7);
  const int product = answer.get();
  const bool joined = group.join().complete;
  const int tasks = count_tasks();
  const bool stopped = event_stops_tasks();
  const bool caught = errors_cross_the_library();
  std::cout << "product " << product << ", tasks " << tasks << ", stopped " << stopped << ", caught "
            << caught << '\n';
  return product == 42 && joined && tasks == 10 && stopped && caught ? 0 : 1;
}

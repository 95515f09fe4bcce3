#include "bench/support/service_peers.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stop_token>
#include <thread>

namespace bench {
namespace {

// Threads that oneTBB gets so that sleeping replicas do not stop the others.
constexpr int tbb_threads = 64;

// oneTBB has no sleep that a cancellation ends: the sleep is cut into pieces.
bool sleep_in_pieces(std::int64_t span_ns) {
  constexpr std::int64_t piece = 100'000;
  for (std::int64_t left = span_ns; left > 0; left -= piece) {
    if (tbb::is_current_task_group_canceling()) return false;
    sleep_for_ns(left < piece ? left : piece);
  }
  return !tbb::is_current_task_group_canceling();
}

void ask_polling(const request& asked, reply& answer) {
  tbb::task_group group;
  for (const replica_cost& cost : asked.costs) {
    group.run([&cost, &answer, &group] {
      if (!sleep_in_pieces(cost.wait_ns)) return;
      if (!burn_unless(cost.work_ns, &tbb::is_current_task_group_canceling)) return;
      answer.first_wins();
      group.cancel();
    });
  }
  group.wait();
}

// What a cancellation cannot end, the first answer does by hand: it wakes all who sleep on the request's condition.
void ask_notified(const request& asked, reply& answer) {
  std::mutex mutex;
  std::condition_variable over;
  bool is_over = false;
  tbb::task_group group;
  for (const replica_cost& cost : asked.costs) {
    group.run([&] {
      {
        std::unique_lock lock(mutex);
        if (over.wait_for(lock, std::chrono::nanoseconds(cost.wait_ns), [&] { return is_over; })) return;
      }
      if (!burn_unless(cost.work_ns, &tbb::is_current_task_group_canceling)) return;
      answer.first_wins();
      group.cancel();
      {
        const std::lock_guard lock(mutex);
        is_over = true;
      }
      over.notify_all();
    });
  }
  group.wait();
}

class tbb_requests final : public service {
 public:
  using asker = void (*)(const request&, reply&);

  tbb_requests(unsigned workers, asker ask)
      : ask_(ask),
        enough_(tbb::global_control::max_allowed_parallelism, workers + tbb_threads),
        arena_(tbb_threads, 0) {}

  ~tbb_requests() noexcept override = default;

  void serve(const request& asked, reply& answer) override {
    arena_.enqueue(requests_.defer([ask = ask_, &asked, &answer] {
      ask(asked, answer);
      answer.finished();
    }));
  }
  void finish_requests() override {
    arena_.execute([this] { requests_.wait(); });
  }
  void start_background(background_work& work) override {
    for (unsigned i = 0; i < work.chains; ++i)
      arena_.enqueue(background_.defer([this, &work] { go_on(work); }));
  }
  void finish_background() override {
    arena_.execute([this] { background_.wait(); });
  }

 private:
  void go_on(background_work& work) {
    if (work.one_step()) background_.run([this, &work] { go_on(work); });
  }

  asker ask_;
  tbb::global_control enough_;
  tbb::task_arena arena_;
  tbb::task_group requests_;
  tbb::task_group background_;
};

// A thread for everything; a stop token ends sleeps and work.
class async_requests final : public service {
 public:
  void serve(const request& asked, reply& answer) override {
    requests_.push_back(std::async(std::launch::async, [&asked, &answer] {
      handle(asked, answer);
      answer.finished();
    }));
  }
  void finish_requests() override {
    for (std::future<void>& one : requests_) one.get();
    requests_.clear();
  }
  void start_background(background_work& work) override {
    for (unsigned i = 0; i < work.chains; ++i) {
      background_.emplace_back([&work] {
        while (work.one_step()) {
        }
      });
    }
  }
  void finish_background() override {
    for (std::thread& one : background_) one.join();
    background_.clear();
  }

 private:
  static void handle(const request& asked, reply& answer) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::stop_source stop;
    std::vector<std::future<void>> all;
    for (const replica_cost& cost : asked.costs) {
      all.push_back(std::async(std::launch::async, [&, token = stop.get_token()] {
        {
          std::unique_lock lock(mutex);
          never.wait_for(lock, token, std::chrono::nanoseconds(cost.wait_ns), [] { return false; });
        }
        if (!burn_unless(cost.work_ns, [&] { return token.stop_requested(); })) return;
        answer.first_wins();
        stop.request_stop();
      }));
    }
    for (std::future<void>& one : all) one.get();
  }

  std::vector<std::future<void>> requests_;
  std::vector<std::thread> background_;
};

}  // namespace

std::unique_ptr<service> tbb_service(unsigned workers) {
  return std::make_unique<tbb_requests>(workers, &ask_polling);
}
std::unique_ptr<service> tbb_notified_service(unsigned workers) {
  return std::make_unique<tbb_requests>(workers, &ask_notified);
}
std::unique_ptr<service> async_service() { return std::make_unique<async_requests>(); }

}  // namespace bench

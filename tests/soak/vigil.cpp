#include "tests/soak/vigil.h"

#include "tests/soak/ledger.h"
#include "tests/support/sleeping.h"

#include <threadgroup/inspect.h>
#include <threadgroup/runtime.h>

#include <cstdlib>
#include <iostream>

namespace soak {

struct post {
  std::atomic<std::uint64_t> since{0};  // number of the look; 0: nobody stands here
  std::atomic<const char*> what{nullptr};
  std::atomic<const char*> scene{nullptr};
  std::atomic<std::uint64_t> group{0};
  std::atomic<long> thread{0};
};

namespace {

using namespace std::chrono_literals;

constexpr auto between_looks = 200ms;
constexpr std::size_t post_count = 8192;

post posts[post_count];
std::atomic<std::uint64_t> looks{1};
std::atomic<std::size_t> next_post{0};

post& take_post() {
  for (;;) {
    post& at = posts[next_post.fetch_add(1) % post_count];
    std::uint64_t nobody = 0;
    if (at.since.compare_exchange_strong(nobody, looks.load())) return at;
  }
}

void print(const post& at, std::uint64_t now) {
  const std::uint64_t since = at.since.load();
  if (since == 0) return;
  const char* what = at.what.load();
  const char* scene = at.scene.load();
  std::cerr << "  thread " << at.thread.load() << " in scene '" << (scene == nullptr ? "?" : scene)
            << "' waits for " << (what == nullptr ? "?" : what) << " of group #" << at.group.load()
            << " since "
            << std::chrono::duration_cast<std::chrono::seconds>((now - since) * between_looks).count()
            << " s\n";
}

void print_stats(const tg::runtime_stats& stats) {
  std::cerr << "workers " << stats.workers << ", spares " << stats.spare_workers << ", blocked "
            << stats.blocked << '/' << stats.blocked_cap << ", at the cap " << stats.cap_reached
            << ", task records " << stats.task_records_in_use << '/' << stats.task_records << ", groups "
            << stats.group_records_in_use << '/' << stats.group_records << '\n';
}

[[noreturn]] void give_up(const post& lost, std::uint64_t now) {
  fault("a wait outlived its bound: a lost wake");
  std::cerr << "the wait:\n";
  print(lost, now);
  std::cerr << "all waits:\n";
  for (const post& at : posts) print(at, now);
  std::cerr << "the runtime: ";
  print_stats(tg::runtime::instance().stats());
  std::cerr << "the forest:\n";
  tg::print_forest(std::cerr);
  std::cerr.flush();
  std::abort();
}

}  // namespace

vigil::wait::wait(const char* what, std::uint64_t group) : mine_(&take_post()) {
  mine_->what = what;
  mine_->scene = position::scene;
  mine_->group = group;
  mine_->thread = tg_test::this_thread_id();
}

vigil::wait::~wait() {
  mine_->what = nullptr;
  mine_->since = 0;
}

vigil::vigil(std::chrono::seconds bound)
    : bound_(static_cast<std::uint64_t>(bound / between_looks)), thread_([this] { keep(); }) {}

vigil::~vigil() {
  over_ = true;
  thread_.join();
}

void vigil::keep() {
  while (!over_) {
    std::this_thread::sleep_for(between_looks);
    const std::uint64_t now = ++looks;
    for (const post& at : posts) {
      const std::uint64_t since = at.since.load();
      if (since != 0 && now - since > bound_ && since == at.since.load()) give_up(at, now);
    }
  }
}

}  // namespace soak

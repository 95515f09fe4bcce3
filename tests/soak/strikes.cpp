#include "tests/soak/strikes.h"

#include "tests/soak/ledger.h"
#include "tests/support/stress.h"

#include <threadgroup/event.h>

#include <signal.h>

#include <algorithm>
#include <cerrno>

namespace soak {
namespace {

constexpr int sets_one = SIGUSR1;
constexpr int sets_all = SIGUSR2;
constexpr int marked_errno = 4321;

std::atomic<tg::group*> target{nullptr};
count spoiled{0};

template <class Act>
void observe(Act act) {
  const int before = errno;
  errno = marked_errno;
  act();
  if (errno != marked_errno) ++spoiled;
  errno = before;
  ++counted.signals;
}

void set_one(int) {
  observe([] {
    if (tg::group* group = target.load()) group->set_event_from_signal();
  });
}

void set_all(int) {
  observe([] { tg::set_all_events_from_signal(); });
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void targets::strike(std::size_t which, int signal) const {
  const std::lock_guard lock(mutex_);
  if (!threads_.empty()) ::pthread_kill(threads_[which % threads_.size()], signal);
}

void targets::add(pthread_t thread) {
  const std::lock_guard lock(mutex_);
  threads_.push_back(thread);
}

void targets::remove(pthread_t thread) {
  const std::lock_guard lock(mutex_);
  std::erase_if(threads_, [&](pthread_t each) { return ::pthread_equal(each, thread) != 0; });
}

void install_handlers() {
  handle(sets_one, &set_one);
  handle(sets_all, &set_all);
}

void aim_at(tg::group* group) {
  target = group;
  holds(spoiled.exchange(0) == 0, "a handler's errno was not kept");
}

void strike_here() {
  ++counted.sets;
  ::raise(sets_one);
}

void strike_all() {
  ++counted.sets;
  ::raise(sets_all);
}

strikes::strikes(const targets& at, std::chrono::microseconds between, std::uint64_t stream)
    : thread_([this, &at, between, stream] {
        for (tg_test::random_source random(stream); !over_;) {
          at.strike(random.below(64), sets_one);
          std::this_thread::sleep_for(between);
        }
      }) {}

strikes::~strikes() {
  over_ = true;
  thread_.join();
}

}  // namespace soak

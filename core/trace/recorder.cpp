// The writers' side: which ring a thread has, and what a record costs. Not in the model, which has no files to write to.
#include "core/trace/recorder.h"

#include "core/os/process.h"
#include "core/trace/control.h"
#include "core/trace/shelf.h"

#include <cstddef>
#include <cstring>

namespace tg::tracing {

alignas(base::cache_line) constinit base::atomic<std::uint32_t> recording{0};

constinit shelf the_shelf;

namespace {

// Constant-initialised and trivially destroyed: it is used in signal handlers and while the thread ends.
struct writer {
  ring mine;
  std::uint32_t era = 0;             // of the shelf, when the ring was taken; another one: it has no ring
  std::uint32_t taking = 0;          // a ring is being taken on this thread: a handler that struck gives up
  std::uint64_t refused_at = 0;      // there was no ring then; 0: there was
  std::uint64_t cpu_sampled_at = 0;  // stamp
};
constinit thread_local writer self{};

// A thread without a ring asks again after about so many ticks.
constexpr std::uint64_t patience_ticks = std::uint64_t{1} << 28;
constexpr std::uint64_t cpu_sample_ticks = std::uint64_t{1} << 21;

// Whose ring, and whether it has ended: the two adjacent fields as one word.
base::atomic<std::uint64_t>& ownership_of(ring_header& at) noexcept {
  static_assert(offsetof(ring_header, released) == offsetof(ring_header, owner) + 4 &&
                offsetof(ring_header, owner) % 8 == 0);
  return live_word(&at.owner);
}
constexpr std::uint64_t released_bit = std::uint64_t{1} << 32;

bool may_be_taken(std::uint64_t ownership, bool look_for_dead) noexcept {
  const auto owner = static_cast<std::uint32_t>(ownership);
  if (owner == 0) return false;  // of a ring for which there was no memory
  if ((ownership & released_bit) != 0) return true;
  return look_for_dead && os::thread_has_ended(owner);
}

struct taken {
  ring_header* header = nullptr;
  std::uint32_t index = 0;
  std::uint32_t owner_before = 0;
};

// A ring whose thread has ended.
taken take_over(std::uint32_t me, bool look_for_dead) noexcept {
  for (std::uint32_t i = 0; i < the_shelf.rings_used(); ++i) {
    ring_header& at = the_shelf.rings[i];
    // [TR18] acquire: the ring as its last owner left it; pairs with [TR19]
    std::uint64_t seen = ownership_of(at).load(base::acquire);
    if (!may_be_taken(seen, look_for_dead)) continue;
    if (ownership_of(at).compare_exchange(seen, me, base::acquire, base::relaxed))  // as [TR18]
      return {&at, i, static_cast<std::uint32_t>(seen)};
  }
  return {};
}

taken take_fresh(std::uint32_t me) noexcept {
  auto& used = live(the_shelf.header->rings_used);
  std::uint32_t index = used.load(base::relaxed);  // relaxed: the exchange decides
  do {
    if (index >= shelf::ring_capacity || the_shelf.reserve_ring(index) != 0) return {};
    // [TR17] release: the ring has its memory; pairs with [TR16]
  } while (!used.compare_exchange(index, index + 1, base::release, base::relaxed));
  ownership_of(the_shelf.rings[index])
      .store(me, base::relaxed);  // relaxed: nobody takes over an unowned ring
  return {&the_shelf.rings[index], index, 0};
}

// The thread before may have been ended in the middle of a record.
void mend(ring_header& at) noexcept {
  // relaxed: this thread's now
  const std::uint64_t written = live(at.written).load(base::relaxed);
  if ((written & ring::writing) != 0) live(at.written).store(written & ~ring::writing, base::relaxed);
}

void name_owner(ring_header& at) noexcept {
  char name[sizeof at.thread_name];
  os::thread_name(name);
  std::uint64_t words[2];
  std::memcpy(words, name, sizeof words);
  for (std::size_t i = 0; i < 2; ++i) {
    // relaxed: a label
    live_word(&at.thread_name[i * 8]).store(words[i], base::relaxed);
  }
}

record made(std::uint64_t stamp, const event& what) noexcept {
  return {stamp, make_what(what.what, what.detail, what.group), what.a, what.b};
}

bool take_ring(writer& me) noexcept {
  if (me.taking != 0) return false;
  const std::uint64_t now = the_shelf.clock.now();
  if (me.refused_at != 0 && now - me.refused_at < patience_ticks) return false;
  me.taking = 1;
  const std::uint32_t thread = os::thread_id();
  taken got = take_over(thread, false);
  if (got.header == nullptr) got = take_fresh(thread);
  if (got.header == nullptr) got = take_over(thread, true);
  me.refused_at = got.header == nullptr ? now : 0;
  if (got.header != nullptr) {
    mend(*got.header);
    name_owner(*got.header);
    me.mine = the_shelf.ring_at(got.index);
    me.mine.write([&] {
      return made(the_shelf.clock.now(), {kind::thread_began, 0, thread, got.owner_before});
    });
    me.era = the_shelf.era.load(base::relaxed);  // relaxed: changes only in a child with one thread
  }
  me.taking = 0;
  return got.header != nullptr;
}

// Once true, all of the file's parts may be used.
bool is_open() noexcept {
  // [TR30] acquire: the file and its parts; pairs with [TR29]
  return recording.load(base::acquire) != 0;
}

// False: this record is lost, and counted.
bool have_ring(writer& me) noexcept {
  if (!is_open()) return false;  // switched off just now
  // relaxed: changes only in a child with one thread
  if (me.era == the_shelf.era.load(base::relaxed)) [[likely]]
    return true;
  if (take_ring(me)) return true;
  live(the_shelf.header->lost_without_ring).fetch_add(1, base::relaxed);  // relaxed: a count
  return false;
}

template <class Make>
void put(Make&& make) noexcept {
  writer& me = self;
  if (!have_ring(me)) return;
  const std::uint64_t number = me.mine.write(make);
  // Once a round: the more is written, the better the clock is known.
  if ((number & me.mine.mask) == me.mine.mask && number != ring::struck) [[unlikely]]
    the_shelf.clock.calibrate(*the_shelf.header);
}

}  // namespace

std::uint64_t stamp() noexcept { return is_open() ? the_shelf.clock.now() : 0; }

void write(const event& what) noexcept {
  put([&] { return made(the_shelf.clock.now(), what); });
}

void write_at(std::uint64_t stamp, const event& what) noexcept {
  put([&] { return made(stamp, what); });
}

void watch(freeze_reason why, group_ref group, std::uint64_t task, std::uint64_t ticks) noexcept {
  // relaxed: a threshold
  if (ticks > the_shelf.freeze_after.load(base::relaxed)) [[unlikely]]
    ask_to_freeze({why, group, task, ticks});
}

void sample_cpu(std::uint64_t now) noexcept {
  writer& me = self;
  if (now - me.cpu_sampled_at < cpu_sample_ticks) return;
  me.cpu_sampled_at = now;
  write_at(now, {kind::cpu_time, 0, os::thread_cpu_ns()});
}

group_ref enter_group(const group_facts& facts) noexcept {
  if (!is_open()) return 0;
  const group_ref ref = the_shelf.groups.enter(facts, the_shelf.clock.now());
  if (ref == 0) {
    live(the_shelf.header->groups_without_entry).fetch_add(1, base::relaxed);  // relaxed: a count
  }
  if (the_shelf.groups.wants_sweep()) [[unlikely]]
    ask_to_sweep();
  return ref;
}

void give_back_group(group_ref of) noexcept { the_shelf.groups.give_back(of); }
void limit_group(group_ref of, std::uint32_t limit) noexcept { the_shelf.groups.set_limit(of, limit); }
void leave_group(group_ref of) noexcept { the_shelf.groups.end(of, the_shelf.clock.now()); }

void thread_ends() noexcept {
  writer& me = self;
  // relaxed: changes only in a child with one thread
  if (me.era != the_shelf.era.load(base::relaxed)) return;
  me.era = 0;
  // [TR19] release: the ring as this thread leaves it; pairs with [TR18]
  ownership_of(*me.mine.header).store(os::thread_id() | released_bit, base::release);
}

}  // namespace tg::tracing

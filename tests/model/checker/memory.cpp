#include "tests/model/checker/memory.h"

#include <cstring>
#include <memory>
#include <vector>

// Where the program keeps what lives as long as it: the linker's names.
extern "C" std::byte __data_start[];
extern "C" std::byte _end[];

namespace model {
namespace {

bool acquires(std::memory_order order) {
  return order == std::memory_order_acquire || order == std::memory_order_consume ||
         order == std::memory_order_acq_rel || order == std::memory_order_seq_cst;
}
bool releases(std::memory_order order) {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

std::uint64_t value_at(const void* at, unsigned size) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, size);
  return value;
}

constexpr unsigned cell_size = 8;
constexpr unsigned most_candidates = 8;

}  // namespace

struct memory::store {
  std::uint64_t value;
  store* older;
  bool first;           // was there before anybody could look: nothing older can be read
  bool reads_older;     // of a read-modify-write: nothing may come between
  bool in_total_order;  // written or read by a sequentially consistent operation
  std::array<std::uint32_t, max_threads> seen;  // when each thread first knew it; 0: not yet
  vector_clock published;                       // what comes with it to who acquires

  // Nothing older may be read, and nothing be stored before it, by this observer.
  bool hides_older(const observer& by, std::memory_order order) const {
    if (first || (in_total_order && order == std::memory_order_seq_cst)) return true;
    for (unsigned i = 0; i < max_threads; ++i) {
      if (seen[i] != 0 && by.clock.knows(i, seen[i])) return true;
    }
    return false;
  }
  void note(const observer& by) {
    if (seen[by.thread] == 0) seen[by.thread] = by.clock.at[by.thread];
  }
};

struct memory::access {
  std::uint32_t moment;
  std::uint8_t thread;
  std::uint8_t mask;  // of the bytes of the cell
  bool is_write;
  bool is_atomic;
};

// Eight bytes of memory.
struct memory::cell {
  static constexpr unsigned most = 12;
  std::uintptr_t key;  // address / 8
  std::uint8_t accesses;
  bool written;
  bool freed;
  std::uint8_t sizes;  // bit i: a history begins at byte i
  access last[most];
  store* histories[cell_size];
};

// Where the cell of a key is. The cells themselves lie close together, in the order in which they were first touched:
// looking for them is most of what a schedule costs.
struct memory::slot {
  std::uintptr_t key;
  std::uint32_t schedule;  // of another one: free
  std::uint32_t number;
};

struct memory::pools {
  static constexpr unsigned slots_bits = 17;
  static constexpr std::size_t slots_size = std::size_t{1} << slots_bits;
  static constexpr std::uint32_t most_cells = slots_size / 2;
  static constexpr unsigned group_bits = 3;
  static constexpr std::size_t chunk = 1024;

  std::unique_ptr<slot[]> slots = std::make_unique<slot[]>(slots_size);
  std::unique_ptr<cell[]> cells = std::make_unique<cell[]>(most_cells);
  std::uint32_t cells_used = 0;
  std::vector<std::unique_ptr<store[]>> stores;
  std::size_t stores_used = 0;
  std::uint32_t schedule = 1;
  struct old_bytes {
    std::byte* at;
    std::uint64_t value;
  };
  std::vector<old_bytes> statics;  // as they were before the schedule

  // The slot of a key, or the free one where it belongs. Neighbours in memory are neighbours here.
  slot& slot_of(std::uintptr_t key) {
    const std::uintptr_t group = (key >> group_bits) * 0x9e3779b97f4a7c15u >> (64 - slots_bits + group_bits);
    const std::uintptr_t begin = group << group_bits | (key & ((1u << group_bits) - 1));
    for (std::size_t i = begin;; ++i) {
      slot& found = slots[i % slots_size];
      if (found.schedule != schedule || found.key == key) return found;
    }
  }

  // What is static begins every schedule as it began the first.
  void keep_static(std::uintptr_t key) {
    auto* const at = reinterpret_cast<std::byte*>(key * cell_size);
    if (at >= __data_start && at < _end) statics.push_back({at, value_at(at, cell_size)});
  }
  void restore_statics() {
    for (const old_bytes& one : statics) std::memcpy(one.at, &one.value, cell_size);
    statics.clear();
  }
};

memory::memory(pick_fn pick, fail_fn fail) : pick_(pick), fail_(fail), pools_(new pools) {}
memory::~memory() { delete pools_; }

void memory::begin_schedule(std::byte* from, const std::byte* to) {
  for (std::uint32_t i = 0; i < pools_->cells_used; ++i) {
    const cell& at = pools_->cells[i];
    auto* bytes = reinterpret_cast<std::byte*>(at.key * cell_size);
    if (at.written && bytes >= from && bytes < to) std::memset(bytes, 0, cell_size);
  }
  pools_->restore_statics();
  pools_->cells_used = 0;
  pools_->stores_used = 0;
  ++pools_->schedule;
}

memory::cell* memory::known_cell(const void* at) {
  const slot& found = pools_->slot_of(reinterpret_cast<std::uintptr_t>(at) / cell_size);
  return found.schedule == pools_->schedule ? &pools_->cells[found.number] : nullptr;
}

memory::cell& memory::cell_of(const void* at) {
  const std::uintptr_t key = reinterpret_cast<std::uintptr_t>(at) / cell_size;
  slot& found = pools_->slot_of(key);
  if (found.schedule == pools_->schedule) return pools_->cells[found.number];
  if (pools_->cells_used == pools::most_cells) fail_("the test touches too much memory", at);
  found = {key, pools_->schedule, pools_->cells_used++};
  cell& fresh = pools_->cells[found.number];
  fresh.key = key;
  fresh.accesses = 0;
  fresh.written = fresh.freed = false;
  fresh.sizes = 0;
  return fresh;
}

void memory::forget(const void* at, std::size_t size) {
  const auto from = reinterpret_cast<std::uintptr_t>(at);
  for (std::size_t i = 0; i < size; i += cell_size) {
    cell* const known = known_cell(reinterpret_cast<const void*>(from + i));
    if (known == nullptr) continue;
    known->accesses = 0;
    known->sizes = 0;
    known->freed = false;
  }
}

// What is left of an access: it races with a later one that does not know of it.
void memory::check(observer& by, cell& in, const void* at, unsigned mask, bool is_write, bool is_atomic) {
  if (in.freed) fail_("access to memory that was freed", at);
  if (is_write && !in.written) pools_->keep_static(in.key);
  in.written = in.written || is_write;
  unsigned kept = 0;
  for (unsigned i = 0; i < in.accesses; ++i) {
    const access& other = in.last[i];
    const bool known = by.clock.knows(other.thread, other.moment);
    if ((other.mask & mask) != 0) {
      if (!known && (other.is_write || is_write) && !(other.is_atomic && is_atomic)) {
        fail_(is_write ? "a write races with another access" : "a read races with a write", at);
      }
      // A later access that races with the other one races with this one too.
      const bool covers = (other.mask & ~mask) == 0 && known && (is_write || !other.is_write) &&
                          (!is_atomic || other.is_atomic);
      if (covers) continue;
    }
    in.last[kept++] = other;
  }
  if (kept == cell::most) kept = cell::most - 1;
  in.last[kept++] = {by.clock.at[by.thread], static_cast<std::uint8_t>(by.thread),
                     static_cast<std::uint8_t>(mask), is_write, is_atomic};
  in.accesses = static_cast<std::uint8_t>(kept);
}

void memory::plain_access(observer& by, const void* at, std::size_t size, bool is_write) {
  auto from = reinterpret_cast<std::uintptr_t>(at);
  for (const std::uintptr_t end = from + size; from < end;) {
    const std::uintptr_t next = std::min<std::uintptr_t>(end, (from / cell_size + 1) * cell_size);
    const unsigned mask = ((1u << (next - from)) - 1) << from % cell_size;
    cell& in = cell_of(reinterpret_cast<const void*>(from));
    check(by, in, reinterpret_cast<const void*>(from), mask, is_write, false);
    // The histories under a plain write end; what it writes begins new ones.
    if (is_write) in.sizes = static_cast<std::uint8_t>(in.sizes & ~mask);
    from = next;
  }
}

void memory::free(observer& by, const void* at, std::size_t size) {
  plain_access(by, at, size, true);
  const auto from = reinterpret_cast<std::uintptr_t>(at);
  for (std::size_t i = 0; i < size; i += cell_size)
    cell_of(reinterpret_cast<const void*>(from + i)).freed = true;
}

memory::store& memory::make_store(observer& by, std::uint64_t value, std::memory_order order) {
  const std::size_t number = pools_->stores_used++;
  if (number / pools::chunk == pools_->stores.size())
    pools_->stores.push_back(std::make_unique<store[]>(pools::chunk));
  store& fresh = pools_->stores[number / pools::chunk][number % pools::chunk];
  fresh.value = value;
  fresh.older = nullptr;
  fresh.first = fresh.reads_older = false;
  fresh.in_total_order = order == std::memory_order_seq_cst;
  fresh.seen.fill(0);
  fresh.note(by);
  fresh.published = releases(order) ? by.clock : by.released;
  by.tick();  // what follows is not published
  return fresh;
}

memory::store& memory::newest(const void* at, unsigned size) {
  cell& in = cell_of(at);
  const unsigned offset = reinterpret_cast<std::uintptr_t>(at) % cell_size;
  if ((in.sizes >> offset & 1) == 0) {
    observer nobody;
    store& first = make_store(nobody, value_at(at, size), std::memory_order_relaxed);
    first.first = true;
    in.histories[offset] = &first;
    in.sizes = static_cast<std::uint8_t>(in.sizes | 1u << offset);
  }
  return *in.histories[offset];
}

memory::store& memory::read(observer& by, store& what, std::memory_order order) {
  what.note(by);
  if (order == std::memory_order_seq_cst) what.in_total_order = true;
  by.pending.join(what.published);
  if (acquires(order)) by.clock.join(what.published);
  return what;
}

namespace {

unsigned mask_of(const void* at, unsigned size) {
  return ((1u << size) - 1) << reinterpret_cast<std::uintptr_t>(at) % cell_size;
}

}  // namespace

memory::loaded memory::load(observer& by, const void* at, unsigned size, std::memory_order order) {
  check(by, cell_of(at), at, mask_of(at, size), false, true);
  store* candidates[most_candidates];
  unsigned count = 0;
  for (store* one = &newest(at, size); count < most_candidates; one = one->older) {
    candidates[count++] = one;
    if (one->hides_older(by, order)) break;
  }
  const unsigned behind = count > 1 ? pick_(count) : 0;
  return {read(by, *candidates[behind], order).value, behind};
}

unsigned memory::write(observer& by, void* at, unsigned size, std::uint64_t value, std::memory_order order) {
  check(by, cell_of(at), at, mask_of(at, size), true, true);
  store* newer[most_candidates];
  unsigned count = 1;
  for (store* one = &newest(at, size); count < most_candidates; one = one->older) {
    if (one->reads_older || one->hides_older(by, order)) break;
    newer[count++] = one;
  }
  const unsigned place = count > 1 ? pick_(count) : 0;
  store& fresh = make_store(by, value, order);
  if (place != 0) {
    fresh.older = newer[place]->older;
    newer[place]->older = &fresh;
    return place;
  }
  fresh.older = &newest(at, size);
  cell_of(at).histories[reinterpret_cast<std::uintptr_t>(at) % cell_size] = &fresh;
  std::memcpy(at, &value, size);
  return 0;
}

std::uint64_t memory::begin_change(observer& by, void* at, unsigned size) {
  check(by, cell_of(at), at, mask_of(at, size), true, true);
  return newest(at, size).value;
}

void memory::end_change(observer& by, void* at, unsigned size, std::uint64_t value, std::memory_order order) {
  store& before = read(by, newest(at, size), order);
  store& fresh = make_store(by, value, order);
  fresh.older = &before;
  fresh.reads_older = true;
  fresh.published.join(before.published);  // the release sequence goes on
  cell_of(at).histories[reinterpret_cast<std::uintptr_t>(at) % cell_size] = &fresh;
  std::memcpy(at, &value, size);
}

bool memory::compare_exchange(observer& by, void* at, unsigned size, std::uint64_t& seen,
                              std::uint64_t wanted, std::memory_order success, std::memory_order failure) {
  store* candidates[most_candidates];
  unsigned count = 0;
  for (store* one = &newest(at, size); count < most_candidates; one = one->older) {
    // It may fail by an older value, which has to be another one.
    if (count == 0 || one->value != seen) candidates[count++] = one;
    if (one->hides_older(by, failure)) break;
  }
  const unsigned behind = count > 1 ? pick_(count) : 0;
  if (behind == 0 && candidates[0]->value == seen) {
    check(by, cell_of(at), at, mask_of(at, size), true, true);
    end_change(by, at, size, wanted, success);
    return true;
  }
  check(by, cell_of(at), at, mask_of(at, size), false, true);
  seen = read(by, *candidates[behind], failure).value;
  return false;
}

void memory::fence(observer& by, std::memory_order order) {
  if (acquires(order)) by.clock.join(by.pending);
  if (releases(order)) by.released = by.clock;
  by.tick();
}

}  // namespace model

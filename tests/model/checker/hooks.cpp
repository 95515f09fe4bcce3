// How the code under test reports what it does: it is compiled with -fsanitize=thread, and instead of the sanitizer's
// runtime these functions are linked. So every atomic operation, whichever type it was written with, and every plain
// access comes here, and the sources stay as they are.
#include "tests/model/checker/changes.h"
#include "tests/model/checker/fiber.h"
#include "tests/model/checker/mutation.h"
#include "tests/model/checker/schedule.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace model {
namespace {

template <class T>
std::uint64_t widened(T value) {
  return static_cast<std::uint64_t>(value);
}

std::memory_order order_of(int order) { return static_cast<std::memory_order>(order & 0x7fff); }
std::memory_order order_at(int order, const void* where) {
  return mutation::applied({order_of(order), std::memory_order_relaxed}, where).success;
}

template <class T>
T load(const volatile T* at, int order, const void* where) {
  if (!observed) return *at;
  const unobserved model;
  here(where);
  scheduling_point();
  const auto [value, behind] =
      shared_memory().load(self(), const_cast<const T*>(at), sizeof(T), order_at(order, where));
  note("load", const_cast<const T*>(at), value, behind);
  return static_cast<T>(value);
}

template <class T>
void store(volatile T* at, T value, int order, const void* where) {
  if (!observed) {
    *at = value;
    return;
  }
  const unobserved model;
  here(where);
  scheduling_point();
  if (mutation::is_dropped(where)) return;
  ++changes;
  const unsigned behind =
      shared_memory().write(self(), const_cast<T*>(at), sizeof(T), widened(value), order_at(order, where));
  note("store", const_cast<T*>(at), widened(value), behind);
}

template <class T, class Change>
T modify(volatile T* at, int order, const void* where, Change&& change) {
  if (!observed) {
    const T before = *at;
    *at = change(before);
    return before;
  }
  const unobserved model;
  here(where);
  scheduling_point();
  ++changes;
  T after{};
  const auto changed = [&](std::uint64_t old) {
    after = mutation::is_dropped(where) ? static_cast<T>(old) : change(static_cast<T>(old));
    return widened(after);
  };
  const auto before = static_cast<T>(
      shared_memory().modify(self(), const_cast<T*>(at), sizeof(T), order_at(order, where), changed));
  note("change to", const_cast<T*>(at), widened(after));
  return before;
}

template <class T>
bool compare_exchange(volatile T* at, T* expected, T wanted, int success, int failure, const void* where) {
  if (!observed) {
    if (*at != *expected) {
      *expected = *at;
      return false;
    }
    *at = wanted;
    return true;
  }
  const unobserved model;
  here(where);
  scheduling_point();
  std::uint64_t seen = widened(*expected);
  const auto orders = mutation::applied({order_of(success), order_of(failure)}, where);
  const T to = mutation::is_dropped(where) ? *expected : wanted;
  const bool done = shared_memory().compare_exchange(self(), const_cast<T*>(at), sizeof(T), seen, widened(to),
                                                     orders.success, orders.failure);
  *expected = static_cast<T>(seen);
  if (done) ++changes;
  note(done ? "exchange to" : "no exchange", const_cast<T*>(at), done ? widened(to) : seen);
  return done;
}

void plain(const void* at, std::size_t size, bool is_write, const void* where) {
  if (!observed || fiber::is_local(at)) return;
  const unobserved model;
  here(where);
  shared_memory().plain_access(self(), at, size, is_write);
}

}  // namespace
}  // namespace model

// The compiler names these functions; there is one for each size.
#define WHERE __builtin_return_address(0)
#define PLAIN_ACCESS(bytes)                                                              \
  void __tsan_read##bytes(void* at) { model::plain(at, bytes, false, WHERE); }           \
  void __tsan_write##bytes(void* at) { model::plain(at, bytes, true, WHERE); }           \
  void __tsan_unaligned_read##bytes(void* at) { model::plain(at, bytes, false, WHERE); } \
  void __tsan_unaligned_write##bytes(void* at) { model::plain(at, bytes, true, WHERE); } \
  void __tsan_volatile_read##bytes(void* at) { model::plain(at, bytes, false, WHERE); }  \
  void __tsan_volatile_write##bytes(void* at) { model::plain(at, bytes, true, WHERE); }
#define ATOMICS(bits)                                                                                    \
  using a##bits = std::uint##bits##_t;                                                                   \
  a##bits __tsan_atomic##bits##_load(const volatile a##bits* at, int order) {                            \
    return model::load(at, order, WHERE);                                                                \
  }                                                                                                      \
  void __tsan_atomic##bits##_store(volatile a##bits* at, a##bits value, int order) {                     \
    model::store(at, value, order, WHERE);                                                               \
  }                                                                                                      \
  a##bits __tsan_atomic##bits##_exchange(volatile a##bits* at, a##bits value, int order) {               \
    return model::modify(at, order, WHERE, [=](a##bits) { return value; });                              \
  }                                                                                                      \
  a##bits __tsan_atomic##bits##_fetch_add(volatile a##bits* at, a##bits by, int order) {                 \
    return model::modify(at, order, WHERE, [=](a##bits old) { return static_cast<a##bits>(old + by); }); \
  }                                                                                                      \
  a##bits __tsan_atomic##bits##_fetch_sub(volatile a##bits* at, a##bits by, int order) {                 \
    return model::modify(at, order, WHERE, [=](a##bits old) { return static_cast<a##bits>(old - by); }); \
  }                                                                                                      \
  a##bits __tsan_atomic##bits##_fetch_and(volatile a##bits* at, a##bits by, int order) {                 \
    return model::modify(at, order, WHERE, [=](a##bits old) { return static_cast<a##bits>(old & by); }); \
  }                                                                                                      \
  a##bits __tsan_atomic##bits##_fetch_or(volatile a##bits* at, a##bits by, int order) {                  \
    return model::modify(at, order, WHERE, [=](a##bits old) { return static_cast<a##bits>(old | by); }); \
  }                                                                                                      \
  a##bits __tsan_atomic##bits##_fetch_xor(volatile a##bits* at, a##bits by, int order) {                 \
    return model::modify(at, order, WHERE, [=](a##bits old) { return static_cast<a##bits>(old ^ by); }); \
  }                                                                                                      \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile a##bits* at, a##bits* expected, a##bits to, \
                                                    int success, int failure) {                          \
    return model::compare_exchange(at, expected, to, success, failure, WHERE);                           \
  }                                                                                                      \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile a##bits* at, a##bits* expected, a##bits to,   \
                                                  int success, int failure) {                            \
    return model::compare_exchange(at, expected, to, success, failure, WHERE);                           \
  }                                                                                                      \
  a##bits __tsan_atomic##bits##_compare_exchange_val(volatile a##bits* at, a##bits expected, a##bits to, \
                                                     int success, int failure) {                         \
    model::compare_exchange(at, &expected, to, success, failure, WHERE);                                 \
    return expected;                                                                                     \
  }

extern "C" {
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void** at, void*) { model::plain(at, sizeof *at, true, WHERE); }
void __tsan_vptr_read(void** at) { model::plain(at, sizeof *at, false, WHERE); }
void __tsan_read_range(void* at, std::size_t size) { model::plain(at, size, false, WHERE); }
void __tsan_write_range(void* at, std::size_t size) { model::plain(at, size, true, WHERE); }
void __tsan_atomic_thread_fence(int order) {
  if (!model::observed) return;
  const model::unobserved model;
  model::scheduling_point();
  model::memory::fence(model::self(), model::order_of(order));
}
void __tsan_atomic_signal_fence(int) {}

PLAIN_ACCESS(1)
PLAIN_ACCESS(2)
PLAIN_ACCESS(4)
PLAIN_ACCESS(8)
PLAIN_ACCESS(16)
ATOMICS(8)
ATOMICS(16)
ATOMICS(32)
ATOMICS(64)
}

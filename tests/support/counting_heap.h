// Counts every call into a heap, on every thread: malloc and its relatives, operator new and delete, mmap,
// and oneTBB's own allocator. It replaces them, so one source file of a program may include it, once.
//
// The replacements win because the program comes before all libraries in the dynamic linker's search; glibc's
// own implementation is reached by its __libc_ names. oneTBB refers to scalable_malloc weakly, and takes the
// program's if there is one. The sanitizers replace the heap themselves: with them nothing is counted.
#pragma once

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>
#include <ostream>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TG_TEST_COUNTS_HEAP 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define TG_TEST_COUNTS_HEAP 0
#else
#define TG_TEST_COUNTS_HEAP 1
#endif
#else
#define TG_TEST_COUNTS_HEAP 1
#endif

namespace tg_test {

enum class heap_call : std::size_t {
  malloc,
  calloc,
  realloc,
  aligned,
  operator_new,
  mmap,
  tbb,
  free,
  operator_delete,
  tbb_free
};

inline constexpr const char* heap_call_names[] = {"malloc",          "calloc",       "realloc", "aligned",
                                                  "operator new",    "mmap",         "oneTBB",  "free",
                                                  "operator delete", "oneTBB's free"};
inline constexpr std::size_t heap_call_kinds = std::size(heap_call_names);

struct heap_counts {
  std::array<std::size_t, heap_call_kinds> of{};

  std::size_t operator[](heap_call kind) const { return of[static_cast<std::size_t>(kind)]; }
  // Calls that take memory. Work that is repeated and takes nothing gives nothing back either: what is given back
  // meanwhile belongs to somebody else, to a spare worker that goes home for instance.
  std::size_t taken() const {
    std::size_t sum = 0;
    for (std::size_t kind = 0; kind < static_cast<std::size_t>(heap_call::free); ++kind) sum += of[kind];
    return sum;
  }
  friend std::ostream& operator<<(std::ostream& out, const heap_counts& counts) {
    for (std::size_t kind = 0; kind < heap_call_kinds; ++kind) {
      if (counts.of[kind] != 0) out << heap_call_names[kind] << ": " << counts.of[kind] << ' ';
    }
    return out;
  }
};

class counting_heap {
 public:
  static void note(heap_call kind) {
    if (counting_.load(std::memory_order_relaxed)) {
      counts_[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_relaxed);
    }
  }
  static void begin() {
    for (auto& count : counts_) count = 0;
    counting_ = true;
  }
  static heap_counts end() {
    counting_ = false;
    heap_counts counts;
    for (std::size_t kind = 0; kind < heap_call_kinds; ++kind) counts.of[kind] = counts_[kind].load();
    return counts;
  }

 private:
  static inline constinit std::atomic<bool> counting_{false};
  static inline constinit std::array<std::atomic<std::size_t>, heap_call_kinds> counts_{};
};

}  // namespace tg_test

#if TG_TEST_COUNTS_HEAP

#define TG_TEST_EXPORT __attribute__((visibility("default"), used))

extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

TG_TEST_EXPORT void* malloc(std::size_t size) noexcept {
  tg_test::counting_heap::note(tg_test::heap_call::malloc);
  return __libc_malloc(size);
}
TG_TEST_EXPORT void* calloc(std::size_t count, std::size_t size) noexcept {
  tg_test::counting_heap::note(tg_test::heap_call::calloc);
  return __libc_calloc(count, size);
}
TG_TEST_EXPORT void* realloc(void* old, std::size_t size) noexcept {
  tg_test::counting_heap::note(tg_test::heap_call::realloc);
  return __libc_realloc(old, size);
}
TG_TEST_EXPORT void* memalign(std::size_t alignment, std::size_t size) noexcept {
  tg_test::counting_heap::note(tg_test::heap_call::aligned);
  return __libc_memalign(alignment, size);
}
TG_TEST_EXPORT void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  tg_test::counting_heap::note(tg_test::heap_call::aligned);
  return __libc_memalign(alignment, size);
}
TG_TEST_EXPORT int posix_memalign(void** where, std::size_t alignment, std::size_t size) noexcept {
  tg_test::counting_heap::note(tg_test::heap_call::aligned);
  *where = __libc_memalign(alignment, size);
  return *where == nullptr ? ENOMEM : 0;
}
TG_TEST_EXPORT void free(void* what) noexcept {
  tg_test::counting_heap::note(tg_test::heap_call::free);
  __libc_free(what);
}
TG_TEST_EXPORT void* mmap(void* where, std::size_t size, int protection, int flags, int file,
                          off_t at) noexcept {
  tg_test::counting_heap::note(tg_test::heap_call::mmap);
  return reinterpret_cast<void*>(::syscall(SYS_mmap, where, size, protection, flags, file, at));
}

TG_TEST_EXPORT void* dlopen(const char* file, int mode) noexcept {
  if (file != nullptr && std::strstr(file, "tbbmalloc") != nullptr) return nullptr;
  static const auto real = reinterpret_cast<void* (*)(const char*, int)>(::dlsym(RTLD_NEXT, "dlopen"));
  return real(file, mode);
}

TG_TEST_EXPORT void* scalable_malloc(std::size_t size) {
  tg_test::counting_heap::note(tg_test::heap_call::tbb);
  return __libc_malloc(size);
}
TG_TEST_EXPORT void scalable_free(void* what) {
  tg_test::counting_heap::note(tg_test::heap_call::tbb_free);
  __libc_free(what);
}
TG_TEST_EXPORT void* scalable_aligned_malloc(std::size_t size, std::size_t alignment) {
  tg_test::counting_heap::note(tg_test::heap_call::tbb);
  return __libc_memalign(alignment, size);
}
TG_TEST_EXPORT void scalable_aligned_free(void* what) {
  tg_test::counting_heap::note(tg_test::heap_call::tbb_free);
  __libc_free(what);
}

}  // extern "C"

TG_TEST_EXPORT void* operator new(std::size_t size) {
  tg_test::counting_heap::note(tg_test::heap_call::operator_new);
  if (void* made = __libc_malloc(size)) return made;
  throw std::bad_alloc();
}
TG_TEST_EXPORT void* operator new(std::size_t size, std::align_val_t alignment) {
  tg_test::counting_heap::note(tg_test::heap_call::operator_new);
  if (void* made = __libc_memalign(static_cast<std::size_t>(alignment), size)) return made;
  throw std::bad_alloc();
}
TG_TEST_EXPORT void operator delete(void* what) noexcept {
  tg_test::counting_heap::note(tg_test::heap_call::operator_delete);
  __libc_free(what);
}
TG_TEST_EXPORT void operator delete(void* what, std::size_t) noexcept { operator delete(what); }
TG_TEST_EXPORT void operator delete(void* what, std::align_val_t) noexcept { operator delete(what); }
TG_TEST_EXPORT void operator delete(void* what, std::size_t, std::align_val_t) noexcept {
  operator delete(what);
}

#endif  // TG_TEST_COUNTS_HEAP

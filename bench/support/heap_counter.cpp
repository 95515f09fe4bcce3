// The executable's own malloc comes before the C library's in every look-up, and its own dlsym hands oneTBB
// counted versions of the allocator that oneTBB looks for.
#include "bench/support/heap_counter.h"

#include <dlfcn.h>
#include <oneapi/tbb/cache_aligned_allocator.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace {

std::atomic<bool> watching{false};
std::atomic<std::uint64_t> seen_calls{0};

void count() noexcept {
  if (watching.load(std::memory_order_relaxed)) seen_calls.fetch_add(1, std::memory_order_relaxed);
}

using plain_malloc = void* (*)(std::size_t);
using aligned_malloc = void* (*)(std::size_t, std::size_t);
plain_malloc real_scalable_malloc = nullptr;
aligned_malloc real_scalable_aligned_malloc = nullptr;

void* counted_scalable_malloc(std::size_t size) {
  count();
  return real_scalable_malloc(size);
}

void* counted_scalable_aligned_malloc(std::size_t size, std::size_t alignment) {
  count();
  return real_scalable_aligned_malloc(size, alignment);
}

using look_up = void* (*)(void*, const char*);

look_up real_dlsym() {
  static const auto real = reinterpret_cast<look_up>([] {
    for (const char* version : {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"}) {
      if (void* found = dlvsym(RTLD_NEXT, "dlsym", version)) return found;
    }
    std::abort();
  }());
  return real;
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  count();
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) {
  count();
  return __libc_calloc(number, size);
}
void* realloc(void* old, std::size_t size) {
  count();
  return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  count();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  count();
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
void* mmap(void* address, std::size_t length, int protection, int flags, int file, off_t offset) {
  count();
  return reinterpret_cast<void*>(syscall(SYS_mmap, address, length, protection, flags, file, offset));
}

// A peer's allocator is found by name at run time.
void* dlsym(void* handle, const char* name) {
  void* const found = real_dlsym()(handle, name);
  if (found == nullptr) return found;
  if (std::strcmp(name, "scalable_malloc") == 0) {
    real_scalable_malloc = reinterpret_cast<plain_malloc>(found);
    return reinterpret_cast<void*>(&counted_scalable_malloc);
  }
  if (std::strcmp(name, "scalable_aligned_malloc") == 0) {
    real_scalable_aligned_malloc = reinterpret_cast<aligned_malloc>(found);
    return reinterpret_cast<void*>(&counted_scalable_aligned_malloc);
  }
  return found;
}

}  // extern "C"

namespace bench {
namespace {

template <class Allocate>
void require_seen(const char* heap, Allocate&& allocate) {
  const heap_watch watch;
  allocate();
  if (watch.calls() == 0) throw std::logic_error(std::string("calls of ") + heap + " are not counted here");
}

}  // namespace

heap_watch::heap_watch() {
  seen_calls.store(0);
  watching.store(true);
}

heap_watch::~heap_watch() { watching.store(false); }

std::uint64_t heap_watch::calls() const { return seen_calls.load(); }

void require_sight() {
  require_seen("operator new", [] {
    void* volatile memory = ::operator new(64);
    ::operator delete(memory);
  });
  require_seen("oneTBB's allocator", [] {
    tbb::cache_aligned_allocator<char> allocator;
    allocator.deallocate(allocator.allocate(64), 64);
  });
  require_seen("mmap", [] {
    void* const memory = ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ::munmap(memory, 4096);
  });
}

}  // namespace bench

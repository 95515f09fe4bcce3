// The linker leads calls in the library's objects and in the tests' to __wrap_, and from here to __real_. operator
// new is replaced for the whole program, so that what the standard library asks for is met too.
#include "tests/faults/injection/memory.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

namespace tg_test {
constinit strike_point memory;
constinit std::atomic<void (*)()> on_request{nullptr};

namespace {

void request() {
  if (void (*const call)() = on_request.load()) call();
}

}  // namespace
}  // namespace tg_test

extern "C" {

void* __real_malloc(std::size_t size);
void* __wrap_malloc(std::size_t size);
void* __wrap_malloc(std::size_t size) {
  if (!tg_test::memory.strikes()) return __real_malloc(size);
  errno = ENOMEM;
  return nullptr;
}

void* __real_mmap(void* where, std::size_t size, int protection, int flags, int file, off_t at);
void* __wrap_mmap(void* where, std::size_t size, int protection, int flags, int file, off_t at);
void* __wrap_mmap(void* where, std::size_t size, int protection, int flags, int file, off_t at) {
  tg_test::request();
  if (!tg_test::memory.strikes()) return __real_mmap(where, size, protection, flags, file, at);
  errno = ENOMEM;
  return MAP_FAILED;
}

// oneTBB's: of what is enqueued, of an arena, and of a thread that comes into one.
using tbb_allocate = void*(void*&, std::size_t);
using tbb_initialize = void(void*);
using tbb_execute = void(void*, void*);

tbb_allocate __real__ZN3tbb6detail2r18allocateERPNS0_2d117small_object_poolEm;
tbb_allocate __wrap__ZN3tbb6detail2r18allocateERPNS0_2d117small_object_poolEm;
void* __wrap__ZN3tbb6detail2r18allocateERPNS0_2d117small_object_poolEm(void*& pool, std::size_t size) {
  if (tg_test::memory.strikes()) throw std::bad_alloc();
  return __real__ZN3tbb6detail2r18allocateERPNS0_2d117small_object_poolEm(pool, size);
}

tbb_initialize __real__ZN3tbb6detail2r110initializeERNS0_2d115task_arena_baseE;
tbb_initialize __wrap__ZN3tbb6detail2r110initializeERNS0_2d115task_arena_baseE;
void __wrap__ZN3tbb6detail2r110initializeERNS0_2d115task_arena_baseE(void* arena) {
  if (tg_test::memory.strikes()) throw std::bad_alloc();
  __real__ZN3tbb6detail2r110initializeERNS0_2d115task_arena_baseE(arena);
}

tbb_execute __real__ZN3tbb6detail2r17executeERNS0_2d115task_arena_baseERNS2_13delegate_baseE;
tbb_execute __wrap__ZN3tbb6detail2r17executeERNS0_2d115task_arena_baseERNS2_13delegate_baseE;
void __wrap__ZN3tbb6detail2r17executeERNS0_2d115task_arena_baseERNS2_13delegate_baseE(void* arena,
                                                                                      void* what) {
  if (tg_test::memory.strikes()) throw std::bad_alloc();
  __real__ZN3tbb6detail2r17executeERNS0_2d115task_arena_baseERNS2_13delegate_baseE(arena, what);
}

}  // extern "C"

namespace {

// What oneTBB asks for by itself is granted: when its first use fails half-way, the next one waits for it for ever.
bool is_of_tbb(const void* caller) {
  Dl_info about{};
  return ::dladdr(caller, &about) != 0 && about.dli_fname != nullptr &&
         std::strstr(about.dli_fname, "libtbb") != nullptr;
}

void* take(std::size_t size, std::size_t alignment, const void* caller) {
  tg_test::request();
  if (tg_test::memory.is_armed() && !is_of_tbb(caller) && tg_test::memory.strikes()) throw std::bad_alloc();
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* const made = std::aligned_alloc(alignment, rounded);
  if (made == nullptr) throw std::bad_alloc();
  return made;
}

}  // namespace

void* operator new(std::size_t size) {
  return take(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__, __builtin_return_address(0));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
// Of arrays, too: a sanitizer would not ask the operators above for them.
void* operator new[](std::size_t size) {
  return take(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__, __builtin_return_address(0));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
// What asks without a throw is told in the same way; a sanitizer would answer it by a heap of its own.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return take(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__, __builtin_return_address(0));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](std::size_t size, const std::nothrow_t& nothrow) noexcept {
  return operator new(size, nothrow);
}
void operator delete(void* what) noexcept { std::free(what); }
void operator delete(void* what, std::size_t) noexcept { std::free(what); }
void operator delete(void* what, std::align_val_t) noexcept { std::free(what); }
void operator delete[](void* what) noexcept { std::free(what); }
void operator delete[](void* what, std::size_t) noexcept { std::free(what); }
void operator delete[](void* what, std::align_val_t) noexcept { std::free(what); }
void operator delete(void* what, std::size_t, std::align_val_t) noexcept { std::free(what); }
void operator delete[](void* what, std::size_t, std::align_val_t) noexcept { std::free(what); }

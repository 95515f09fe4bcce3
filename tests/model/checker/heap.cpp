// The heap of a schedule: nothing is used again before its end, so that late accesses are found, and all of it goes
// back then, whatever a failed schedule has left behind.
#include "tests/model/checker/heap.h"

#include "tests/model/checker/schedule.h"

#include <dlfcn.h>

#include <cstdlib>
#include <new>

namespace {

// In front of every block.
struct alignas(64) header {
  std::size_t size;
  header* next;  // of the schedule's blocks
  bool of_schedule;
};

header* blocks = nullptr;
std::size_t in_use = 0;

bool is_of_schedule() { return model::observed || model::in_library; }

void* allocate(std::size_t size) {
  auto* block =
      static_cast<header*>(std::aligned_alloc(alignof(header), (sizeof(header) + size + 63) / 64 * 64));
  if (block == nullptr) throw std::bad_alloc();
  *block = {size, blocks, is_of_schedule()};
  if (!block->of_schedule) return block + 1;
  blocks = block;
  ++in_use;
  const model::unobserved here;
  model::shared_memory().forget(block, sizeof *block + size);
  return block + 1;
}

void release(void* at) noexcept {
  if (at == nullptr) return;
  header* block = static_cast<header*>(at) - 1;
  if (!block->of_schedule) return std::free(block);
  --in_use;
  if (!model::observed) return;  // it goes with the schedule
  const model::unobserved here;
  model::shared_memory().free(model::self(), at, block->size);
}

// Found before any fiber runs: the search needs more stack than one has.
const auto allocate_exception =
    reinterpret_cast<void* (*)(std::size_t)>(::dlsym(RTLD_NEXT, "__cxa_allocate_exception"));

}  // namespace

// Exceptions come from malloc, and what one thread has freed there is another's next.
extern "C" void* __cxa_allocate_exception(std::size_t size) noexcept {
  void* const at = allocate_exception(size);
  if (!model::observed) return at;
  const model::unobserved here;
  model::shared_memory().forget(at, size);
  return at;
}

std::size_t model::heap::blocks_in_use() { return in_use; }

void model::heap::begin_schedule() {
  in_use = 0;
  while (blocks != nullptr) {
    header* next = blocks->next;
    std::free(blocks);
    blocks = next;
  }
}

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t) { return allocate(size); }
void* operator new[](std::size_t size, std::align_val_t) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* at) noexcept { release(at); }
void operator delete[](void* at) noexcept { release(at); }
void operator delete(void* at, std::size_t) noexcept { release(at); }
void operator delete[](void* at, std::size_t) noexcept { release(at); }
void operator delete(void* at, std::align_val_t) noexcept { release(at); }
void operator delete[](void* at, std::align_val_t) noexcept { release(at); }
void operator delete(void* at, std::size_t, std::align_val_t) noexcept { release(at); }
void operator delete[](void* at, std::size_t, std::align_val_t) noexcept { release(at); }

#include "tests/model/checker/fiber.h"

#include <link.h>
#include <sys/mman.h>

#include <cxxabi.h>
#include <cstdint>
#include <cstring>
#include <new>

#if !defined(__x86_64__)
#error "the model checker switches stacks by hand, and knows only x86-64"
#endif

// What a call must keep is pushed, the stack pointer changes, and what the other one pushed is popped.
extern "C" void model_switch(void** save_top, void* other_top);
asm(R"(
.text
.globl model_switch
.type model_switch, @function
model_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size model_switch, .-model_switch
)");

namespace model {
namespace {

constexpr std::size_t stack_size = 256 * 1024;
constexpr std::size_t guard_size = 4096;

// The program's own thread_local variables: where they are on this thread, and how they begin.
struct thread_locals {
  std::byte* at = nullptr;
  std::size_t size = 0;
  const std::byte* image = nullptr;
  std::size_t image_size = 0;
};

const thread_locals& locals_of_program() {
  static const thread_locals found = [] {
    thread_locals out;
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* to) {
          auto& result = *static_cast<thread_locals*>(to);
          for (int i = 0; i < info->dlpi_phnum; ++i) {
            const auto& header = info->dlpi_phdr[i];
            if (header.p_type != PT_TLS) continue;
            result = {static_cast<std::byte*>(info->dlpi_tls_data), header.p_memsz,
                      reinterpret_cast<const std::byte*>(info->dlpi_addr + header.p_vaddr), header.p_filesz};
          }
          return 1;  // the first is the program itself
        },
        &out);
    return out;
  }();
  return found;
}

}  // namespace

fiber::fiber(std::nullptr_t) : locals_(std::make_unique<std::byte[]>(locals_of_program().size)) {}

fiber::fiber() : fiber(nullptr) {
  void* where = ::mmap(nullptr, stack_size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (where == MAP_FAILED) throw std::bad_alloc();
  stack_ = static_cast<std::byte*>(where);
  ::mprotect(stack_, guard_size, PROT_NONE);
}

fiber::~fiber() {
  if (stack_ != nullptr) ::munmap(stack_, stack_size);
}

fiber& fiber::driver() {
  static fiber self(nullptr);
  return self;
}

bool fiber::is_local(const void* address) {
  static const thread_locals& locals = locals_of_program();
  const auto* at = static_cast<const std::byte*>(address);
  return at >= locals.at && at < locals.at + locals.size;
}

void fiber::prepare(entry_fn entry) {
  constexpr std::size_t saved_registers = 6;
  auto* top = reinterpret_cast<std::uintptr_t*>(stack_ + stack_size);
  *--top = 0;  // the entry sees a stack as after a call
  *--top = reinterpret_cast<std::uintptr_t>(entry);
  top -= saved_registers;
  std::memset(top, 0, saved_registers * sizeof *top);
  top_ = top;
  const thread_locals& locals = locals_of_program();
  std::memcpy(locals_.get(), locals.image, locals.image_size);
  std::memset(locals_.get() + locals.image_size, 0, locals.size - locals.image_size);
  exceptions_ = {};
}

void fiber::switch_from(fiber& from) {
  static const thread_locals& locals = locals_of_program();
  void* const globals = abi::__cxa_get_globals();
  std::memcpy(from.locals_.get(), locals.at, locals.size);
  std::memcpy(&from.exceptions_, globals, sizeof from.exceptions_);
  std::memcpy(locals.at, locals_.get(), locals.size);
  std::memcpy(globals, &exceptions_, sizeof exceptions_);
  model_switch(&from.top_, top_);
}

}  // namespace model

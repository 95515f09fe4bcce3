// The threads of a schedule: all on one thread of the system, each with a stack, thread_local variables and exceptions
// in flight of its own. A switch costs some nanoseconds.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace model {

class fiber {
 public:
  using entry_fn = void (*)();

  fiber();
  fiber(const fiber&) = delete;
  fiber& operator=(const fiber&) = delete;
  ~fiber();

  // Begins `entry` at the next switch to here; it must never return. What ran here before is forgotten.
  void prepare(entry_fn entry);
  // From the running fiber, which must be `from`, to this one.
  void switch_from(fiber& from);

  // The fiber that stands for the thread that drives it all: it has its stack already.
  static fiber& driver();
  // Each fiber has something else there.
  static bool is_local(const void* address);

 private:
  struct exceptions {  // __cxa_eh_globals of the C++ ABI
    void* caught = nullptr;
    unsigned int uncaught = 0;
  };
  explicit fiber(std::nullptr_t);

  std::byte* stack_ = nullptr;
  void* top_ = nullptr;  // where the registers are saved
  std::unique_ptr<std::byte[]> locals_;
  exceptions exceptions_;
};

}  // namespace model

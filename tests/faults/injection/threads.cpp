// Calls in the library's objects only: oneTBB, which ends the process when it gets no thread, has its own.
#include "tests/faults/injection/threads.h"

#include <cerrno>

namespace tg_test {
constinit strike_point thread_creation;
}

extern "C" {

int __real_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                          void* argument);
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                          void* argument);
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                          void* argument) {
  if (tg_test::thread_creation.strikes()) return EAGAIN;
  return __real_pthread_create(thread, attributes, run, argument);
}

}  // extern "C"

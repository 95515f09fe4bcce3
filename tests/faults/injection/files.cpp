#include "tests/faults/injection/files.h"

#include <fcntl.h>

#include <cerrno>

namespace tg_test {
constinit strike_point file_growth;
}

extern "C" {

int __real_posix_fallocate(int file, off_t at, off_t size);
int __wrap_posix_fallocate(int file, off_t at, off_t size);
int __wrap_posix_fallocate(int file, off_t at, off_t size) {
  return tg_test::file_growth.strikes() ? ENOSPC : __real_posix_fallocate(file, at, size);
}

}  // extern "C"

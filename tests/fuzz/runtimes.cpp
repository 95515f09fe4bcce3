#include "tests/fuzz/runtimes.h"

namespace tg_fuzz {
namespace {

// Each thread keeps some dozens of free records at hand, and programs have many threads: with fewer records
// try_add_task would find none.
tg::runtime_options options(std::uint32_t workers) {
  tg::runtime_options with;
  with.workers = workers;
  with.task_records = 16384;
  with.group_records = 256;
  return with;
}

}  // namespace

tg::runtime& default_runtime() {
  static tg::runtime& the = []() -> tg::runtime& {
    tg::runtime::configure(options(3));
    return tg::runtime::instance();
  }();
  return the;
}

// Never destroyed, like the default one: a program that fails leaves groups behind.
tg::runtime& small_runtime() {
  static tg::runtime& the = *new tg::runtime(options(1));
  return the;
}

}  // namespace tg_fuzz

// Promise: the library stays when the last plug-in that uses it is unloaded, with its threads and its default runtime.
// (core/PROMISES.md) This program itself does not link it.
#include <gtest/gtest.h>

#include <dlfcn.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <thread>

namespace {

// Loads the plug-in, has it run tasks, and unloads it.
std::size_t run_and_unload(std::size_t tasks) {
  void* const plugin = ::dlopen(TG_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) {
    ADD_FAILURE() << ::dlerror();
    return 0;
  }
  const auto run = reinterpret_cast<std::size_t (*)(std::size_t)>(::dlsym(plugin, "run_tasks"));
  const std::size_t ran = run == nullptr ? 0 : run(tasks);
  EXPECT_EQ(::dlclose(plugin), 0);
  return ran;
}

bool is_loaded(const char* name) {
  void* const found = ::dlopen(name, RTLD_NOW | RTLD_NOLOAD);
  if (found != nullptr) ::dlclose(found);
  return found != nullptr;
}

TEST(unload, of_a_plugin_leaves_the_library_where_its_threads_run) {
  ::alarm(60);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(run_and_unload(100), 100u);
    EXPECT_FALSE(is_loaded(TG_PLUGIN)) << "the plug-in itself has gone";
    EXPECT_TRUE(is_loaded(TG_LIBRARY));
    // So long a worker lingers: it leaves, in code of the library.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ::alarm(0);
}

}  // namespace

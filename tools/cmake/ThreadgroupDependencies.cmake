# Each dependency is looked for first; it is downloaded only where it is missing and THREADGROUP_ALLOW_FETCH is on.
include_guard()
include(FetchContent)

# threadgroup_missing(<name> <Debian package>): ends the configuration unless the user allowed a download.
function(threadgroup_missing name package)
  if(NOT THREADGROUP_ALLOW_FETCH)
    message(
      FATAL_ERROR
        "threadgroup: ${name} was not found. Install it (Debian: ${package}; tools/setup does it), "
        "or allow a download with -DTHREADGROUP_ALLOW_FETCH=ON.")
  endif()
  message(STATUS "threadgroup: ${name} was not found, downloading it")
endfunction()

# Debian's oneTBB config accepts any component, so only the target tells whether it is there.
macro(threadgroup_find_tbb)
  find_package(TBB QUIET)
  if(NOT TARGET TBB::tbb)
    threadgroup_missing(oneTBB libtbb-dev)
    set(TBB_TEST OFF CACHE BOOL "" FORCE)
    set(TBB_STRICT OFF CACHE BOOL "" FORCE)
    FetchContent_Declare(
      onetbb
      GIT_REPOSITORY https://github.com/uxlfoundation/oneTBB.git
      GIT_TAG v2021.8.0
      GIT_SHALLOW ON)
    FetchContent_MakeAvailable(onetbb)
  endif()
endmacro()

macro(threadgroup_find_concurrentqueue)
  find_package(concurrentqueue MODULE QUIET)
  if(NOT TARGET concurrentqueue::concurrentqueue)
    threadgroup_missing("moodycamel ConcurrentQueue" libconcurrentqueue-dev)
    # The folder is named as upstream installs it; the project's own CMake file is not needed.
    set(threadgroup_fetched "${CMAKE_BINARY_DIR}/_deps/concurrentqueue-include")
    FetchContent_Declare(
      moodycamel
      GIT_REPOSITORY https://github.com/cameron314/concurrentqueue.git
      GIT_TAG v1.0.3
      GIT_SHALLOW ON
      SOURCE_DIR "${threadgroup_fetched}/moodycamel"
      SOURCE_SUBDIR no-cmake-here)
    FetchContent_MakeAvailable(moodycamel)
    add_library(concurrentqueue::concurrentqueue INTERFACE IMPORTED GLOBAL)
    set_target_properties(concurrentqueue::concurrentqueue PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
                                                                      "${threadgroup_fetched}")
  endif()
endmacro()

macro(threadgroup_find_library_dependencies)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
  threadgroup_find_tbb()
  threadgroup_find_concurrentqueue()
endmacro()

macro(threadgroup_find_gtest)
  find_package(GTest QUIET)
  if(NOT TARGET GTest::gtest_main)
    threadgroup_missing(GoogleTest libgtest-dev)
    set(INSTALL_GTEST OFF CACHE BOOL "" FORCE)
    FetchContent_Declare(
      googletest
      GIT_REPOSITORY https://github.com/google/googletest.git
      GIT_TAG release-1.12.1
      GIT_SHALLOW ON)
    FetchContent_MakeAvailable(googletest)
  endif()
endmacro()

macro(threadgroup_find_benchmark)
  find_package(benchmark QUIET)
  if(NOT TARGET benchmark::benchmark)
    threadgroup_missing("Google Benchmark" libbenchmark-dev)
    set(BENCHMARK_ENABLE_TESTING OFF CACHE BOOL "" FORCE)
    set(BENCHMARK_ENABLE_INSTALL OFF CACHE BOOL "" FORCE)
    FetchContent_Declare(
      googlebenchmark
      GIT_REPOSITORY https://github.com/google/benchmark.git
      GIT_TAG v1.7.1
      GIT_SHALLOW ON)
    FetchContent_MakeAvailable(googlebenchmark)
  endif()
endmacro()

# For the programs in tools/ and the peers in bench/, which are never downloaded.
macro(threadgroup_require_installed package target debian_package)
  find_package(${package} QUIET)
  if(NOT TARGET ${target})
    message(FATAL_ERROR "threadgroup: ${package} was not found. Install it (Debian: ${debian_package}; tools/setup does it).")
  endif()
endmacro()

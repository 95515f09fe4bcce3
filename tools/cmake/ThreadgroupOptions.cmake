# What whoever configures the tree may choose.
include_guard()
include(GNUInstallDirs)

# Inside another project, its choice holds.
if(PROJECT_IS_TOP_LEVEL)
  option(BUILD_SHARED_LIBS "Build libthreadgroup as a shared library" ON)
endif()
option(THREADGROUP_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(THREADGROUP_BUILD_BENCH "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(THREADGROUP_BUILD_TOOLS "Build the programs in tools/" ${PROJECT_IS_TOP_LEVEL})
option(THREADGROUP_INSTALL "Make the install rules" ${PROJECT_IS_TOP_LEVEL})
option(THREADGROUP_ALLOW_FETCH "Download dependencies that are not installed" OFF)
option(THREADGROUP_WERROR "Treat warnings as errors" OFF)
set(THREADGROUP_SANITIZER "" CACHE STRING "Which sanitizer CMAKE_CXX_FLAGS bring: address or thread; empty: none")
option(THREADGROUP_FUZZER "Build programs for libFuzzer, which clang has" OFF)
set(THREADGROUP_TEST_TIMEOUT 60 CACHE STRING "Seconds after which ctest ends a test")

if(NOT THREADGROUP_TEST_TIMEOUT MATCHES "^[1-9][0-9]*$")
  message(FATAL_ERROR "THREADGROUP_TEST_TIMEOUT is '${THREADGROUP_TEST_TIMEOUT}', which is not a positive number")
endif()

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "The kind of build" FORCE)
endif()

# How the folders of tests/ become programs and ctest entries.
include_guard()

# threadgroup_test_program(<target> <label> <libraries> <sources>...): a GoogleTest program,
# its tests known to ctest. RUN_SERIAL among the sources: nothing else runs beside them.
function(threadgroup_test_program target label libraries)
  cmake_parse_arguments(PARSE_ARGV 3 given "RUN_SERIAL" "" "")
  set(serial OFF)
  if(given_RUN_SERIAL)
    set(serial ON)
  endif()
  add_executable(${target} ${given_UNPARSED_ARGUMENTS})
  threadgroup_compile_options(${target})
  threadgroup_sees(${target} tests/support)
  target_link_libraries(${target} PRIVATE ${libraries} GTest::gtest_main Threads::Threads)
  gtest_discover_tests(
    ${target}
    TEST_PREFIX "${label}."
    NO_PRETTY_VALUES
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 120
    PROPERTIES LABELS "${label}" TIMEOUT "${THREADGROUP_TEST_TIMEOUT}" RUN_SERIAL ${serial})
endfunction()

# threadgroup_test_folder(<folder> <library>): tests/<folder>/*_test.cpp -> <folder>_tests. Nothing without files.
function(threadgroup_test_folder folder library)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*_test.cpp")
  if(sources)
    file(GLOB support CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/*.cpp")
    threadgroup_test_program(${folder}_tests ${folder} ${library} ${sources} ${support})
  endif()
endfunction()

# tests/alone/<name>_test.cpp -> <name>_test, for tests that replace something process-wide.
function(threadgroup_tests_alone)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/alone/*_test.cpp")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    threadgroup_test_program(${name} contract threadgroup::threadgroup "${source}" RUN_SERIAL)
    # Such a test may count the calls of oneTBB's own allocator too.
    target_link_libraries(${name} PRIVATE TBB::tbb)
  endforeach()
endfunction()

# tests/misuse/*.cpp must not compile, and the compiler has to say what the file's first line expects.
function(threadgroup_misuse_tests)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/misuse/*.cpp")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    add_test(NAME misuse.${name}
             COMMAND "${CMAKE_COMMAND}" "-DCOMPILER=${CMAKE_CXX_COMPILER}" "-DINCLUDE=${PROJECT_SOURCE_DIR}/include"
                     "-DSOURCE=${source}" -P "${PROJECT_SOURCE_DIR}/tools/cmake/expect_no_compile.cmake")
    set_tests_properties(misuse.${name} PROPERTIES LABELS misuse TIMEOUT "${THREADGROUP_TEST_TIMEOUT}")
  endforeach()
endfunction()

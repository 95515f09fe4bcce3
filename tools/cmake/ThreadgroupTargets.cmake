# What every target of this tree has in common.
include_guard()

# threadgroup_compile_options(<target>): the language and the warnings.
function(threadgroup_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # It sees overlapping copies where std::string is optimised, and there are none.
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  if(THREADGROUP_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# threadgroup_sees(<target> <folder>): lets its sources write #include "<folder>/..." for one folder of the
# tree, without opening the rest of it.
function(threadgroup_sees target folder)
  string(MAKE_C_IDENTIFIER "${folder}" view)
  set(view "${PROJECT_BINARY_DIR}/views/${view}")
  get_filename_component(above "${view}/${folder}" DIRECTORY)
  file(MAKE_DIRECTORY "${above}")
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${folder}" "${view}/${folder}" SYMBOLIC)
  target_include_directories(${target} PRIVATE "${view}")
endfunction()

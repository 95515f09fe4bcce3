# cmake -DCOMPILER=... -DINCLUDE=... -DSOURCE=... -P expect_no_compile.cmake
# Passes if SOURCE does not compile and the compiler's words contain the text of its first line, `// EXPECT: text`.
file(STRINGS "${SOURCE}" first_line LIMIT_COUNT 1)
if(NOT first_line MATCHES "^// EXPECT: (.+)$")
  message(FATAL_ERROR "${SOURCE}: the first line is not '// EXPECT: text' but '${first_line}'")
endif()
set(expected "${CMAKE_MATCH_1}")

execute_process(
  COMMAND "${COMPILER}" -std=c++20 -Wall -Wextra -Werror -fsyntax-only "-I${INCLUDE}" "${SOURCE}"
  RESULT_VARIABLE result
  OUTPUT_VARIABLE said
  ERROR_VARIABLE said)

if(result EQUAL 0)
  message(FATAL_ERROR "${SOURCE} compiles, and should not: expected '${expected}'")
endif()
string(FIND "${said}" "${expected}" position)
if(position EQUAL -1)
  message(FATAL_ERROR "${SOURCE} does not compile, but the compiler does not say '${expected}':\n${said}")
endif()

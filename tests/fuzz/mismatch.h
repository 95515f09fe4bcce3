// The end of a run that found something.
#pragma once

#include <string>

namespace tg_fuzz {

// Prints the program as far as it came, and what is wrong, and aborts: libFuzzer then keeps the input.
[[noreturn]] void mismatch(const std::string& program, const std::string& what);

// With TG_FUZZ_ECHO in the environment, prints what is about to be done: for a run that crashes or is stepped through.
void echo(const std::string& line);

}  // namespace tg_fuzz

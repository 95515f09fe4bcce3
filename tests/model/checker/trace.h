// What a schedule does, step by step, for who reads why it failed.
#pragma once

#include <cstdint>
#include <string>

namespace model::trace {

void begin_schedule(bool wanted);
// Where the program is: the caller of what is noted next.
void at(const void* where) noexcept;
void step(unsigned thread, const char* what, const void* at, std::uint64_t value, unsigned behind);
// Addresses by a number each, as they are met.
std::string name_of(const void* address);
// Where the program was loaded: file offsets count from here.
std::uintptr_t load_address();
// The file and line of what was noted last.
std::string last_line();
// All of it, with files and lines.
std::string text();

}  // namespace model::trace

// Writes a whole file, or says what went wrong. "-" is standard output.
#pragma once

#include <string>
#include <string_view>

namespace tgtrace {

void write_file(const std::string& path, std::string_view contents);

}  // namespace tgtrace

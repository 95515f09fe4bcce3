#include "tools/tgtrace/output_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace tgtrace {

void write_file(const std::string& path, std::string_view contents) {
  const bool to_stdout = path == "-";
  std::FILE* const out = to_stdout ? stdout : std::fopen(path.c_str(), "wb");
  if (out == nullptr) throw std::runtime_error(path + ": " + std::strerror(errno));
  const bool written = std::fwrite(contents.data(), 1, contents.size(), out) == contents.size();
  const bool complete = (to_stdout ? std::fflush(out) : std::fclose(out)) == 0;
  if (!written || !complete) throw std::runtime_error(path + ": not everything could be written");
}

}  // namespace tgtrace

#include "tools/tgtrace/terminal_text.h"

namespace tgtrace {
namespace {

constexpr unsigned char first_of_latin_1 =
    0xc2;  // UTF-8: begins U+0080 to U+00BF; control characters up to U+009F

bool is_control(unsigned char byte, unsigned char before) {
  return byte < 0x20 || byte == 0x7f || (before == first_of_latin_1 && byte >= 0x80 && byte < 0xa0);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  unsigned char before = 0;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (!is_control(byte, before)) {
      out += each;
    } else {
      if (byte >= 0x80) out.pop_back();  // its first byte
      out += fmt::format("\\x{:02x}", byte);
    }
    before = byte;
  }
  return out;
}

}  // namespace tgtrace

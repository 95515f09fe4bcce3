// Text for a terminal, line by line: what stands in a name, whatever program or file it comes from, does nothing there
// but show.
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tgtrace {

// Control characters, those of UTF-8's second page too, become "\x1b" and the like.
std::string printable(std::string_view text);

class terminal_text {
 public:
  // Strings among `args` are made printable; what the format itself has of line ends stays.
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::vformat_to(std::back_inserter(text_), fmt::string_view(format),
                    fmt::make_format_args(shown(args)...));
    text_ += '\n';
  }

  std::string take() { return std::move(text_); }

 private:
  template <class Arg>
  static auto shown(const Arg& one) {
    if constexpr (std::is_convertible_v<const Arg&, std::string_view>) {
      return printable(one);
    } else {
      return one;
    }
  }

  std::string text_;
};

}  // namespace tgtrace

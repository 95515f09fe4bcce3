// What the programs of tools/ share about their command lines: checked numbers, and how a program ends.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <type_traits>

namespace support {

// The exit statuses of grep.
enum exit_status : int { found = 0, not_found = 1, trouble = 2 };

// Accepts a number from `lowest` to `highest`; "nan" lies nowhere.
template <class Number>
CLI::Validator number_between(Number lowest, Number highest) {
  const std::string range = CLI::detail::to_string(lowest) + " to " + CLI::detail::to_string(highest);
  const auto complaint = [lowest, highest, range](const std::string& text) -> std::string {
    Number value{};
    const bool wraps = std::is_unsigned_v<Number> && text.starts_with('-');
    const bool fits = !wraps && CLI::detail::lexical_cast(text, value) && value >= lowest && value <= highest;
    return fits ? std::string() : "'" + text + "' is not a number from " + range;
  };
  return CLI::Validator(complaint, "");
}

// Fills what `app` is bound to. A value is the status to end with at once: 0 after --help, else a message
// naming the option and the value is on stderr.
inline std::optional<int> read_command_line(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& mistake) {
    return app.exit(mistake) == 0 ? found : trouble;
  }
}

// Standard output is complete: false if something of it was lost, as on a full disk.
inline bool flush_output() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

}  // namespace support

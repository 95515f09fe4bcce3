#include "passwd.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>

namespace verify_users {
namespace {

// name:password:user id:group id:comment:home:shell
constexpr std::size_t field_count = 7;
constexpr const char* default_shell = "/bin/sh";

std::string read_whole(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (!file) throw std::system_error(errno, std::generic_category(), path);
  std::string text;
  char piece[16384];
  std::size_t got = 0;
  while ((got = std::fread(piece, 1, sizeof piece, file.get())) > 0) text.append(piece, got);
  if (std::ferror(file.get()) != 0) throw std::system_error(errno, std::generic_category(), path);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find(separator);
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Empty if nothing is wrong.
std::string what_is_wrong(const std::vector<std::string_view>& fields) {
  if (fields.size() != field_count) return fmt::format("{} fields instead of {}", fields.size(), field_count);
  if (fields[0].empty()) return "the name is empty";
  if (!is_number(fields[2])) return fmt::format("user id '{}' is not a number", fields[2]);
  if (!is_number(fields[3])) return fmt::format("group id '{}' is not a number", fields[3]);
  if (fields[5].empty()) return "the home directory is empty";
  return {};
}

void add_line(passwd_file& into, std::size_t number, std::string_view line) {
  if (line.empty()) return;
  const std::vector<std::string_view> fields = split(line, ':');
  if (std::string reason = what_is_wrong(fields); !reason.empty()) {
    into.malformed.push_back({number, std::move(reason)});
    return;
  }
  const std::string_view shell = fields[6].empty() ? default_shell : fields[6];
  into.accounts.push_back({std::string(fields[0]), std::string(fields[5]), std::string(shell)});
}

}  // namespace

passwd_file read_passwd(const std::string& path) {
  const std::string text = read_whole(path);
  passwd_file result;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) add_line(result, ++number, line);
  return result;
}

}  // namespace verify_users

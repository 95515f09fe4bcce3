#include "check.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace verify_users {
namespace {

// Busy or overloaded now, perhaps not in a moment: network file systems, memory, descriptors.
bool may_pass(int error) {
  switch (error) {
    case EAGAIN:
    case EBUSY:
    case EINTR:
    case EIO:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ESTALE:
    case ETIMEDOUT:
      return true;
    default:
      return false;
  }
}

check_result failed(const char* part, int error) {
  return {may_pass(error) ? verdict::undecided : verdict::invalid, part, error};
}

}  // namespace

check_result check_once(const account& who) {
  struct stat status = {};
  if (::stat(who.home.c_str(), &status) != 0) return failed("home", errno);
  if (!S_ISDIR(status.st_mode)) return failed("home", ENOTDIR);
  if (::stat(who.shell.c_str(), &status) != 0) return failed("shell", errno);
  // To root even a directory is executable.
  if (!S_ISREG(status.st_mode)) return failed("shell", EACCES);
  if (::access(who.shell.c_str(), X_OK) != 0) return failed("shell", errno);
  return {verdict::valid, "", 0};
}

std::string describe(const account& who, const check_result& result) {
  switch (result.what) {
    case verdict::valid:
      return fmt::format("{}: valid, home {}, shell {}", who.name, who.home, who.shell);
    case verdict::stopped:
      return fmt::format("{}: stopped before it was known", who.name);
    case verdict::invalid:
    case verdict::undecided:
      break;
  }
  const std::string& place = result.part == std::string_view("home") ? who.home : who.shell;
  const char* note = result.what == verdict::undecided ? ", after all attempts" : "";
  return fmt::format("{}: {} {}: {}{}", who.name, result.part, place, std::strerror(result.error), note);
}

}  // namespace verify_users

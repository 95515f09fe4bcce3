// What a task keeps of a call: no larger than a tuple of its parts, whatever else they are.
#include <threadgroup/task.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>

namespace {

template <class... Parts>
inline constexpr bool no_larger_than_a_tuple = sizeof(tg::detail::bound<Parts...>) <=
                                               sizeof(std::tuple<Parts...>);

struct empty {};
struct other_empty {};
struct final_empty final {};
struct empty_with_constructors {
  empty_with_constructors(const empty_with_constructors&);
  ~empty_with_constructors();
};
struct holds_empty {
  empty first;
  int second;
};
using full = std::array<char, tg::inline_task_capacity>;

static_assert(no_larger_than_a_tuple<empty>);
static_assert(no_larger_than_a_tuple<empty, other_empty, final_empty, empty_with_constructors>);
static_assert(no_larger_than_a_tuple<empty, full> && sizeof(tg::detail::bound<empty, full>) == sizeof(full));
static_assert(sizeof(tg::detail::bound<full, empty, other_empty, empty_with_constructors>) == sizeof(full));
static_assert(no_larger_than_a_tuple<empty, empty, empty> && no_larger_than_a_tuple<full, empty, empty>);
static_assert(no_larger_than_a_tuple<empty, full, empty> &&
              no_larger_than_a_tuple<empty, holds_empty, empty>);
static_assert(no_larger_than_a_tuple<char, short, char, int, char, double>);
static_assert(no_larger_than_a_tuple<double, char, int, char, short, char>);
static_assert(no_larger_than_a_tuple<char, std::string, char, empty, std::unique_ptr<int>, final_empty>);
static_assert(no_larger_than_a_tuple<void (*)(), bool, std::max_align_t, bool>);

// So nothing that could throw is between an admission and its commit.
static_assert(
    std::is_nothrow_constructible_v<tg::detail::bound<empty, std::string, int>, empty, std::string, int&>);
static_assert(!std::is_nothrow_constructible_v<tg::detail::bound<empty, std::string>, empty, std::string&>);

}  // namespace

// Promise: when building a task throws, nothing was added and no argument was moved from. (group.h, Admission)
#include "tests/support/accounting.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace {

using namespace tg_test;

struct refused {};

// What the parts of one task have in common.
struct lot {
  int until_refusal = 0;  // so many steps that may throw from now one does
  std::atomic<int> living{0};

  void step() {
    if (until_refusal > 0 && --until_refusal == 0) throw refused();
  }
};

// A callable or an argument that knows whether it was moved from.
class part {
 public:
  explicit part(lot& of) : of_(&of) { ++of_->living; }
  part(const part& other) : part(*other.of_) {}
  part& operator=(const part&) = delete;
  ~part() { --of_->living; }

  template <class... Parts>
  void operator()(Parts&&... parts) const {
    if (!(whole_ && ... && parts.whole())) throw std::logic_error("a part did not arrive");
  }
  bool whole() const { return whole_; }

 protected:
  void step() { of_->step(); }
  void take_from(part& other) { whole_ = std::exchange(other.whole_, false); }

 private:
  lot* of_;
  bool whole_ = true;
};

struct moved : part {
  using part::part;
  moved(moved&& other) noexcept : part(other) { take_from(other); }
};

struct moved_if_that_succeeds : part {
  using part::part;
  moved_if_that_succeeds(moved_if_that_succeeds&& other) : part(other) {
    step();
    take_from(other);
  }
};

struct copied : part {
  using part::part;
  copied(const copied& other) : part(other) { step(); }
};

struct copied_though_movable : part {
  using part::part;
  copied_though_movable(const copied_though_movable& other) : part(other) { step(); }
  copied_though_movable(copied_though_movable&& other) noexcept : part(other) { take_from(other); }
};

// As it is given to the group: what can be copied as an lvalue, or so that it cannot be moved.
template <class Part>
decltype(auto) given(Part& part) {
  if constexpr (std::is_same_v<Part, copied_though_movable>) {
    return std::move(std::as_const(part));
  } else if constexpr (std::is_copy_constructible_v<Part>) {
    return std::as_const(part);
  } else {
    return std::move(part);
  }
}

// Of an attempt to add a task; what is left of its parts tells only a failed one.
struct attempted {
  bool added = false;
  bool parts_are_whole = false;
  int living_parts = 0;
};

template <class Way, class... Parts>
attempted attempt(tg::group& group, lot& of) {
  const auto add = [&](Parts... part) -> attempted {
    try {
      Way()(group, given(part)...);
    } catch (const refused&) {
      return {false, (part.whole() && ...), of.living};
    }
    return {.added = true};
  };
  return add(Parts(of)...);
}

// Building such a task takes so many steps that may throw: each of them does once, then none.
void expect_all_or_nothing(int steps, attempted (*attempt)(tg::group&, lot&)) {
  tg::group group("all or nothing", {.max_concurrent = 1, .max_pending = 1});
  for (int refusal = 1; refusal <= steps; ++refusal) {
    lot of{.until_refusal = refusal};
    const attempted got = attempt(group, of);
    EXPECT_FALSE(got.added);
    EXPECT_TRUE(got.parts_are_whole) << "step " << refusal;
    EXPECT_EQ(got.living_parts, 4);
    EXPECT_EQ(of.living, 0);
    expect_accounted(group, 0);
  }
  lot of{.until_refusal = steps + 1};
  EXPECT_TRUE(attempt(group, of).added) << "no part is made more than once";
  expect_joins(group, {.succeeded = 1});
  EXPECT_EQ(of.living, 0);
  expect_accounted(group, 1);
}

struct by_add_task {
  void operator()(tg::group& group, auto&&... parts) const {
    group.add_task(std::forward<decltype(parts)>(parts)...);
  }
};
struct by_try_add_task {
  void operator()(tg::group& group, auto&&... parts) const {
    EXPECT_TRUE(group.try_add_task(std::forward<decltype(parts)>(parts)...));
  }
};
struct by_submit {
  void operator()(tg::group& group, auto&&... parts) const {
    group.submit(std::forward<decltype(parts)>(parts)...);
  }
};

template <class Way>
class throwing_arguments : public testing::Test {
 protected:
  // As the callable and as each argument.
  template <class Odd>
  static void expect_all_or_nothing_with() {
    expect_all_or_nothing(1, &attempt<Way, Odd, moved, moved, moved>);
    expect_all_or_nothing(1, &attempt<Way, moved, Odd, moved, moved>);
    expect_all_or_nothing(1, &attempt<Way, moved, moved, Odd, moved>);
    expect_all_or_nothing(1, &attempt<Way, moved, moved, moved, Odd>);
  }
};
using ways = testing::Types<by_add_task, by_try_add_task, by_submit>;
TYPED_TEST_SUITE(throwing_arguments, ways);

TYPED_TEST(throwing_arguments, that_are_copied_leave_the_others_where_they_were) {
  this->template expect_all_or_nothing_with<copied>();
  this->template expect_all_or_nothing_with<copied_though_movable>();
}

TYPED_TEST(throwing_arguments, that_are_moved_leave_the_others_where_they_were) {
  this->template expect_all_or_nothing_with<moved_if_that_succeeds>();
}

TYPED_TEST(throwing_arguments, are_copied_before_one_is_moved_whose_move_may_throw) {
  using moving = moved_if_that_succeeds;
  expect_all_or_nothing(3, &attempt<TypeParam, moving, copied, moved, copied_though_movable>);
  expect_all_or_nothing(3, &attempt<TypeParam, copied, moving, copied_though_movable, moved>);
  expect_all_or_nothing(3, &attempt<TypeParam, copied_though_movable, moved, copied, moving>);
}

// That one had to be moved before the other could refuse.
TYPED_TEST(throwing_arguments, when_a_second_move_throws_only_the_first_is_lost) {
  tg::group group("second move");
  lot of{.until_refusal = 2};
  {
    moved callable(of), sibling(of);
    moved_if_that_succeeds one(of), other(of);
    EXPECT_THROW(
        TypeParam()(group, std::move(callable), std::move(one), std::move(sibling), std::move(other)),
        refused);
    EXPECT_TRUE(callable.whole() && sibling.whole());
    EXPECT_NE(one.whole(), other.whole());
    EXPECT_EQ(of.living, 4);
  }
  expect_joins(group, {});
  expect_accounted(group, 0);
}

}  // namespace

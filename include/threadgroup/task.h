// How a callable is kept until it runs: inside a fixed-size task record, never on the heap.
#pragma once

#include <threadgroup/detail/task_record.h>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tg {

// Bytes that a callable with its arguments may take.
inline constexpr std::size_t inline_task_capacity = detail::task_record::capacity;
// Bytes that the result of a submitted task may take.
inline constexpr std::size_t inline_result_capacity = detail::task_record::capacity;

// A callable of any size behind one pointer; made by boxed().
template <class F>
class boxed_callable {
 public:
  template <class G>
  explicit boxed_callable(std::in_place_t, G&& callable)
      : callable_(std::make_unique<F>(std::forward<G>(callable))) {}

  template <class... Args>
  decltype(auto) operator()(Args&&... args) {
    return std::invoke(std::move(*callable_), std::forward<Args>(args)...);
  }

 private:
  std::unique_ptr<F> callable_;
};

// Moves a callable that is too large for a task record to the heap: one allocation, here.
template <class F>
[[nodiscard]] boxed_callable<std::decay_t<F>> boxed(F&& callable) {
  return boxed_callable<std::decay_t<F>>(std::in_place, std::forward<F>(callable));
}

namespace detail {

template <class F, class... Args>
using task_result = std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>;

// A part of a bound call, the callable or an argument, in its final place. The call says when it is built, and destroys
// it.
template <class T, bool = std::is_empty_v<T>>
struct part_holder {
  union {
    T object;
  };

  template <class Given>
  explicit part_holder(Given&&) noexcept {}
  ~part_holder() {}

  template <class Given>
  void build(Given&& given) noexcept(std::is_nothrow_constructible_v<T, Given>) {
    ::new (static_cast<void*>(std::addressof(object))) T(std::forward<Given>(given));
  }
  void destroy() noexcept { object.~T(); }
};

// What is empty takes no room, but is built at once: it has no content that could be lost, though it may be moved from.
template <class T>
struct part_holder<T, true> {
  [[no_unique_address]] T object;

  template <class Given>
  explicit part_holder(Given&& given) noexcept(std::is_nothrow_constructible_v<T, Given>)
      : object(std::forward<Given>(given)) {}

  template <class Given>
  void build(Given&&) noexcept {}
  void destroy() noexcept {}
};

// What may throw comes first, what cannot last: when a part throws, no other was moved from. Only of several rvalues whose
// construction may throw those before it were, and are lost.
enum class turn { copies_that_may_throw, moves_that_may_throw, what_cannot_throw };

// A part of a type without a move constructor that is given as an rvalue is copied, too, which does not show.
template <class Given>
inline constexpr bool is_copied =
    std::is_lvalue_reference_v<Given> || std::is_const_v<std::remove_reference_t<Given>>;

template <class T, class Given>
inline constexpr turn turn_of = std::is_nothrow_constructible_v<T, Given> ? turn::what_cannot_throw
                                : is_copied<Given>                        ? turn::copies_that_may_throw
                                                                          : turn::moves_that_may_throw;

// Builds a part in its turn, and destroys it unless all were built.
template <class T, class Given>
struct part_builder {
  part_holder<T>& part;
  Given&& given;
  bool built = false;

  ~part_builder() {
    if (built) part.destroy();
  }
  template <turn Now>
  void build() noexcept(std::is_nothrow_constructible_v<T, Given>) {
    if constexpr (Now == turn_of<T, Given>) {
      part.build(std::forward<Given>(given));
      built = Now != turn::what_cannot_throw;
    }
  }
};

// A callable and its arguments, decayed as std::thread does it; called once.
template <class... Parts>
class bound_call {
 public:
  template <class... Given>
  explicit bound_call(Given&&... given) noexcept((std::is_nothrow_constructible_v<Parts, Given> && ...))
      : parts_(std::forward<Given>(given)...) {
    std::apply(
        [&](part_holder<Parts>&... part) {
          build_in_turns(part_builder<Parts, Given>{part, std::forward<Given>(given)}...);
        },
        parts_);
  }
  bound_call(const bound_call&) = delete;
  bound_call& operator=(const bound_call&) = delete;
  ~bound_call() noexcept((std::is_nothrow_destructible_v<Parts> && ...)) {
    std::apply([](part_holder<Parts>&... part) { (part.destroy(), ...); }, parts_);
  }

  decltype(auto) operator()() {
    return std::apply(
        [](part_holder<Parts>&... part) -> decltype(auto) { return std::invoke(std::move(part.object)...); },
        parts_);
  }

 private:
  template <class... Builders>
  static void build_in_turns(Builders&&... one) {
    (one.template build<turn::copies_that_may_throw>(), ...);
    (one.template build<turn::moves_that_may_throw>(), ...);
    (one.template build<turn::what_cannot_throw>(), ...);
    ((one.built = false), ...);
  }

  std::tuple<part_holder<Parts>...> parts_;
};

template <class F>
class bound_call<F> {
 public:
  template <class G>
  explicit bound_call(G&& callable) noexcept(std::is_nothrow_constructible_v<F, G>)
      : callable_(std::forward<G>(callable)) {}
  decltype(auto) operator()() { return std::invoke(std::move(callable_)); }

 private:
  F callable_;
};

template <class... Given>
using bound = bound_call<std::decay_t<Given>...>;

template <class Call>
constexpr void check_fits() {
  static_assert(
      sizeof(Call) <= inline_task_capacity,
      "threadgroup: this callable with its arguments is larger than tg::inline_task_capacity; wrap it, with "
      "the arguments captured: tg::boxed(f) keeps it on the heap");
  static_assert(
      alignof(Call) <= task_record::alignment,
      "threadgroup: this callable or an argument is aligned more strictly than a task record; wrap it, with "
      "the arguments captured: tg::boxed(f) keeps it on the heap");
  static_assert(std::is_nothrow_destructible_v<Call>, "threadgroup: a callable's destructor must not throw");
}

template <class T>
struct destroy_at_exit {
  T& object;
  ~destroy_at_exit() { object.~T(); }
};

// The body of an added task: its result is of no interest.
template <class Call>
void added_body(task_record& record, task_step step) {
  destroy_at_exit<Call> call{record.content<Call>()};
  if (step == task_step::run) static_cast<void>(call.object());
}

template <class R>
using kept_result = std::conditional_t<std::is_reference_v<R>, std::remove_reference_t<R>*, R>;

template <class Kept>
void drop_result(task_record& record) noexcept {
  record.content<Kept>().~Kept();
}

// The body of a submitted task: the callable is gone before its result takes its place.
template <class R, class Call>
void submitted_body(task_record& record, task_step step) {
  if (step != task_step::run || std::is_void_v<R>) return added_body<Call>(record, step);
  if constexpr (!std::is_void_v<R>) {
    using kept = kept_result<R>;
    kept result = [&]() -> kept {
      destroy_at_exit<Call> call{record.content<Call>()};
      if constexpr (std::is_reference_v<R>) {
        auto&& referred = call.object();
        return std::addressof(referred);
      } else {
        return call.object();
      }
    }();
    ::new (static_cast<void*>(record.storage)) kept(std::move(result));
    record.drop_result = &drop_result<kept>;
  }
}

}  // namespace detail
}  // namespace tg

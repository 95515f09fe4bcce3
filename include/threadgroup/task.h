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

// A part of a task on its way into the record: already as a copy if making that may throw, else as it was given. So
// when a copy throws, no other part has been moved from.
template <class Given>
using part = std::conditional_t<!std::is_nothrow_constructible_v<std::decay_t<Given>, Given> &&
                                    std::is_nothrow_move_constructible_v<std::decay_t<Given>>,
                                std::decay_t<Given>, Given&&>;

// A callable with its arguments, decayed as std::thread does it; called once.
template <class F, class... Args>
class bound_call {
 public:
  template <class G, class... As>
  explicit bound_call(G&& callable, As&&... args) noexcept((std::is_nothrow_constructible_v<F, G> && ... &&
                                                            std::is_nothrow_constructible_v<Args, As>))
      : bound_call(std::tuple<part<G>, part<As>...>(std::forward<G>(callable), std::forward<As>(args)...),
                   std::index_sequence_for<Args...>()) {}

  decltype(auto) operator()() {
    return std::apply(
        [this](Args&... args) -> decltype(auto) {
          return std::invoke(std::move(callable_), std::move(args)...);
        },
        args_);
  }

 private:
  template <class Parts, std::size_t... I>
  bound_call(Parts&& parts, std::index_sequence<I...>)
      : args_(std::get<I + 1>(std::move(parts))...), callable_(std::get<0>(std::move(parts))) {}

  // The arguments first: a copy of one that throws, and that cannot be moved, leaves the callable where it was.
  [[no_unique_address]] std::tuple<Args...> args_;
  [[no_unique_address]] F callable_;
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

template <class F, class... Args>
using bound = bound_call<std::decay_t<F>, std::decay_t<Args>...>;

template <class Call>
constexpr void check_fits() {
  static_assert(
      sizeof(Call) <= inline_task_capacity,
      "threadgroup: this callable with its arguments is larger than tg::inline_task_capacity; wrap it: "
      "tg::boxed(f) keeps it on the heap");
  static_assert(
      alignof(Call) <= task_record::alignment,
      "threadgroup: this callable is aligned more strictly than a task record; wrap it: tg::boxed(f) keeps "
      "it on the heap");
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

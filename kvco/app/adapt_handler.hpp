// The templates around a handler of a user: its signature decides which arguments it is called with.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <kvco/app/parameters.hpp>
#include <kvco/app/signature.hpp>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace kvco::handling {

template <class T, occasion On, class Parameters, class Places>
struct call_plan;

template <class T, occasion On, class... P, std::size_t... I>
struct call_plan<T, On, type_list<P...>, std::index_sequence<I...>> {
  static constexpr std::array<role, sizeof...(P) + 1> roles{role_of<T, On, std::decay_t<P>>(I)...,
                                                            role::about_the_call};
  static constexpr bool has([[maybe_unused]] role wanted) noexcept { return ((roles[I] == wanted) || ...); }
  static constexpr std::size_t captures_before([[maybe_unused]] std::size_t place) noexcept {
    return (std::size_t{I < place && roles[I] == role::one_capture} + ... + 0u);
  }
  // In the frame of call_handler(): valid until the handler has ended.
  using values = std::tuple<kept_parameter<P, roles[I]>...>;

  template <class Codec>
  static values make(const Codec& codec, const delivery& from) {
    return values{make_parameter<T, std::decay_t<P>, roles[I], captures_before(I)>(codec, from)...};
  }
  template <class Function>
  static decltype(auto) call(Function& function, values& with) {
    return function(static_cast<P&&>(std::get<I>(with))...);
  }
};

template <class Function, class Codec>
struct function_with_codec {
  Function function;
  [[no_unique_address]] Codec codec;
};

template <class Plan, bool IsCoroutine, class Function, class Codec>
boost::asio::awaitable<void> call_handler(std::shared_ptr<function_with_codec<Function, Codec>> handler,
                                          delivery_ptr from) {
  typename Plan::values with = Plan::make(handler->codec, *from);
  if constexpr (IsCoroutine) {
    boost::asio::awaitable<void> pending = Plan::call(handler->function, with);
    co_await std::move(pending);
  } else {
    Plan::call(handler->function, with);
  }
  co_return;
}

template <class T, occasion On, class Codec, class Function>
adapted_handler adapt_handler(Function function, Codec codec = {}) {
  using signature = signature_of<Function>;
  static_assert(signature::is_known,
                "kvco: a handler is a function, a lambda or a function object with one operator(): it is no "
                "template (no auto "
                "parameters), and it has no overloads");
  if constexpr (signature::is_known) {
    using result = typename signature::result;
    using parameters = typename signature::parameters;
    using plan = call_plan<T, On, parameters, std::make_index_sequence<parameters::size>>;
    constexpr bool is_coroutine = std::is_same_v<result, boost::asio::awaitable<void>>;
    static_assert(is_coroutine || std::is_void_v<result>,
                  "kvco: a handler returns void, or boost::asio::awaitable<void>");
    static_assert(!plan::has(role::unsupported),
                  "kvco: the first parameter of a handler may be its value (of watch<T>: T, "
                  "std::optional<T>, kvco::typed_entry<T> or "
                  "kvco::entry; of on_delete: kvco::entry; of subscribe<T>: T or kvco::message). The others "
                  "are captures "
                  "(std::string, std::string_view, a number, kvco::captures), kvco::bucket, kvco::client, "
                  "kvco::handler_context");
    if constexpr (!plan::has(role::unsupported) && (is_coroutine || std::is_void_v<result>)) {
      using state = function_with_codec<Function, Codec>;
      const auto shared = std::make_shared<state>(state{std::move(function), std::move(codec)});
      return {.call =
                  [shared](delivery_ptr from) {
                    return call_handler<plan, is_coroutine, Function, Codec>(shared, std::move(from));
                  },
              .sees_deletions = On == occasion::deletion || plan::has(role::whole_entry) ||
                                plan::has(role::typed) || plan::has(role::maybe_value),
              .takes_value = plan::has(role::value) || plan::has(role::maybe_value),
              .takes_bucket = plan::has(role::its_bucket),
              .captures = plan::captures_before(parameters::size)};
    }
  }
  return {};
}

}  // namespace kvco::handling

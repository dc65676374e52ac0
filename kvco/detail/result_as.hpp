// The base of typed handles: a completion token that transforms the result of an operation before it reaches the user's token.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/associator.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <kvco/detail/explain.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/diagnostics.hpp>
#include <kvco/typed/codec.hpp>
#include <memory>
#include <type_traits>
#include <utility>

namespace kvco::detail {

/// The reason why an operation is not started: its arguments could not be encoded.
struct refused_arguments {
  value_error why;
  diagnostics* diag;
};
using refused_ptr = std::shared_ptr<const refused_arguments>;

/// The reason; nullptr: the arguments were encoded.
template <class T>
refused_ptr refused_by(const decoded<T>& encoded, diagnostics* diag) {
  if (encoded) return {};
  return std::make_shared<const refused_arguments>(refused_arguments{encoded.error(), diag});
}

/// The token with which a typed handle calls the operation of the plain one. The operation completes with a T; `transform(T&&)`,
/// which returns a U or a decoded<U>, converts it for the user's token in the same call. It may throw std::bad_alloc only.
template <class U, class Transform, class Token>
struct result_token {
  [[no_unique_address]] Transform transform;
  refused_ptr refused;
  Token token;
};

template <class U, class Transform, class Token>
result_token<U, Transform, std::decay_t<Token>> result_as(Transform transform, refused_ptr refused,
                                                          Token&& token) {
  return {std::move(transform), std::move(refused), std::forward<Token>(token)};
}

/// The same for an operation without a result.
template <class Token>
struct unless_refused {
  refused_ptr refused;
  Token token;
};
template <class Token>
unless_refused(refused_ptr, Token) -> unless_refused<Token>;

template <class U, class Transform, class Handler>
struct result_handler {
  [[no_unique_address]] Transform transform;
  Handler handler;

  template <class T>
  void operator()(error_code code, T&& value) {
    if (code) return std::move(handler)(code, U());
    decoded<U> result = transformed(std::forward<T>(value));
    if (result) return std::move(handler)(code, std::move(*result));
    const explanation explained({.text = result.error().text});
    std::move(handler)(result.error().code, U());
  }

 private:
  template <class T>
  decoded<U> transformed(T&& value) {
    try {
      return std::move(transform)(std::forward<T>(value));
    } catch (const std::bad_alloc&) {
      return value_error(make_error_code(boost::system::errc::not_enough_memory), {});
    }
  }
};

/// Completes with the reason, in a later turn of the handler's executor.
template <class... Us, class Handler>
void complete_refused(const asio::any_io_executor& otherwise, refused_ptr refused, Handler&& function) {
  const auto executor = asio::get_associated_executor(function, otherwise);
  asio::post(executor, [refused = std::move(refused),
                        function = std::decay_t<Handler>(std::forward<Handler>(function))]() mutable {
    diagnostics known{.text = refused->why.text};
    if (refused->diag != nullptr) *refused->diag = known;
    const explanation explained(std::move(known));
    std::move(function)(refused->why.code, Us()...);
  });
}

template <class U, class Transform, class Initiation>
struct result_initiation {
  Initiation initiation;
  [[no_unique_address]] Transform transform;
  refused_ptr refused;

  using executor_type = asio::any_io_executor;
  executor_type get_executor() const noexcept {
    return asio::get_associated_executor(initiation, asio::system_executor());
  }

  template <class Handler, class... Args>
  void operator()(Handler&& handler, Args&&... args) && {
    if (refused)
      return complete_refused<U>(get_executor(), std::move(refused), std::forward<Handler>(handler));
    std::move(initiation)(result_handler<U, Transform, std::decay_t<Handler>>{std::move(transform),
                                                                              std::forward<Handler>(handler)},
                          std::forward<Args>(args)...);
  }
};

template <class Initiation>
struct initiation_unless_refused {
  Initiation initiation;
  refused_ptr refused;

  using executor_type = asio::any_io_executor;
  executor_type get_executor() const noexcept {
    return asio::get_associated_executor(initiation, asio::system_executor());
  }

  template <class Handler, class... Args>
  void operator()(Handler&& handler, Args&&... args) && {
    if (refused) return complete_refused(get_executor(), std::move(refused), std::forward<Handler>(handler));
    std::move(initiation)(std::forward<Handler>(handler), std::forward<Args>(args)...);
  }
};

}  // namespace kvco::detail

template <class Token>
class boost::asio::async_result<kvco::detail::unless_refused<Token>, void(kvco::error_code)> {
 public:
  template <class Initiation, class Given, class... Args>
  static auto initiate(Initiation&& initiation, Given&& given, Args&&... args) {
    kvco::detail::unless_refused<Token> token(std::forward<Given>(given));
    return boost::asio::async_initiate<Token, void(kvco::error_code)>(
        kvco::detail::initiation_unless_refused<std::decay_t<Initiation>>{
            std::forward<Initiation>(initiation), std::move(token.refused)},
        token.token, std::forward<Args>(args)...);
  }
};

template <class U, class Transform, class Token, class T>
class boost::asio::async_result<kvco::detail::result_token<U, Transform, Token>, void(kvco::error_code, T)> {
 public:
  template <class Initiation, class Given, class... Args>
  static auto initiate(Initiation&& initiation, Given&& given, Args&&... args) {
    using transforming = kvco::detail::result_initiation<U, Transform, std::decay_t<Initiation>>;
    kvco::detail::result_token<U, Transform, Token> token(std::forward<Given>(given));
    return boost::asio::async_initiate<Token, void(kvco::error_code, U)>(
        transforming{std::forward<Initiation>(initiation), std::move(token.transform),
                     std::move(token.refused)},
        token.token, std::forward<Args>(args)...);
  }
};

// The executor, allocator and cancellation slot are those of the inner handler.
template <template <class, class> class Associator, class U, class Transform, class Handler, class Default>
struct boost::asio::associator<Associator, kvco::detail::result_handler<U, Transform, Handler>, Default>
    : Associator<Handler, Default> {
  static auto get(const kvco::detail::result_handler<U, Transform, Handler>& outer) noexcept {
    return Associator<Handler, Default>::get(outer.handler);
  }
  static auto get(const kvco::detail::result_handler<U, Transform, Handler>& outer,
                  const Default& otherwise) noexcept {
    return Associator<Handler, Default>::get(outer.handler, otherwise);
  }
};

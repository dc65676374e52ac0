// Questions about the account of a client.
#pragma once

#include <kvco/account_info.hpp>
#include <kvco/client.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/options.hpp>
#include <utility>

namespace kvco {

namespace detail {
struct account_questions {
  static operation_ptr<account_info> prepare_info(const client& nats, const request_options& options);
  static operation_ptr<capabilities> prepare_capabilities(const client& nats, const request_options& options);
};
}  // namespace detail

/// Limits and usage of the client's account.
///
/// \par Completes with
/// `void(error_code, account_info)`; errc::jetstream_not_enabled, permission_denied.
template <class Token = default_token>
auto get_account_info(const client& nats, request_options options, Token&& token = Token()) {
  return detail::initiate(detail::account_questions::prepare_info(nats, options), std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto get_account_info(const client& nats, Token&& token = Token()) {
  return get_account_info(nats, request_options(), std::forward<Token>(token));
}

/// The features of the servers. The first call on a connection sends a request, later ones return its answer: a reconnect may have led to
/// another version.
///
/// \par Completes with
/// `void(error_code, capabilities)`; the errors of get_account_info().
template <class Token = default_token>
auto get_capabilities(const client& nats, request_options options, Token&& token = Token()) {
  return detail::initiate(detail::account_questions::prepare_capabilities(nats, options),
                          std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto get_capabilities(const client& nats, Token&& token = Token()) {
  return get_capabilities(nats, request_options(), std::forward<Token>(token));
}

}  // namespace kvco

// Another server for a client that is connected: at once, or at its next reconnect.
#pragma once

#include <kvco/client.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/options.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco {

namespace detail {
struct connection_changes {
  static operation_ptr<> prepare_reconnect(const client& nats, const request_options& options);
  static operation_ptr<> prepare_set_servers(const client& nats, std::string_view urls,
                                             const request_options& options);
};
}  // namespace detail

/// Leaves the server for the next one, also with reconnect().enabled(false): for new credentials, or to spread clients over a cluster
/// that has grown. The requests in flight are answered first, for 5 s at most; new ones wait for the next connection. A client without
/// a connection tries the next server at once, without the rest of its pause.
///
/// \par Cancellation
/// Ends the wait; the client reconnects all the same.
///
/// \par Completes with
/// `void(error_code)`, once the next connection is established; errc::timeout (the client continues to try), closed, or the reason why
/// the client has ended.
template <class Token = default_token>
auto reconnect(const client& nats, request_options options, Token&& token = Token()) {
  return detail::initiate(detail::connection_changes::prepare_reconnect(nats, options),
                          std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto reconnect(const client& nats, Token&& token = Token()) {
  return reconnect(nats, request_options(), std::forward<Token>(token));
}

/// Replaces the servers that the client knows, those of its configuration and those that were announced. The present connection
/// stays; reconnect() leaves it. A server that has used TLS once gets no credentials in plain text, as before.
/// @param urls  as of the constructor of config
///
/// \par Completes with
/// `void(error_code)`; errc::invalid_url (the servers stay as they are), closed.
template <class Token = default_token>
auto set_servers(const client& nats, std::string_view urls, request_options options,
                 Token&& token = Token()) {
  return detail::initiate(detail::connection_changes::prepare_set_servers(nats, urls, options),
                          std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto set_servers(const client& nats, std::string_view urls, Token&& token = Token()) {
  return set_servers(nats, urls, request_options(), std::forward<Token>(token));
}

/// The servers that the client knows, announced ones included ("host:port"), sorted. Of an empty handle: none.
std::vector<std::string> known_servers(const client& nats);

}  // namespace kvco

// OpenSSL's side of a connection: contexts from files and texts, the name to be certified, and why a handshake failed.
#pragma once

#include <kvco/net/transport.hpp>
#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace kvco::net {

struct tls_context {
  step_result problem;                // no code: no problem
  std::shared_ptr<ssl_ctx_st> value;  // the user's, or one that allows TLS 1.2 or later
};

/// Reads the files again each time, so that renewed certificates are used by the next connection.
tls_context make_tls_context(const tls_settings& settings);

/// Before the handshake: requests the name (SNI) and requires, with `verify`, a certificate for it (RFC 6125;
/// an IP address is compared as one, without its zone), or for the other name if there is one. Fails if
/// OpenSSL cannot be made to check the name: then no handshake may follow.
[[nodiscard]] step_result expect_certificate(ssl_st* connection, const tls_settings& settings);

/// The result of a handshake that ended with `code`. With a context of the user, it includes the check of the name.
[[nodiscard]] step_result handshake_result(const ssl_st* connection, const error_code& code,
                                           const tls_settings& settings);

}  // namespace kvco::net

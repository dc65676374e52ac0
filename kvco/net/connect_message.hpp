// CONNECT's JSON: the client's identity and its credentials, read and signed again for each connection.
#pragma once

#include <kvco/config.hpp>
#include <kvco/core/login_record.hpp>
#include <kvco/core/server_url.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/server_info.hpp>
#include <string>

namespace kvco {
class credentials;
}

namespace kvco::net {

struct connect_message {
  std::string json;
  detail::refusal refused;  // a file that cannot be read, or holds no credentials
};

/// The source of the credentials for this server. Those in its URL take precedence over those of the
/// settings.
core::credentials_kind kind_of_credentials(const config& settings, const core::server_url& server);

/// `info` has the nonce that NKeys sign.
/// @param given  the result of config::credentials(), if it was called
connect_message make_connect_message(const config& settings, const core::server_url& server,
                                     const server_info& info, const credentials* given = nullptr);

}  // namespace kvco::net

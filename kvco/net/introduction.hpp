// CONNECT's JSON: who we are, with the credentials that the settings name - read and signed anew for each connection.
#pragma once

#include <kvco/config.hpp>
#include <kvco/core/server_url.hpp>
#include <kvco/detail/refusal.hpp>
#include <string>

namespace kvco::net {

struct introduction {
  std::string json;
  detail::refusal refused;  // a file that cannot be read, or holds no credentials
};

/// Credentials that stand in the URL count before those of the settings. `info` has the nonce that NKeys sign.
introduction make_introduction(const config& settings, const core::server_url& server,
                               const server_info& info);

}  // namespace kvco::net

// TLS of one connection: the settings of the client, and the name of this server.
#pragma once

#include <kvco/config.hpp>
#include <string>
#include <utility>

namespace kvco::net {

struct tls_settings {
  // Not an aggregate: g++ 12 destroys owning aggregates twice that are made inside a co_await expression.
  tls_settings() = default;
  tls_settings(std::string expected, config::tls_settings of_client)
      : name(std::move(expected)), client(std::move(of_client)) {}

  std::string name;        // that the server's certificate must be valid for
  std::string other_name;  // or for this one; empty: there is no other
  config::tls_settings client;
};

}  // namespace kvco::net

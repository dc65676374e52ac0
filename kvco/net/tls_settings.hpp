// What TLS needs to know: whom to trust, whose certificate to expect, and who we are.
#pragma once

#include <string>

namespace kvco::net {

struct tls_settings {
  // Not an aggregate: g++ 12 destroys owning aggregates twice that are made inside a co_await expression.
  tls_settings() = default;
  tls_settings(std::string expected, std::string authorities, std::string certificate, std::string key,
               bool check)
      : name(std::move(expected)),
        ca_file(std::move(authorities)),
        certificate_file(std::move(certificate)),
        key_file(std::move(key)),
        verify(check) {}

  std::string name;                        // that the server's certificate must be valid for
  std::string other_name;                  // or for this one; empty: there is no other
  std::string ca_file;                     // PEM; empty: the system's
  std::string certificate_file, key_file;  // PEM; empty: no client certificate
  bool verify = true;
};

}  // namespace kvco::net

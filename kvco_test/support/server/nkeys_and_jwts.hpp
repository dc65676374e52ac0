// What `nsc` makes, for tests: key pairs of operators, accounts and users, and the JWTs that they sign (ADR-14).
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace kvco::test {

/// A key pair of this kind: 'O' operator, 'A' account, 'U' user.
class key_pair {
 public:
  explicit key_pair(char kind);

  std::string seed() const;        ///< "SU..."
  std::string public_key() const;  ///< "U..."
  /// A JWT about `subject`, with these JSON members as its "nats" claims, signed by this key.
  std::string jwt(std::string_view subject, std::string_view claims) const;

 private:
  std::shared_ptr<evp_pkey_st> pair_;
  char kind_;
};

/// The text of a .creds file.
std::string creds_text(std::string_view jwt, std::string_view seed);

}  // namespace kvco::test

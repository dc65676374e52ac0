// An NKey seed -> the public key and the signature of a nonce that CONNECT carries.
#pragma once

#include <kvco/detail/refusal.hpp>
#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace kvco::core {

/// The key pair of a user (Ed25519). The private half stays inside OpenSSL, which overwrites it when it goes.
class nkey {
 public:
  nkey() noexcept = default;  // holds none

  explicit operator bool() const noexcept { return static_cast<bool>(pair_); }
  /// "U...", 56 characters: CONNECT's `nkey`.
  const std::string& public_key() const noexcept { return public_key_; }
  /// The signature in base64url without padding: CONNECT's `sig`. Empty where there is no key, or OpenSSL
  /// failed.
  std::string sign(std::string_view nonce) const;

 private:
  friend struct decoded_nkey decode_nkey(std::string_view seed);
  struct release {
    void operator()(evp_pkey_st* pair) const noexcept;
  };
  std::unique_ptr<evp_pkey_st, release> pair_;
  std::string public_key_;
};

struct decoded_nkey {
  nkey key;
  detail::refusal refused;  // client_error::nkey_malformed; its detail has nothing of the seed
};

/// Reads the seed of a user, "SU...": base32 without padding (RFC 4648) of two bytes for the kind, 32 of the
/// seed, and their CRC-16/XMODEM in little endian.
decoded_nkey decode_nkey(std::string_view seed);

}  // namespace kvco::core

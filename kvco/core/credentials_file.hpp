// The text of a .creds file, or of a seed file -> the key that signs and its JWT.
#pragma once

#include <kvco/core/nkey.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/detail/secret.hpp>
#include <string_view>

namespace kvco::core {

struct credentials {
  detail::secret jwt;   // as in the file; a server may accept it without a signature, so it is a secret
  detail::secret seed;  // "SU..."
  nkey key;             // the seed, decoded
};

struct parsed_credentials {
  credentials value;
  detail::refusal refused;  // credentials_malformed or nkey_malformed; its detail shows nothing of the text
};

/// Reads a file as `nsc` and `nats auth` write it: the blocks NATS USER JWT and USER NKEY SEED, each a line
/// that BEGINs it, one line, and a line that ENDs it, both between three dashes or more. Other text may
/// surround them, in either order; lines end with LF or CR LF.
parsed_credentials parse_credentials_file(std::string_view text);

/// Reads a seed alone, without a JWT: the first line that looks like one, or the seed's block of a .creds
/// file.
parsed_credentials parse_seed_file(std::string_view text);

/// The format of a JWT: three parts of base64url, separated by dots. If false, the server would refuse it.
bool is_jwt(std::string_view text) noexcept;

}  // namespace kvco::core

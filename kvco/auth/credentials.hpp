// Credentials that a function of the program provides for each connection: secrets stored elsewhere, or
// short-lived.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <kvco/detail/secret.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace kvco {

/// One kind of credentials. Move-only; its bytes are overwritten when it is destroyed. Overwriting the source
/// of the bytes is up to the caller.
class credentials {
 public:
  credentials() noexcept = default;  ///< none, for a server that asks for none
  /// A name and a password.
  static credentials user(std::string_view name, std::string_view password);
  /// A token.
  static credentials token(std::string_view token);
  /// The seed of a user ("SU...").
  static credentials nkey(std::string_view seed);
  /// A user's JWT and seed. No seed: a bearer JWT.
  static credentials jwt(std::string_view jwt, std::string_view seed);
  /// The text of a .creds file.
  static credentials creds(std::string_view text);

  /// For the library.
  struct parts_type {
    detail::secret user, password, token, jwt, seed, creds;  ///< empty: it is none of this kind
  };
  /// For the library.
  const parts_type& parts() const noexcept { return parts_; }

 private:
  parts_type parts_;
};

/// The connection for which credentials are requested.
class credentials_request {
 public:
  /// Made by the library, for each connection.
  credentials_request(std::string server, std::size_t refusals)
      : server_(std::move(server)), refusals_(refusals) {}
  /// "host:port" of the server that the credentials will be sent to.
  const std::string& server() const noexcept { return server_; }
  /// How many times in a row servers have refused credentials from this function. If not 0, discard any
  /// cached ones.
  std::size_t refusals() const noexcept { return refusals_; }

 private:
  std::string server_;
  std::size_t refusals_;
};

namespace detail {

struct credentials_source {
  virtual ~credentials_source() = default;
  virtual boost::asio::awaitable<credentials> give(credentials_request request) = 0;
};

template <class Function>
struct credentials_source_of final : credentials_source {
  explicit credentials_source_of(Function f) : function(std::move(f)) {}
  boost::asio::awaitable<credentials> give(credentials_request request) override {
    return function(std::move(request));
  }
  Function function;
};

}  // namespace detail
}  // namespace kvco

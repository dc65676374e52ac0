// What a client shows to a server, when a function of the program gives it: secrets that live elsewhere, or do not last.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <kvco/detail/secret.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace kvco {

/// One kind of credentials. It is moved, never copied, and its bytes are overwritten when it goes; what it was made from is
/// yours to overwrite.
class credentials {
 public:
  credentials() noexcept = default;  ///< none, for a server that asks for none
  static credentials user(std::string_view name, std::string_view password);
  static credentials token(std::string_view token);
  /// The seed of a user ("SU...").
  static credentials nkey(std::string_view seed);
  /// A user's JWT and seed. No seed: a bearer JWT.
  static credentials jwt(std::string_view jwt, std::string_view seed);
  /// The text of a .creds file.
  static credentials creds(std::string_view text);

  /// For the library.
  struct parts_type {
    detail::secret user, password, token, jwt, seed, creds;
  };
  const parts_type& parts() const noexcept { return parts_; }

 private:
  parts_type parts_;
};

/// For what connection credentials are wanted.
class credentials_request {
 public:
  credentials_request(std::string server, std::size_t refusals)
      : server_(std::move(server)), refusals_(refusals) {}
  /// "host:port" of the server that is about to be told.
  const std::string& server() const noexcept { return server_; }
  /// So many times in a row servers have refused what the function gave. Not 0: what it may have kept is no good any more.
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

// The settings of a client.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <kvco/detail/secret.hpp>
#include <kvco/options.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace kvco {

namespace detail {
struct credentials_source;  // both in credentials.hpp
template <class Function>
struct credentials_source_of;

/// A boost::asio::ssl::context, without its header.
template <class T>
concept tls_context = requires(T& context) {
  { context.native_handle() } -> std::convertible_to<ssl_ctx_st*>;
};
}  // namespace detail

// observe.hpp
struct client_event;
struct log_record;
enum class log_level : std::uint8_t;
class operation_observer;
using event_function = std::function<void(const client_event&)>;  ///< for observe().on_event()
using log_function = std::function<void(const log_record&)>;

/// How a client connects and behaves. Each setter returns *this:
/// `kvco::config("nats://127.0.0.1:4222").name("shop").timeout(5s)`. Keep the result by value: a reference to a temporary ends with
/// the line.
///
/// Settings that belong together are in groups: tls(), reconnect(), websocket(), observe(). Each is set in a statement of its own,
/// or by a function in the middle of a chain:
///
///     settings.tls().ca_file("/etc/shop/ca.pem").server_name("nats.example");
///     kvco::config(url).tls([](auto& tls) { tls.ca_file("/etc/shop/ca.pem"); }).name("shop")
///
/// Values are checked by connect(), which completes with errc::invalid_argument or errc::invalid_url.
class config {
 public:
  // TLS is used if the URL has the scheme tls or wss, if the server requires it, or if any of ca_file, ca_pem, certificate_files,
  // certificate_pem, context and handshake_first is set. After one connection with TLS, kvco never sends CONNECT in plain text to
  // that server, nor to those that it announced.

  /// Certificates and names.
  class tls_settings {
   public:
    /// The certificate authorities (PEM) to trust. Default: those of the system. Files are read again for each connection.
    tls_settings& ca_file(std::string_view path) { return ca_file_ = path, *this; }
    /// The same as text. Of ca_file and ca_pem, one may be set.
    tls_settings& ca_pem(std::string_view text) { return ca_pem_ = text, *this; }
    /// The client certificate (PEM, with its chain) and its private key, for servers that verify clients.
    tls_settings& certificate_files(std::string_view certificate, std::string_view key) {
      return certificate_file_ = certificate, key_file_ = key, *this;
    }
    /// The same as texts; one of the two may be set. The copies of a config share one copy of the key, which is overwritten when the
    /// last of them is destroyed; your own text is yours to overwrite.
    tls_settings& certificate_pem(std::string_view certificate, std::string_view key) {
      certificate_pem_ = certificate;
      key_pem_ = std::make_shared<const detail::secret>(key);
      return *this;
    }
    /// The name that the certificate of the server must be valid for. Default: the host in the URL. For servers that a cluster
    /// announces, which may be bare addresses: the host of the URL that led there or, if they were announced over TLS, their own.
    tls_settings& server_name(std::string_view name) { return server_name_ = name, *this; }
    /// True: the TLS handshake comes before INFO, as `handshake_first` of the server requires. Default false.
    tls_settings& handshake_first(bool on) { return handshake_first_ = on, *this; }
    /// False: the certificate of the server is not verified, which allows man-in-the-middle attacks. Default true.
    tls_settings& verify(bool on) { return verify_ = on, *this; }
    /// A context of your own, instead of authorities and certificates: `std::shared_ptr<boost::asio::ssl::context>`, of the kind
    /// tls or tls_client. It is used as it is, with its versions, ciphers, authorities and verify callback. kvco adds SNI and, unless
    /// verify(false) is set, requires a certificate that is valid for the name of the server, which a callback cannot override. With
    /// verify(false), only the context decides.
    ///
    /// \par Lifetimes
    /// Copies of the config, and connections, keep it. A callback runs on the thread of the client.
    template <detail::tls_context Context>
    tls_settings& context(std::shared_ptr<Context> context) {
      ssl_ctx_st* const handle = context ? context->native_handle() : nullptr;
      return context_ = std::shared_ptr<ssl_ctx_st>(std::move(context), handle), *this;
    }

    const std::string& ca_file() const noexcept { return ca_file_; }
    const std::string& ca_pem() const noexcept { return ca_pem_; }
    /// See certificate().
    const std::string& certificate_file() const noexcept { return certificate_file_; }
    /// See certificate().
    const std::string& key_file() const noexcept { return key_file_; }
    const std::string& certificate_pem() const noexcept { return certificate_pem_; }
    /// See certificate_pem().
    std::string_view key_pem() const noexcept { return key_pem_ ? key_pem_->view() : std::string_view(); }
    const std::string& server_name() const noexcept { return server_name_; }
    bool handshake_first() const noexcept { return handshake_first_; }
    bool verify() const noexcept { return verify_; }
    const std::shared_ptr<ssl_ctx_st>& context() const noexcept { return context_; }

   private:
    std::string ca_file_, ca_pem_, certificate_file_, key_file_, certificate_pem_, server_name_;
    std::shared_ptr<const detail::secret> key_pem_;
    std::shared_ptr<ssl_ctx_st> context_;
    bool handshake_first_ = false, verify_ = true;
  };

  /// Lost connections, refused credentials, and the first connection.
  class reconnect_settings {
   public:
    /// False: a lost connection closes the client. Default true: it is re-established, indefinitely.
    reconnect_settings& enabled(bool on) { return enabled_ = on, *this; }
    /// The delay between attempts is random, at most this before the first attempt. Its maximum doubles with each attempt, up to
    /// max_delay (full jitter): many clients that lost the same server do not come back at once. Default 50 ms.
    reconnect_settings& initial_delay(duration v) { return initial_delay_ = v, *this; }
    /// At least initial_delay. Default 5 s.
    reconnect_settings& max_delay(duration v) { return max_delay_ = v, *this; }
    /// True: connect() retries until a server accepts the connection. Default false: it tries each server once. Either way it fails
    /// at once if a server refuses the credentials.
    reconnect_settings& retry_first_connect(bool on) { return retry_first_connect_ = on, *this; }
    /// Minimum time for which user(), token(), nkey_seed(), jwt() and credentials in URLs are retried after servers begin to refuse
    /// them, once they were accepted. Default 0: until every server has refused them twice in a row, which holds in any case. A server
    /// that cannot be reached has not refused them. Files and credentials() are retried indefinitely.
    reconnect_settings& retry_refused_credentials(duration v) {
      return retry_refused_credentials_ = v, *this;
    }

    /// The client is closed when each server was tried this many times in a row and none has accepted it. Default 0: no limit.
    reconnect_settings& max_attempts(std::size_t v) { return max_attempts_ = v, *this; }
    /// Called after each round over all servers that has found none, with the number of such rounds in a row, and after a lost
    /// connection, with 0: returns the time until the next attempt, instead of initial_delay and max_delay.
    ///
    /// It and next_server() are called on the thread of the client. An exception from them leaves io_context::run(); the client goes on
    /// as if the function was not set.
    reconnect_settings& delay(std::function<duration(std::size_t)> v) { return delay_ = std::move(v), *this; }
    /// Called before each attempt with the known servers, sorted ("host:port"): returns the one to dial (ADR-40). Anything else: the
    /// next one in turn.
    reconnect_settings& next_server(std::function<std::string(const std::vector<std::string>&)> v) {
      return next_server_ = std::move(v), *this;
    }

    bool enabled() const noexcept { return enabled_; }
    duration initial_delay() const noexcept { return initial_delay_; }
    duration max_delay() const noexcept { return max_delay_; }
    bool retry_first_connect() const noexcept { return retry_first_connect_; }
    duration retry_refused_credentials() const noexcept { return retry_refused_credentials_; }
    std::size_t max_attempts() const noexcept { return max_attempts_; }
    const std::function<duration(std::size_t)>& delay() const noexcept { return delay_; }
    const std::function<std::string(const std::vector<std::string>&)>& next_server() const noexcept {
      return next_server_;
    }

   private:
    std::function<duration(std::size_t)> delay_;
    std::function<std::string(const std::vector<std::string>&)> next_server_;
    std::size_t max_attempts_ = 0;
    duration initial_delay_ = std::chrono::milliseconds(50), max_delay_ = std::chrono::seconds(5);
    duration retry_refused_credentials_{};
    bool enabled_ = true, retry_first_connect_ = false;
  };

  /// Servers whose URL has the scheme ws or wss.
  class websocket_settings {
   public:
    using header_list = std::vector<std::pair<std::string, std::string>>;  ///< Names and values.

    /// True: offers permessage-deflate. Default false.
    websocket_settings& compression(bool on) { return compression_ = on, *this; }
    /// An additional field of the HTTP request, e.g. for a proxy: at most 8192 bytes, without control characters.
    websocket_settings& header(std::string_view field, std::string_view value) {
      return headers_.emplace_back(field, value), *this;
    }

    bool compression() const noexcept { return compression_; }
    /// See header().
    const header_list& headers() const noexcept { return headers_; }

   private:
    header_list headers_;
    bool compression_ = false;
  };

  /// Events, the log, metrics and traces (observe.hpp). Default: none of them.
  class observe_settings {
   public:
    /// Receives the events of the connection, on the thread of the client, in a turn of its own and in order, until the last
    /// handle of the client is gone; it may use the client. An exception from it leaves io_context::run().
    observe_settings& on_event(event_function v) { return on_event_ = std::move(v), *this; }
    /// Receives each line of the log from the level `min` on, under the same rules.
    observe_settings& log(log_level min, log_function v) {
      return min_log_level_ = min, log_ = std::move(v), *this;
    }
    /// Is notified of the start and the end of every operation.
    observe_settings& operations(std::shared_ptr<operation_observer> v) {
      return operations_ = std::move(v), *this;
    }

    const event_function& on_event() const noexcept { return on_event_; }
    const log_function& log() const noexcept { return log_; }
    /// See log().
    log_level min_log_level() const noexcept { return min_log_level_; }
    const std::shared_ptr<operation_observer>& operations() const noexcept { return operations_; }

   private:
    event_function on_event_;
    log_function log_;
    std::shared_ptr<operation_observer> operations_;
    log_level min_log_level_{};
  };

  /// @param urls  `nats://[user:password@|token@]host[:port]`, several separated by commas. Scheme and port (4222) may be left out; an
  ///              IPv6 address is written in brackets. `tls://` requires TLS; `ws://` (port 80) and `wss://` (443) are WebSockets and
  ///              may have a path. A user or token in a URL takes precedence for that server.
  explicit config(std::string_view urls = "nats://127.0.0.1:4222") : urls_(urls) {}

  config& name(std::string_view v) { return name_ = v, *this; }  ///< shown in the server's connection list
  config& user(std::string_view user, std::string_view password) {
    return user_ = user, password_ = password, *this;
  }
  config& token(std::string_view v) { return token_ = v, *this; }
  /// Authentication by NKey: a file with the seed of a user ("SU..."). Each attempt to connect reads it.
  ///
  /// Of user(), token(), nkey_seed_file(), nkey_seed(), credentials_file(), jwt() and credentials(), one may be set: connect()
  /// refuses several. Prefer the files or a function: their secrets are overwritten after use, and a new one is picked up.
  config& nkey_seed_file(std::string_view path) { return nkey_seed_file_ = path, *this; }
  config& nkey_seed(std::string_view seed) { return nkey_seed_ = seed, *this; }  ///< the seed itself
  /// Authentication by JWT: a .creds file, with a user's JWT and seed. Each attempt to connect reads it.
  config& credentials_file(std::string_view path) { return credentials_file_ = path, *this; }
  /// The JWT and the seed themselves. No seed: a bearer JWT, which a server takes without a signature.
  config& jwt(std::string_view jwt, std::string_view seed) { return jwt_ = jwt, jwt_seed_ = seed, *this; }
  /// Authentication by a function, called for each connection after the INFO of the server:
  /// `asio::awaitable<kvco::credentials> function(kvco::credentials_request)` (credentials.hpp). It runs on the client's executor.
  ///
  /// \par Cancellation
  /// It has until the deadline of the attempt (connect_timeout). Then, and when the client is closed, it is cancelled and not
  /// waited for: one that ignores cancellation may still run while it is called again. An exception from it fails the attempt
  /// (errc::authentication_failed, with the text of the exception).
  template <class Function>
  config& credentials(Function function) {
    credentials_source_ = std::make_shared<detail::credentials_source_of<Function>>(std::move(function));
    return *this;
  }
  /// Deadline of every operation that sets none of its own. Default 10 s.
  config& timeout(duration v) { return timeout_ = v, *this; }
  /// TCP connect, INFO, CONNECT and PONG together, per attempt. Default 5 s. Each of several addresses of a name has an equal share
  /// of the rest until the TCP connection is established. The servers that a cluster has announced share it in the same way in each
  /// round over all servers; after a round that has found none they have twice the time.
  config& connect_timeout(duration v) { return connect_timeout_ = v, *this; }
  /// The interval between PINGs. At least 10 ms; default 30 s.
  config& ping_interval(duration v) { return ping_interval_ = v, *this; }
  /// The number of unanswered PINGs in a row that ends the connection. At least 1; default 2.
  config& max_pings_outstanding(int v) { return max_pings_outstanding_ = v, *this; }
  /// False: an operation fails at once with errc::connection_lost while there is no connection. Default true: it waits for one until
  /// its deadline.
  config& wait_for_connection(bool on) { return wait_for_connection_ = on, *this; }
  /// False: servers are tried in the order given. Default true: in another one for each client.
  config& shuffle_servers(bool on) { return shuffle_servers_ = on, *this; }
  /// True: the servers that a cluster announces (connect_urls in INFO) are never dialled, only those of the URLs. Default false.
  config& ignore_discovered_servers(bool on) { return ignore_discovered_servers_ = on, *this; }
  /// The maximum number of announced servers that are kept. Default 256.
  config& max_discovered_servers(std::size_t v) { return max_discovered_servers_ = v, *this; }
  /// Upper bound of the max_payload that a server announces: larger values are refused, and messages of over twice this size end the
  /// connection. At least 1 MiB; default 64 MiB, the maximum that nats-server can be configured to.
  config& max_payload(std::size_t v) { return max_payload_ = v, *this; }
  /// Default "_INBOX". For accounts that may subscribe only below a prefix of their own. At most 128 bytes.
  config& inbox_prefix(std::string_view v) { return inbox_prefix_ = v, *this; }
  /// JetStream domain (`$JS.<domain>.API`, ADR-19): one token of at most 128 bytes. Default none.
  config& domain(std::string_view v) { return domain_ = v, *this; }
  /// The subjects of the JetStream API begin with this instead of `$JS.API`, for an account that has imported them under a name of its
  /// own ("FROM.HUB"): a subject of at most 128 bytes without wildcards; a dot at its end may be left out. Keys are written to
  /// `<prefix>.$KV.<bucket>.<key>`, as other clients do it. Not together with domain(). Default none.
  config& api_prefix(std::string_view v) { return api_prefix_ = v, *this; }
  /// Bytes that may wait for the socket; further operations are queued. At least 4096; default 8 MiB.
  config& write_buffer(std::size_t v) { return write_buffer_ = v, *this; }

  tls_settings& tls() noexcept { return tls_; }
  reconnect_settings& reconnect() noexcept { return reconnect_; }
  websocket_settings& websocket() noexcept { return websocket_; }
  observe_settings& observe() noexcept { return observe_; }

  /// In the middle of a chain: `change(group)` is called at once.
  config& tls(std::invocable<tls_settings&> auto change) { return change(tls_), *this; }
  config& reconnect(std::invocable<reconnect_settings&> auto change) { return change(reconnect_), *this; }
  config& websocket(std::invocable<websocket_settings&> auto change) { return change(websocket_), *this; }
  config& observe(std::invocable<observe_settings&> auto change) { return change(observe_), *this; }

  const tls_settings& tls() const noexcept { return tls_; }
  const reconnect_settings& reconnect() const noexcept { return reconnect_; }
  const websocket_settings& websocket() const noexcept { return websocket_; }
  const observe_settings& observe() const noexcept { return observe_; }
  /// As given to the constructor.
  const std::string& urls() const noexcept { return urls_; }
  const std::string& name() const noexcept { return name_; }
  const std::string& user() const noexcept { return user_; }
  /// See user().
  const std::string& password() const noexcept { return password_; }
  const std::string& token() const noexcept { return token_; }
  const std::string& nkey_seed_file() const noexcept { return nkey_seed_file_; }
  const std::string& nkey_seed() const noexcept { return nkey_seed_; }
  const std::string& credentials_file() const noexcept { return credentials_file_; }
  const std::string& jwt() const noexcept { return jwt_; }
  /// See jwt().
  const std::string& jwt_seed() const noexcept { return jwt_seed_; }
  /// For the library.
  const std::shared_ptr<detail::credentials_source>& credentials_source() const noexcept {
    return credentials_source_;
  }
  duration timeout() const noexcept { return timeout_; }
  duration connect_timeout() const noexcept { return connect_timeout_; }
  duration ping_interval() const noexcept { return ping_interval_; }
  int max_pings_outstanding() const noexcept { return max_pings_outstanding_; }
  bool wait_for_connection() const noexcept { return wait_for_connection_; }
  bool shuffle_servers() const noexcept { return shuffle_servers_; }
  bool ignore_discovered_servers() const noexcept { return ignore_discovered_servers_; }
  std::size_t max_discovered_servers() const noexcept { return max_discovered_servers_; }
  std::size_t max_payload() const noexcept { return max_payload_; }
  const std::string& inbox_prefix() const noexcept { return inbox_prefix_; }
  const std::string& domain() const noexcept { return domain_; }
  const std::string& api_prefix() const noexcept { return api_prefix_; }
  std::size_t write_buffer() const noexcept { return write_buffer_; }

 private:
  std::string urls_, name_, user_, password_, token_, inbox_prefix_ = "_INBOX", domain_, api_prefix_;
  std::string nkey_seed_file_, nkey_seed_, credentials_file_, jwt_, jwt_seed_;
  std::shared_ptr<detail::credentials_source> credentials_source_;
  tls_settings tls_;
  reconnect_settings reconnect_;
  websocket_settings websocket_;
  observe_settings observe_;
  duration timeout_ = std::chrono::seconds(10);
  duration connect_timeout_ = std::chrono::seconds(5);
  duration ping_interval_ = std::chrono::seconds(30);
  std::size_t write_buffer_ = 8u << 20;
  std::size_t max_discovered_servers_ = 256, max_payload_ = 64u << 20;
  int max_pings_outstanding_ = 2;
  bool wait_for_connection_ = true, shuffle_servers_ = true, ignore_discovered_servers_ = false;
};

}  // namespace kvco

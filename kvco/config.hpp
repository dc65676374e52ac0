// What owns strings: the settings of a client, of a bucket, and what the server says of both.
#pragma once

#include <cstdint>
#include <functional>
#include <kvco/options.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco {

namespace detail {
struct credentials_source;  // both in credentials.hpp
template <class Function>
struct credentials_source_of;
}  // namespace detail

// observe.hpp
struct client_event;
struct log_record;
enum class log_level : std::uint8_t;
class operation_observer;
using event_function = std::function<void(const client_event&)>;
using log_function = std::function<void(const log_record&)>;

/// How a client connects and behaves. Each setter returns *this:
/// `kvco::config("nats://127.0.0.1:4222").name("shop").timeout(5s)`. Keep that by value: `auto&&` would be a reference into what is
/// gone at the end of the line.
///
/// Values are checked by connect(), which completes with errc::invalid_argument or errc::invalid_url.
class config {
 public:
  /// @param urls  `nats://[user:password@|token@]host[:port]`, several separated by commas. Scheme and port
  ///              (4222) may be left out; an IPv6 address stands in brackets. With `tls://` the connection has TLS, or is
  ///              none; `ws://` (port 80) and `wss://` (443) are WebSockets and may have a path. A user or token in a URL counts
  ///              for that server, whatever else is set.
  explicit config(std::string_view urls = "nats://127.0.0.1:4222") : urls_(urls) {}

  config& name(std::string_view v) & { return name_ = v, *this; }  ///< shown in the server's connection list
  config& user(std::string_view user, std::string_view password) & {
    return user_ = user, password_ = password, *this;
  }
  config& token(std::string_view v) & { return token_ = v, *this; }
  /// Authentication by NKey: a file with the seed of a user ("SU..."). Each attempt to connect reads it.
  ///
  /// Of user(), token(), nkey_seed_file(), nkey_seed(), credentials_file(), jwt() and credentials(), one may be set:
  /// connect() refuses several. Prefer the files or a function: what they hold is overwritten after use, and a new
  /// one is picked up.
  config& nkey_seed_file(std::string_view path) & { return nkey_seed_file_ = path, *this; }
  config& nkey_seed(std::string_view seed) & { return nkey_seed_ = seed, *this; }  ///< the seed itself
  /// Authentication by JWT: a .creds file, with a user's JWT and seed. Each attempt to connect reads it.
  config& credentials_file(std::string_view path) & { return credentials_file_ = path, *this; }
  /// The JWT and the seed themselves. No seed: a bearer JWT, which a server takes without a signature.
  config& jwt(std::string_view jwt, std::string_view seed) & { return jwt_ = jwt, jwt_seed_ = seed, *this; }
  /// Authentication by what a function of yours gives, asked anew for each connection once the server has introduced itself:
  /// `asio::awaitable<kvco::credentials> function(kvco::credentials_request)` (credentials.hpp). It runs on the client's
  /// executor.
  ///
  /// \par Cancellation
  /// It has until the deadline of the attempt (connect_timeout). Then, and when the client is closed, it is cancelled and not
  /// waited for: one that takes no notice may still run while it is asked again. What it throws fails the attempt
  /// (errc::authentication_failed, with the exception's words).
  template <class Function>
  config& credentials(Function function) & {
    credentials_source_ = std::make_shared<detail::credentials_source_of<Function>>(std::move(function));
    return *this;
  }
  // TLS is used where a URL wants it (tls, wss), where the server demands it, and where a file or tls_first is set. A server that has
  // had TLS once never gets CONNECT without it again from this client, whatever it says then; nor do those that it announces.

  /// The authorities (PEM) that a server's certificate must come from. Default: the system's.
  config& tls_ca_file(std::string_view path) & { return tls_ca_file_ = path, *this; }
  /// The certificate (PEM, with its chain) and private key that a server asks clients for (verify: true).
  config& tls_certificate(std::string_view cert_file, std::string_view key_file) & {
    return tls_certificate_file_ = cert_file, tls_key_file_ = key_file, *this;
  }
  /// The name that a server's certificate must have. Default: the host in the URL; of servers that a cluster
  /// announces, which may be bare addresses, the host of the URL that led there, or, where they were announced over TLS, their own.
  config& tls_server_name(std::string_view v) & { return tls_server_name_ = v, *this; }
  /// True: the TLS handshake comes before INFO, as the server's `handshake_first` asks. Default false.
  config& tls_first(bool v) & { return tls_first_ = v, *this; }
  /// False: any certificate will do, and whoever is between can read and change everything. Default true.
  config& tls_verify(bool v) & { return tls_verify_ = v, *this; }
  /// Deadline of every operation that sets none of its own. Default 10 s.
  config& timeout(duration v) & { return timeout_ = v, *this; }
  /// TCP connect, INFO, CONNECT and PONG together, per attempt. Default 5 s. Of a name with several addresses each has an
  /// equal share of what is left until the TCP connection stands. The servers that a cluster has announced share it in the same
  /// way in each round over all servers; after a round that has found none they have twice the time.
  config& connect_timeout(duration v) & { return connect_timeout_ = v, *this; }
  /// A PING is sent so often. At least 10 ms; default 30 s.
  config& ping_interval(duration v) & { return ping_interval_ = v, *this; }
  /// So many PINGs in a row without an answer end the connection. At least 1; default 2.
  config& max_pings_out(int v) & { return max_pings_out_ = v, *this; }
  /// False: a lost connection closes the client. Default true: it is re-established for ever.
  config& reconnect(bool v) & { return reconnect_ = v, *this; }
  /// How long user(), token(), nkey_seed(), jwt() and what stands in URLs are shown again after servers have begun to refuse them,
  /// once they were accepted. Default 0: until every server has given the same answer twice in a row, which holds in any case. A
  /// server that cannot be reached has not refused them, and files and credentials() are asked again for ever.
  config& retry_refused_credentials(duration v) & { return retry_refused_credentials_ = v, *this; }
  /// True: connect() goes on until a server is there. Default false: it tries each server once. Either way it fails at once
  /// when a server refuses the credentials.
  config& retry_first_connect(bool v) & { return retry_first_connect_ = v, *this; }
  /// False: an operation fails at once with errc::connection_lost while there is no connection. Default true: it waits for
  /// one until its deadline.
  config& wait_for_connection(bool v) & { return wait_for_connection_ = v, *this; }
  /// The longest wait between attempts: doubles from `first` to `most`. Each wait is a random part of it (full jitter), so that
  /// many clients that have lost the same server do not come back at once. Default 50 ms, 5 s.
  config& reconnect_delay(duration first, duration most) & {
    return reconnect_first_ = first, reconnect_most_ = most, *this;
  }
  /// False: servers are tried in the order given. Default true: in another one for each client.
  config& shuffle_servers(bool v) & { return shuffle_servers_ = v, *this; }
  /// True: the servers that a cluster announces (connect_urls in INFO) are never dialled, only those of the URLs. Default false.
  config& ignore_discovered_servers(bool v) & { return ignore_discovered_servers_ = v, *this; }
  /// So many announced servers are kept at most. Default 256.
  config& max_discovered_servers(std::size_t v) & { return max_discovered_servers_ = v, *this; }
  /// What a server announces as its max_payload counts up to this: larger values are refused, and messages of over twice this size
  /// end the connection. At least 1 MiB; default 64 MiB, the most that nats-server can be configured to.
  config& max_payload(std::size_t v) & { return max_payload_ = v, *this; }
  /// True: offers permessage-deflate to servers that are dialled by ws or wss. Default false.
  config& websocket_compression(bool v) & { return websocket_compression_ = v, *this; }
  /// One more field of the WebSocket's HTTP request, e.g. for a proxy on the way: at most 8192 bytes, without control characters.
  config& websocket_header(std::string_view field, std::string_view value) & {
    return websocket_headers_.emplace_back(field, value), *this;
  }
  /// Default "_INBOX". For accounts that may subscribe only below a prefix of their own. At most 128 bytes.
  config& inbox_prefix(std::string_view v) & { return inbox_prefix_ = v, *this; }
  /// JetStream domain (`$JS.<domain>.API`, ADR-19): one token of at most 128 bytes. Default none.
  config& domain(std::string_view v) & { return domain_ = v, *this; }
  /// Bytes that wait for the socket before further operations wait in line. At least 4096; default 8 MiB.
  config& write_buffer(std::size_t v) & { return write_buffer_ = v, *this; }

  /// Is told what happens to the connection (observe.hpp). It is called on the client's thread in a turn of its own, in the order
  /// of what happened, until the last handle of the client is gone; it may use the client. What it throws leaves
  /// io_context::run().
  config& on_event(event_function v) & { return on_event_ = std::move(v), *this; }
  /// Gets each line of the log from this level on, under the same rules. Default none.
  config& log(log_level least, log_function v) & {
    return least_log_level_ = least, log_ = std::move(v), *this;
  }
  /// Hears of every operation: metrics, traces. Default none.
  config& observe(std::shared_ptr<operation_observer> v) & { return observer_ = std::move(v), *this; }

  config&& on_event(event_function v) && { return std::move(on_event(std::move(v))); }
  config&& log(log_level least, log_function v) && { return std::move(log(least, std::move(v))); }
  config&& observe(std::shared_ptr<operation_observer> v) && { return std::move(observe(std::move(v))); }
  config&& name(std::string_view v) && { return std::move(name(v)); }
  config&& user(std::string_view u, std::string_view p) && { return std::move(user(u, p)); }
  config&& token(std::string_view v) && { return std::move(token(v)); }
  config&& nkey_seed_file(std::string_view v) && { return std::move(nkey_seed_file(v)); }
  config&& nkey_seed(std::string_view v) && { return std::move(nkey_seed(v)); }
  config&& credentials_file(std::string_view v) && { return std::move(credentials_file(v)); }
  config&& jwt(std::string_view j, std::string_view s) && { return std::move(jwt(j, s)); }
  template <class Function>
  config&& credentials(Function f) && {
    return std::move(credentials(std::move(f)));
  }
  config&& tls_ca_file(std::string_view v) && { return std::move(tls_ca_file(v)); }
  config&& tls_certificate(std::string_view c, std::string_view k) && {
    return std::move(tls_certificate(c, k));
  }
  config&& tls_server_name(std::string_view v) && { return std::move(tls_server_name(v)); }
  config&& tls_first(bool v) && { return std::move(tls_first(v)); }
  config&& tls_verify(bool v) && { return std::move(tls_verify(v)); }
  config&& timeout(duration v) && { return std::move(timeout(v)); }
  config&& connect_timeout(duration v) && { return std::move(connect_timeout(v)); }
  config&& ping_interval(duration v) && { return std::move(ping_interval(v)); }
  config&& max_pings_out(int v) && { return std::move(max_pings_out(v)); }
  config&& reconnect(bool v) && { return std::move(reconnect(v)); }
  config&& retry_refused_credentials(duration v) && { return std::move(retry_refused_credentials(v)); }
  config&& retry_first_connect(bool v) && { return std::move(retry_first_connect(v)); }
  config&& wait_for_connection(bool v) && { return std::move(wait_for_connection(v)); }
  config&& reconnect_delay(duration f, duration m) && { return std::move(reconnect_delay(f, m)); }
  config&& shuffle_servers(bool v) && { return std::move(shuffle_servers(v)); }
  config&& ignore_discovered_servers(bool v) && { return std::move(ignore_discovered_servers(v)); }
  config&& max_discovered_servers(std::size_t v) && { return std::move(max_discovered_servers(v)); }
  config&& max_payload(std::size_t v) && { return std::move(max_payload(v)); }
  config&& websocket_compression(bool v) && { return std::move(websocket_compression(v)); }
  config&& websocket_header(std::string_view f, std::string_view v) && {
    return std::move(websocket_header(f, v));
  }
  config&& inbox_prefix(std::string_view v) && { return std::move(inbox_prefix(v)); }
  config&& domain(std::string_view v) && { return std::move(domain(v)); }
  config&& write_buffer(std::size_t v) && { return std::move(write_buffer(v)); }

  const std::string& urls() const noexcept { return urls_; }
  const std::string& name() const noexcept { return name_; }
  const std::string& user() const noexcept { return user_; }
  const std::string& password() const noexcept { return password_; }
  const std::string& token() const noexcept { return token_; }
  const std::string& nkey_seed_file() const noexcept { return nkey_seed_file_; }
  const std::string& nkey_seed() const noexcept { return nkey_seed_; }
  const std::string& credentials_file() const noexcept { return credentials_file_; }
  const std::string& jwt() const noexcept { return jwt_; }
  const std::string& jwt_seed() const noexcept { return jwt_seed_; }
  const std::shared_ptr<detail::credentials_source>& credentials_source() const noexcept {
    return credentials_source_;
  }
  const std::string& tls_ca_file() const noexcept { return tls_ca_file_; }
  const std::string& tls_certificate_file() const noexcept { return tls_certificate_file_; }
  const std::string& tls_key_file() const noexcept { return tls_key_file_; }
  const std::string& tls_server_name() const noexcept { return tls_server_name_; }
  bool tls_first() const noexcept { return tls_first_; }
  bool tls_verify() const noexcept { return tls_verify_; }
  duration timeout() const noexcept { return timeout_; }
  duration connect_timeout() const noexcept { return connect_timeout_; }
  duration ping_interval() const noexcept { return ping_interval_; }
  int max_pings_out() const noexcept { return max_pings_out_; }
  bool reconnect() const noexcept { return reconnect_; }
  duration retry_refused_credentials() const noexcept { return retry_refused_credentials_; }
  bool retry_first_connect() const noexcept { return retry_first_connect_; }
  bool wait_for_connection() const noexcept { return wait_for_connection_; }
  duration reconnect_first() const noexcept { return reconnect_first_; }
  duration reconnect_most() const noexcept { return reconnect_most_; }
  bool shuffle_servers() const noexcept { return shuffle_servers_; }
  bool ignore_discovered_servers() const noexcept { return ignore_discovered_servers_; }
  std::size_t max_discovered_servers() const noexcept { return max_discovered_servers_; }
  std::size_t max_payload() const noexcept { return max_payload_; }
  bool websocket_compression() const noexcept { return websocket_compression_; }
  const std::vector<std::pair<std::string, std::string>>& websocket_headers() const noexcept {
    return websocket_headers_;
  }
  const std::string& inbox_prefix() const noexcept { return inbox_prefix_; }
  const std::string& domain() const noexcept { return domain_; }
  std::size_t write_buffer() const noexcept { return write_buffer_; }
  const event_function& on_event() const noexcept { return on_event_; }
  const log_function& log() const noexcept { return log_; }
  log_level least_log_level() const noexcept { return least_log_level_; }
  const std::shared_ptr<operation_observer>& observer() const noexcept { return observer_; }

 private:
  std::string urls_, name_, user_, password_, token_, inbox_prefix_ = "_INBOX", domain_;
  std::string nkey_seed_file_, nkey_seed_, credentials_file_, jwt_, jwt_seed_;
  std::shared_ptr<detail::credentials_source> credentials_source_;
  event_function on_event_;
  log_function log_;
  std::shared_ptr<operation_observer> observer_;
  std::string tls_ca_file_, tls_certificate_file_, tls_key_file_, tls_server_name_;
  std::vector<std::pair<std::string, std::string>> websocket_headers_;
  duration timeout_ = std::chrono::seconds(10);
  duration connect_timeout_ = std::chrono::seconds(5);
  duration ping_interval_ = std::chrono::seconds(30);
  duration retry_refused_credentials_{};
  duration reconnect_first_ = std::chrono::milliseconds(50);
  duration reconnect_most_ = std::chrono::seconds(5);
  std::size_t write_buffer_ = 8u << 20;
  std::size_t max_discovered_servers_ = 256, max_payload_ = 64u << 20;
  int max_pings_out_ = 2;
  bool reconnect_ = true, retry_first_connect_ = false, wait_for_connection_ = true;
  bool shuffle_servers_ = true, ignore_discovered_servers_ = false;
  bool tls_first_ = false, tls_verify_ = true;
  bool websocket_compression_ = false;
  log_level least_log_level_{};
};

enum class storage : std::uint8_t { file, memory };

namespace detail {

/// Settings of a bucket, and which of them somebody has set.
enum class bucket_setting : unsigned {
  description = 1,
  history = 2,
  ttl = 4,
  max_value_size = 8,
  max_bytes = 16,
  storage = 32,
  replicas = 64,
  compression = 128,
  limit_marker_ttl = 256,
};
struct set_settings {
  void add(bucket_setting one) noexcept { bits |= static_cast<unsigned>(one); }
  bool has(bucket_setting one) const noexcept { return (bits & static_cast<unsigned>(one)) != 0; }
  bool empty() const noexcept { return bits == 0 && metadata.empty(); }

  unsigned bits = 0;
  std::set<std::string> metadata;  // by their keys
};

}  // namespace detail

/// The configuration of a bucket. Only the name is needed; each setter returns *this.
///
/// A setting counts as set once its setter was called, also with the default value. It matters to an update
/// (client::ensure_bucket with on_conflict::update), which changes only what is set: every other setting, and what this client does
/// not know, stays as it is in the stream. The configuration that bucket::status() returns has values, but nothing in it is set: with
/// one setter called on it an update changes that setting alone. A new bucket is made from all values, set or not.
class bucket_config {
 public:
  explicit bucket_config(std::string_view name) : name_(name) {}

  bucket_config& description(std::string_view v) & { return set(setting::description, description_, v); }
  /// Revisions kept per key, 1 to 64 (ADR-8). Default 1.
  bucket_config& history(int v) & { return set(setting::history, history_, v); }
  /// Age at which every revision expires; 0: never. How long the stream knows a Nats-Msg-Id (duplicate_window) is the server's
  /// choice, at most this; an update changes it only where it came from the old ttl, or is longer than the new one.
  bucket_config& ttl(duration v) & { return set(setting::ttl, ttl_, v); }
  /// Limit of one value with its headers in bytes; 0: the server's.
  bucket_config& max_value_size(std::int32_t v) & { return set(setting::max_value_size, max_value_size_, v); }
  /// Limit of the bucket in bytes; 0: none.
  bucket_config& max_bytes(std::int64_t v) & { return set(setting::max_bytes, max_bytes_, v); }
  bucket_config& storage(kvco::storage v) & { return set(setting::storage, storage_, v); }
  /// 1 to 5; more than 1 needs a cluster.
  bucket_config& replicas(int v) & { return set(setting::replicas, replicas_, v); }
  /// S2 compression of the stored file (server 2.10).
  bucket_config& compression(bool v) & { return set(setting::compression, compression_, v); }
  /// Lets single keys expire and leaves a marker for watchers when they do; it lives this long, >= 1 s
  /// (server 2.11, ADR-48). 0: off.
  bucket_config& limit_marker_ttl(duration v) & {
    return set(setting::limit_marker_ttl, limit_marker_ttl_, v);
  }
  /// One item of the bucket's metadata (server 2.10). An update leaves the stream's other items alone.
  bucket_config& metadata(std::string_view key, std::string_view value) & {
    set_.metadata.emplace(key);
    return metadata_.insert_or_assign(std::string(key), std::string(value)), *this;
  }

  bucket_config&& description(std::string_view v) && { return std::move(description(v)); }
  bucket_config&& history(int v) && { return std::move(history(v)); }
  bucket_config&& ttl(duration v) && { return std::move(ttl(v)); }
  bucket_config&& max_value_size(std::int32_t v) && { return std::move(max_value_size(v)); }
  bucket_config&& max_bytes(std::int64_t v) && { return std::move(max_bytes(v)); }
  bucket_config&& storage(kvco::storage v) && { return std::move(storage(v)); }
  bucket_config&& replicas(int v) && { return std::move(replicas(v)); }
  bucket_config&& compression(bool v) && { return std::move(compression(v)); }
  bucket_config&& limit_marker_ttl(duration v) && { return std::move(limit_marker_ttl(v)); }
  bucket_config&& metadata(std::string_view k, std::string_view v) && { return std::move(metadata(k, v)); }

  const std::string& name() const noexcept { return name_; }
  const std::string& description() const noexcept { return description_; }
  int history() const noexcept { return history_; }
  duration ttl() const noexcept { return ttl_; }
  std::int32_t max_value_size() const noexcept { return max_value_size_; }
  std::int64_t max_bytes() const noexcept { return max_bytes_; }
  kvco::storage storage() const noexcept { return storage_; }
  int replicas() const noexcept { return replicas_; }
  bool compression() const noexcept { return compression_; }
  duration limit_marker_ttl() const noexcept { return limit_marker_ttl_; }
  const std::map<std::string, std::string>& metadata() const noexcept { return metadata_; }

  /// For kvco itself: what is set, and to leave the values as if nothing had been.
  const detail::set_settings& set_settings() const noexcept { return set_; }
  void clear_set_settings() noexcept { set_ = {}; }

 private:
  using setting = detail::bucket_setting;

  template <class Value, class From>
  bucket_config& set(setting which, Value& to, const From& from) {
    set_.add(which);
    return to = from, *this;
  }

  std::string name_, description_;
  std::map<std::string, std::string> metadata_;
  detail::set_settings set_;
  duration ttl_{};
  duration limit_marker_ttl_{};
  std::int64_t max_bytes_ = 0;
  std::int32_t max_value_size_ = 0;
  int history_ = 1;
  int replicas_ = 1;
  kvco::storage storage_ = kvco::storage::file;
  bool compression_ = false;
};

/// What a bucket is and holds, as the server says (bucket::status()).
struct bucket_status {
  bucket_config config{""};
  std::chrono::system_clock::time_point created;
  std::uint64_t values = 0;           ///< stored revisions, deletes and history included
  std::uint64_t bytes = 0;            ///< their size in the store
  kvco::revision first_revision = 0;  ///< the oldest one kept
  kvco::revision last_revision = 0;   ///< the newest one
};

/// What the server said of itself in its last INFO.
struct server_info {
  std::string id, name, version, cluster, domain, host, client_ip;
  std::string nonce;  ///< to be signed by NKey authentication; empty where none is wanted
  std::vector<std::string> connect_urls;
  std::uint64_t max_payload = 1u << 20;  ///< limit of headers and value together, in bytes
  std::uint64_t client_id = 0;
  int proto = 0;
  int api_level = 0;  ///< JetStream API level (ADR-44); 0 before server 2.11
  std::uint16_t port = 0;
  bool headers = false;
  bool jetstream = false;
  bool auth_required = false;
  bool tls_required = false;
  bool tls_available = false;
  bool lame_duck = false;
};

}  // namespace kvco

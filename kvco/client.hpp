// A connected client: buckets, and the life of the connection.
#pragma once

#include <kvco/bucket.hpp>
#include <kvco/bucket_config.hpp>
#include <kvco/config.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/messaging/options.hpp>
#include <kvco/messaging/subscription.hpp>
#include <kvco/observe/health.hpp>
#include <kvco/server_info.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace kvco {

namespace net {
class session;
class session_owner;
}  // namespace net

namespace detail {
struct client_access;
// Asio's executor traits probe connect() by argument-dependent lookup. Asking whether `config` is an executor
// would find the overloads of connect.hpp, so it is excluded by name.
template <class T>
concept not_settings = !std::is_same_v<T, config> && !std::is_convertible_v<T, std::string_view>;

template <class T>
concept executor_like = not_settings<T> && std::is_convertible_v<T, asio::any_io_executor>;

template <class T>
concept context_like = not_settings<T> && requires(T& context) {
  context.get_executor();
};
}  // namespace detail

/// Counters since the client was created.
struct statistics {
  std::uint64_t reconnects = 0;    ///< connections after the first one
  std::uint64_t bytes_in = 0;      ///< received
  std::uint64_t bytes_out = 0;     ///< sent
  std::uint64_t messages_in = 0;   ///< received
  std::uint64_t late_replies = 0;  ///< replies that arrived after their request had ended; they were dropped
  std::uint64_t repeated_reads = 0;           ///< read requests sent again because no reply had arrived
  std::uint64_t connect_attempts = 0;         ///< to any server
  std::uint64_t failed_attempts = 0;          ///< of these
  std::uint64_t authentication_failures = 0;  ///< of these, or while connected
  std::uint64_t watches_recreated = 0;        ///< how many times a watch was set up again
  std::size_t pending_requests = 0;           ///< sent and not answered yet
  std::size_t subscriptions = 0;              ///< open now, including the one for replies
};

/// A client of one NATS server: one connection, any number of operations at once. Created by connect(), or by its constructor.
///
/// A lost connection is re-established in the background, indefinitely (config::reconnect): operations wait
/// for it until their deadline, watches resume after their last entry, and writes that were in flight end
/// with errc::outcome_unknown.
///
/// \par Lifetimes
/// A cheap handle. It keeps the connection open, as its buckets and watchers do: when the last of them is
/// destroyed the connection closes, and pending operations complete with operation_aborted. close() and
/// drain() end it for all of them: later operations complete with errc::closed, as those of an empty handle
/// do. io_context::run() returns once the client is closed and no other work is left.
///
/// \par Threads
/// A client and everything created by it are used by one thread at a time: the one that runs its io_context, or its strand. Debug
/// builds assert this.
class client {
 public:
  using executor_type = boost::asio::any_io_executor;

  client() noexcept = default;  ///< empty
  /// A client that connects in the background and retries, as with reconnect().retry_first_connect(true): operations wait for the
  /// first connection until their deadline, or fail at once (config::wait_for_connection). A service can start, and report its
  /// health(), while no server can be reached. The client ends if a server refuses the credentials, or if the settings are invalid:
  /// connected() completes with the reason.
  /// @param executor  of an io_context that one thread runs, or a strand
  /// @param settings  which servers, and how
  client(executor_type executor, config settings);
  template <detail::context_like Context>
  client(Context& context, config settings) : client(context.get_executor(), std::move(settings)) {}
  explicit client(std::shared_ptr<net::session> session);
  client(const client&) = default;
  client(client&&) noexcept = default;
  client& operator=(client) noexcept;
  ~client();

  /// False: the handle is empty.
  explicit operator bool() const noexcept { return owner_ != nullptr; }

  /// Waits for the first connection; completes in the next turn if it was established before.
  ///
  /// \par Completes with
  /// `void(error_code)`; errc::timeout (the client continues to try), or the reason why the client has ended: errc::invalid_url,
  /// invalid_argument, authentication_failed, operation_aborted if it was closed meanwhile.
  template <class Token = default_token>
  auto connected(request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_connected(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto connected(Token&& token = Token()) const {
    return connected(request_options(), std::forward<Token>(token));
  }

  /// Creates a bucket. It is no error if it exists with the same configuration.
  ///
  /// \par Completes with
  /// `void(error_code, bucket)`; errc::bucket_exists (with another configuration), invalid_bucket_name,
  /// invalid_argument, unsupported_by_server (an old server would drop a setting silently), jetstream_not_enabled.
  template <class Token = default_token>
  auto create_bucket(bucket_config config, request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_create(std::move(config), options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto create_bucket(bucket_config config, Token&& token = Token()) const {
    return create_bucket(std::move(config), request_options(), std::forward<Token>(token));
  }

  /// Opens a bucket that exists. A mirror answers reads, and writes go to its origin: see
  /// bucket_config::mirror().
  ///
  /// \par Completes with
  /// `void(error_code, bucket)`; errc::bucket_not_found, not_a_bucket, invalid_bucket_name, jetstream_not_enabled.
  template <class Token = default_token>
  auto open_bucket(std::string_view name, request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_open(name, options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto open_bucket(std::string_view name, Token&& token = Token()) const {
    return open_bucket(name, request_options(), std::forward<Token>(token));
  }

  /// Opens a bucket, or creates it if it does not exist. `.on_conflict` decides the result if it exists with
  /// another configuration: it is kept as it is (default), updated, or refused. An update changes only the
  /// settings that are set in `config`: see bucket_config.
  ///
  /// \par Completes with
  /// `void(error_code, bucket)`; the errors of create_bucket(), and errc::not_a_bucket if a stream of that
  /// name exists that is not a bucket.
  template <class Token = default_token>
  auto ensure_bucket(bucket_config config, ensure_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_ensure(std::move(config), options), std::forward<Token>(token));
  }
  template <detail::token_for<ensure_options> Token = default_token>
  auto ensure_bucket(bucket_config config, Token&& token = Token()) const {
    return ensure_bucket(std::move(config), ensure_options(), std::forward<Token>(token));
  }

  /// Changes the settings of a bucket that are set in `config`, and no others: see bucket_config.
  ///
  /// \par Completes with
  /// `void(error_code, bucket)`; errc::bucket_not_found, not_a_bucket, and the errors of create_bucket().
  template <class Token = default_token>
  auto update_bucket(bucket_config config, request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_update(std::move(config), options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto update_bucket(bucket_config config, Token&& token = Token()) const {
    return update_bucket(std::move(config), request_options(), std::forward<Token>(token));
  }

  /// The bucket of this name. The first call of a client opens it, or creates it if it does not exist; later calls return copies of
  /// the same handle, and send nothing. Calls before the first one has completed wait for it. They get its failure if they have asked
  /// for the same configuration, which is not kept; its timeout and its cancellation do not concern them. The handle is forgotten by
  /// delete_bucket(), and when an operation or a watch detects that the stream is gone.
  ///
  /// With a configuration: each setting that is set in it must have that value in the bucket, for the first call and for all others.
  ///
  /// \par Completes with
  /// `void(error_code, bucket)`; errc::bucket_exists with the names of the settings that differ, and the errors of ensure_bucket().
  template <class Token = default_token>
  auto key_value(bucket_config config, key_value_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_key_value(std::move(config), options), std::forward<Token>(token));
  }
  template <detail::token_for<key_value_options> Token = default_token>
  auto key_value(bucket_config config, Token&& token = Token()) const {
    return key_value(std::move(config), key_value_options(), std::forward<Token>(token));
  }
  template <class Token = default_token>
  auto key_value(std::string_view name, key_value_options options, Token&& token = Token()) const {
    return key_value(bucket_config(name), options, std::forward<Token>(token));
  }
  template <detail::token_for<key_value_options> Token = default_token>
  auto key_value(std::string_view name, Token&& token = Token()) const {
    return key_value(bucket_config(name), key_value_options(), std::forward<Token>(token));
  }

  /// Deletes a bucket with all its content. A server handles requests about buckets concurrently: await this
  /// one before you create the same bucket again.
  ///
  /// \par Completes with
  /// `void(error_code)`; errc::bucket_not_found; errc::not_a_bucket if the stream of that name is not a
  /// bucket: it is left unchanged.
  template <class Token = default_token>
  auto delete_bucket(std::string_view name, request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_delete(name, options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto delete_bucket(std::string_view name, Token&& token = Token()) const {
    return delete_bucket(name, request_options(), std::forward<Token>(token));
  }

  /// Removes all revisions that a bucket has, tombstones included, and keeps the bucket. Revisions that are stored meanwhile stay, and
  /// continue the numbers. Watches receive nothing, and go on: to notify them, erase() the keys.
  ///
  /// \par Completes with
  /// `void(error_code, std::uint64_t)`: the number of revisions removed; errc::bucket_not_found, not_a_bucket, read_only (a mirror),
  /// outcome_unknown.
  template <class Token = default_token>
  auto purge_bucket(std::string_view name, request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_purge(name, options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto purge_bucket(std::string_view name, Token&& token = Token()) const {
    return purge_bucket(name, request_options(), std::forward<Token>(token));
  }

  /// The names of all buckets, sorted: of the streams that open_bucket() accepts. Requests the configurations
  /// of the streams (STREAM.LIST); for a user without that permission, their names and subjects
  /// (STREAM.NAMES), which may include streams that are not buckets.
  ///
  /// \par Completes with
  /// `void(error_code, std::vector<std::string>)`.
  template <class Token = default_token>
  auto bucket_names(request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_names(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto bucket_names(Token&& token = Token()) const {
    return bucket_names(request_options(), std::forward<Token>(token));
  }

  /// Waits until the server has read everything that was written before (a PING and its PONG).
  ///
  /// \par Completes with
  /// `void(error_code)`; errc::timeout, errc::connection_lost (now, or while it waited).
  template <class Token = default_token>
  auto flush(request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_flush(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto flush(Token&& token = Token()) const {
    return flush(request_options(), std::forward<Token>(token));
  }

  /// Measures the round trip of a PING.
  ///
  /// \par Completes with
  /// `void(error_code, duration)`; as flush().
  template <class Token = default_token>
  auto rtt(request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_rtt(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto rtt(Token&& token = Token()) const {
    return rtt(request_options(), std::forward<Token>(token));
  }

  /// Closes the client gracefully: accepts no new operations, waits until the server has read everything written
  /// before, then closes the connection. Operations still pending then complete with operation_aborted.
  /// Closing twice is not an error.
  ///
  /// \par Cancellation
  /// Cancels only the flush: the client is then closed immediately.
  ///
  /// \par Completes with
  /// `void(error_code)`, once the connection is closed; errc::timeout or connection_lost if the flush failed
  /// (the client is closed all the same).
  template <class Token = default_token>
  auto close(request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_close(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto close(Token&& token = Token()) const {
    return close(request_options(), std::forward<Token>(token));
  }

  /// Ends the client without aborting operations: accepts no new ones, waits until the pending ones are
  /// answered, then continues like close(). An operation of several steps (create_bucket, keys) whose next
  /// step is refused ends with errc::closed.
  ///
  /// \par Cancellation
  /// As if the deadline had passed: the client is closed immediately, and pending operations complete with
  /// operation_aborted. close() during a drain() has the same effect, after its flush.
  ///
  /// \par Completes with
  /// `void(error_code)`, once the connection is closed; errc::timeout if operations were still pending at the
  /// deadline (they complete with operation_aborted, and error_detail() states their number); otherwise as
  /// close().
  template <class Token = default_token>
  auto drain(request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_drain(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto drain(Token&& token = Token()) const {
    return drain(request_options(), std::forward<Token>(token));
  }

  /// Publishes a message (core NATS): completes when it is written, or with `.confirm` when the server has read it. A subscriber
  /// receives it at most once. While the client is disconnected, 256 KiB wait for the socket, or the server has not read the last 65 536
  /// messages, it waits until its deadline. Otherwise `co_await` of the form without a token does not suspend.
  ///
  /// \par Completes with
  /// `void(error_code)`; errc::invalid_subject, invalid_argument (a header field), value_too_large, timeout (nothing was sent); with
  /// `.confirm` also permission_denied and outcome_unknown. Without it the server's refusal is only logged (config::observe()).
  boost::asio::awaitable<void> publish(std::string_view subject, std::string_view payload,
                                       publish_options options = {}) const;
  template <class Token>
  auto publish(std::string_view subject, std::string_view payload, publish_options options,
               Token&& token) const {
    return detail::initiate(prepare_publish(subject, payload, options), std::forward<Token>(token));
  }

  /// Sends a request and waits for one reply (core NATS).
  ///
  /// \par Completes with
  /// `void(error_code, message)`; errc::unavailable (the subject has no subscriber), outcome_unknown (no reply until the deadline, or
  /// a lost connection; with retry::idempotent errc::timeout), and the errors of publish().
  template <class Token = default_token>
  auto request(std::string_view subject, std::string_view payload, message_request_options options,
               Token&& token = Token()) const {
    return detail::initiate(prepare_request(subject, payload, options), std::forward<Token>(token));
  }
  template <detail::token_for<message_request_options> Token = default_token>
  auto request(std::string_view subject, std::string_view payload, Token&& token = Token()) const {
    return request(subject, payload, message_request_options(), std::forward<Token>(token));
  }
  /// Sends a request and returns all replies, one by one; `options` defines when they are complete. The subscription ends with
  /// errc::unavailable if the subject has no subscriber, and with connection_lost if there is no connection, or it is lost.
  subscription request_many(std::string_view subject, std::string_view payload,
                            gather_options options = {}) const;

  /// Subscribes to a subject or a wildcard (core NATS). A refusal is the error of next().
  subscription subscribe(std::string_view subject, subscribe_options options = {}) const;

  /// Sends a request of the JetStream API for which kvco has no function: `subject` without its prefix ("STREAM.INFO.KV_ORDERS"). It
  /// is sent again while no server can answer it (503), and in no other case.
  ///
  /// \par Completes with
  /// `void(error_code, std::string)`: the payload of the reply; an error in it as a code of jetstream_category().
  template <class Token = default_token>
  auto jetstream_request(std::string_view subject, std::string_view payload, request_options options,
                         Token&& token = Token()) const {
    return detail::initiate(prepare_jetstream_request(subject, payload, options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto jetstream_request(std::string_view subject, std::string_view payload, Token&& token = Token()) const {
    return jetstream_request(subject, payload, request_options(), std::forward<Token>(token));
  }

  /// The server's last INFO; default values before the first. The reference is valid until the next turn of the reactor.
  const kvco::server_info& server_info() const;
  /// Whether there is a connection now.
  bool is_connected() const noexcept;
  /// The counters.
  kvco::statistics statistics() const;
  /// The current state of the client: connection, queues, watches, the last error.
  client_health health() const;
  /// Empty if the handle is empty.
  executor_type get_executor() const noexcept;

 private:
  detail::operation_ptr<bucket> prepare_create(bucket_config config, const request_options& options) const;
  detail::operation_ptr<bucket> prepare_open(std::string_view name, const request_options& options) const;
  detail::operation_ptr<bucket> prepare_ensure(bucket_config config, const ensure_options& options) const;
  detail::operation_ptr<bucket> prepare_update(bucket_config config, const request_options& options) const;
  detail::operation_ptr<bucket> prepare_key_value(bucket_config config,
                                                  const key_value_options& options) const;
  detail::operation_ptr<std::uint64_t> prepare_purge(std::string_view name,
                                                     const request_options& options) const;
  detail::operation_ptr<> prepare_delete(std::string_view name, const request_options& options) const;
  detail::operation_ptr<std::vector<std::string>> prepare_names(const request_options& options) const;
  detail::operation_ptr<> prepare_flush(const request_options& options) const;
  detail::operation_ptr<duration> prepare_rtt(const request_options& options) const;
  detail::operation_ptr<> prepare_close(const request_options& options) const;
  detail::operation_ptr<> prepare_drain(const request_options& options) const;
  detail::operation_ptr<> prepare_connected(const request_options& options) const;
  detail::operation_ptr<> prepare_publish(std::string_view subject, std::string_view payload,
                                          const publish_options& options) const;
  detail::operation_ptr<message> prepare_request(std::string_view subject, std::string_view payload,
                                                 const message_request_options& options) const;
  detail::operation_ptr<std::string> prepare_jetstream_request(std::string_view subject,
                                                               std::string_view payload,
                                                               const request_options& options) const;
  friend struct detail::client_access;
  // nullptr: the handle is empty.
  std::shared_ptr<net::session> session() const;

  std::shared_ptr<net::session_owner> owner_;
};

}  // namespace kvco

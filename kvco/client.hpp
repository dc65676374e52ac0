// A connected client: buckets, and the life of the connection.
#pragma once

#include <kvco/bucket.hpp>
#include <kvco/config.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/observe.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kvco {

namespace net {
class session;
}

/// Counters since the client was made.
struct statistics {
  std::uint64_t reconnects = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t late_replies = 0;    ///< replies that nobody waited for any more; they were dropped
  std::uint64_t repeated_reads = 0;  ///< requests of reads that were sent again, because nobody answered
  std::uint64_t connect_attempts = 0;
  std::uint64_t failed_attempts = 0;          ///< of these
  std::uint64_t authentication_failures = 0;  ///< of these, or while connected
  std::uint64_t watches_recreated = 0;        ///< so often a watch was set up again
  std::size_t pending_requests = 0;           ///< sent and not answered yet
  std::size_t subscriptions = 0;              ///< open now, the one for replies included
};

/// A client of one NATS server: one connection, one thread, any number of operations at once. Made by connect().
///
/// A lost connection is re-established in the background, for ever (config::reconnect): operations wait for it until their
/// deadline, watches go on behind their last entry, and writes that were on their way end with errc::outcome_unknown.
///
/// \par Lifetimes
/// A cheap handle. When the last copy is destroyed the connection ends: pending operations and watches complete with
/// operation_aborted, later ones with errc::closed. close() is the way that flushes first. io_context::run() returns
/// once the client is closed and nothing else is left. Buckets and watchers may outlive it.
///
/// \par Threads
/// A client and everything made by it belong to the thread that runs its executor; debug builds assert it.
class client {
 public:
  client() noexcept = default;  ///< empty: using it throws errc::closed
  explicit client(std::shared_ptr<net::session> session);

  /// Creates a bucket. Doing it again with the same configuration is no error.
  ///
  /// \par Completes with
  /// `void(error_code, bucket)`; errc::bucket_exists (with another configuration), invalid_bucket_name,
  /// invalid_argument, unsupported_by_server (an old server would drop a setting silently), jetstream_not_enabled.
  template <class Token = default_token>
  auto create_bucket(bucket_config config, request_options options, Token&& token = Token()) {
    return detail::initiate(prepare_create(std::move(config), options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto create_bucket(bucket_config config, Token&& token = Token()) {
    return create_bucket(std::move(config), request_options(), std::forward<Token>(token));
  }

  /// Opens a bucket that exists. A mirror of one is refused: mirrors are not served yet.
  ///
  /// \par Completes with
  /// `void(error_code, bucket)`; errc::bucket_not_found, not_a_bucket, invalid_bucket_name, jetstream_not_enabled.
  template <class Token = default_token>
  auto open_bucket(std::string_view name, request_options options, Token&& token = Token()) {
    return detail::initiate(prepare_open(name, options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto open_bucket(std::string_view name, Token&& token = Token()) {
    return open_bucket(name, request_options(), std::forward<Token>(token));
  }

  /// Opens a bucket, or creates it if there is none. `.on_conflict` says what happens when there is one with another
  /// configuration: it is kept as it is (default), updated, or refused. An update changes what is set in `config`, and no more: see
  /// bucket_config.
  ///
  /// \par Completes with
  /// `void(error_code, bucket)`; the errors of create_bucket(), and errc::not_a_bucket where a stream of that name is none.
  template <class Token = default_token>
  auto ensure_bucket(bucket_config config, ensure_options options, Token&& token = Token()) {
    return detail::initiate(prepare_ensure(std::move(config), options), std::forward<Token>(token));
  }
  template <detail::token_for<ensure_options> Token = default_token>
  auto ensure_bucket(bucket_config config, Token&& token = Token()) {
    return ensure_bucket(std::move(config), ensure_options(), std::forward<Token>(token));
  }

  /// Deletes a bucket with all it holds. A server carries out requests about buckets side by side: await this one before the
  /// same bucket is created again.
  ///
  /// \par Completes with
  /// `void(error_code)`; errc::bucket_not_found; errc::not_a_bucket where a stream of that name is none: it is left as it is.
  template <class Token = default_token>
  auto delete_bucket(std::string_view name, request_options options, Token&& token = Token()) {
    return detail::initiate(prepare_delete(name, options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto delete_bucket(std::string_view name, Token&& token = Token()) {
    return delete_bucket(name, request_options(), std::forward<Token>(token));
  }

  /// The names of all buckets, sorted: of the streams that open_bucket() takes. Asks for their configurations; for a user who may not
  /// (STREAM.LIST), by the names and subjects of streams (STREAM.NAMES), which do not tell all.
  ///
  /// \par Completes with
  /// `void(error_code, std::vector<std::string>)`.
  template <class Token = default_token>
  auto bucket_names(request_options options, Token&& token = Token()) {
    return detail::initiate(prepare_names(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto bucket_names(Token&& token = Token()) {
    return bucket_names(request_options(), std::forward<Token>(token));
  }

  /// Waits until the server has read everything that was written before (a PING and its PONG).
  ///
  /// \par Completes with
  /// `void(error_code)`; errc::timeout, errc::connection_lost (now, or while it waited).
  template <class Token = default_token>
  auto flush(request_options options, Token&& token = Token()) {
    return detail::initiate(prepare_flush(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto flush(Token&& token = Token()) {
    return flush(request_options(), std::forward<Token>(token));
  }

  /// Measures the round trip of a PING.
  ///
  /// \par Completes with
  /// `void(error_code, duration)`; as flush().
  template <class Token = default_token>
  auto rtt(request_options options, Token&& token = Token()) {
    return detail::initiate(prepare_rtt(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto rtt(Token&& token = Token()) {
    return rtt(request_options(), std::forward<Token>(token));
  }

  /// Ends the client in order: takes no new operations, waits until the server has read what was written, then closes the
  /// connection. What is pending then completes with operation_aborted. Closing twice is no error.
  ///
  /// \par Cancellation
  /// Ends the flush, not the end: the client is closed at once.
  ///
  /// \par Completes with
  /// `void(error_code)`: once the connection is closed; errc::timeout or connection_lost if the flush did not succeed (it is
  /// closed all the same).
  template <class Token = default_token>
  auto close(request_options options, Token&& token = Token()) {
    return detail::initiate(prepare_close(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto close(Token&& token = Token()) {
    return close(request_options(), std::forward<Token>(token));
  }

  /// Ends the client without giving anything up: takes no new operations, waits until those that are pending are answered,
  /// then goes on like close(). An operation of several steps (create_bucket, keys) whose next step is refused ends with
  /// errc::closed.
  ///
  /// \par Cancellation
  /// As if the deadline had passed: the client is closed at once, and what is pending completes with operation_aborted. close()
  /// during a drain() does that, too, after its flush.
  ///
  /// \par Completes with
  /// `void(error_code)`: once the connection is closed; errc::timeout if operations were still pending at the deadline (they
  /// complete with operation_aborted, and error_detail() tells how many), and as close().
  template <class Token = default_token>
  auto drain(request_options options, Token&& token = Token()) {
    return detail::initiate(prepare_drain(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto drain(Token&& token = Token()) {
    return drain(request_options(), std::forward<Token>(token));
  }

  /// What the server said of itself. The reference lasts until the next turn of the reactor.
  const kvco::server_info& server_info() const;
  bool is_connected() const noexcept;
  kvco::statistics statistics() const;
  /// How the client is now: connection, queues, watches, the last error.
  client_health health() const;
  boost::asio::any_io_executor get_executor() const;

 private:
  struct owner;

  detail::operation_ptr<bucket> prepare_create(bucket_config config, const request_options& options);
  detail::operation_ptr<bucket> prepare_open(std::string_view name, const request_options& options);
  detail::operation_ptr<bucket> prepare_ensure(bucket_config config, const ensure_options& options);
  detail::operation_ptr<> prepare_delete(std::string_view name, const request_options& options);
  detail::operation_ptr<std::vector<std::string>> prepare_names(const request_options& options);
  detail::operation_ptr<> prepare_flush(const request_options& options);
  detail::operation_ptr<duration> prepare_rtt(const request_options& options);
  detail::operation_ptr<> prepare_close(const request_options& options);
  detail::operation_ptr<> prepare_drain(const request_options& options);
  const std::shared_ptr<net::session>& session() const;

  std::shared_ptr<owner> owner_;
};

}  // namespace kvco

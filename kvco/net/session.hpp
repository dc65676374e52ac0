// A client's session: owns the connection, and is the facade for the operations on it.
#pragma once

#include <kvco/config.hpp>
#include <kvco/core/budget.hpp>
#include <kvco/core/dispatcher.hpp>
#include <kvco/core/entrance.hpp>
#include <kvco/core/request_queue.hpp>
#include <kvco/jetstream/subjects.hpp>
#include <kvco/net/broadcast.hpp>
#include <kvco/net/connection.hpp>
#include <kvco/net/connector.hpp>
#include <kvco/net/environment.hpp>
#include <kvco/net/journal.hpp>
#include <kvco/net/ready_queue.hpp>
#include <kvco/net/session_member.hpp>
#include <kvco/net/timer.hpp>
#include <kvco/net/unique_names.hpp>
#include <kvco/observe/health.hpp>
#include <kvco/observe/operations.hpp>
#include <kvco/server_info.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kvco::net {

class session_owner;

/// State that the layer above attaches to a session.
class session_extension {
 public:
  virtual ~session_extension() = default;
};

/// Owns the connection and everything that waits for it. Shared by its coroutines, its buckets and the handles.
/// Used on one executor, never by two threads at the same time.
class session final : public std::enable_shared_from_this<session>, private core::request_host {
 public:
  static std::shared_ptr<session> create(const asio::any_io_executor& executor, config settings,
                                         std::unique_ptr<environment> world);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session();

  const asio::any_io_executor& executor() const noexcept { return executor_; }
  const config& settings() const noexcept { return settings_; }
  /// nullptr: the reactor was destroyed.
  environment* world() noexcept { return world_.get(); }
  /// Checked by calls from outside the session's own work.
  const core::entrance& entrance() const noexcept { return entrance_; }
  const jetstream::api_subjects& api() const noexcept { return api_; }
  const core::inbox& inbox() const noexcept { return requests_.inbox(); }
  core::request_queue& requests() noexcept { return requests_; }
  const core::dispatcher& subscriptions() const noexcept { return subscriptions_; }
  net::journal& journal() noexcept { return journal_; }
  net::connector& connector() noexcept { return connector_; }
  ready_queue& turns() noexcept { return turns_; }
  /// nullptr: operations are not observed.
  operation_observer* observer() const noexcept { return settings_.observe().operations().get(); }
  /// The budget for the replies in flight to operations on many keys. The server closes a connection for which more than 64 MB
  /// (max_pending) are queued; watches and single reads need their share of that, too.
  core::budget& replies() noexcept { return replies_; }

  // The server.
  /// The last INFO; default values before the first.
  const server_info& info() const noexcept { return server_.info; }
  bool at_least(int major, int minor) const noexcept { return server_.version >= std::pair(major, minor); }
  /// Server 2.10 and later.
  bool knows_filter_lists() const noexcept { return at_least(2, 10); }
  /// The API is that of the connected servers, and not of a domain or an import.
  bool is_own_api() const noexcept { return api_.write_prefix().empty(); }
  /// The servers that store the streams have the version of the connected one. Not so for a leaf node, whose hub stores them.
  bool is_version_of_jetstream() const noexcept { return info().jetstream && is_own_api(); }
  /// Records that a request of the JetStream API was answered on this connection.
  void note_jetstream() noexcept { server_.jetstream_answered_in = counters().reconnects; }
  bool has_seen_jetstream() const noexcept { return server_.jetstream_answered_in == counters().reconnects; }

  // Time and names.
  core::time_point now() const override { return world_->now(); }
  /// The start time of an operation with this timeout: now, or, if some milliseconds make no difference, the next tick (cheaper).
  core::time_point start_time(duration timeout) const {
    return timeout < std::chrono::seconds(1) ? now() : world_->next_tick();
  }
  /// When the input that is being handled was read.
  core::time_point read_time() const noexcept { return read_time_; }
  void set_deadline(core::timed& item, core::time_point at) noexcept override;
  void clear_deadline(core::timed& item) noexcept override { timer_.remove(item); }
  std::uint64_t random() { return world_->random(); }
  std::string unique_name() { return unique_names::make(*world_); }
  /// A unique Nats-Msg-Id.
  std::string message_id() { return names_.message_id(); }

  // The life of the client.
  /// Starts connecting; opened() is set when the first handshake is over, or when it failed (see code()).
  void open(std::vector<core::server_url> servers);
  /// The settings are invalid: the session is closed from the beginning.
  void refuse(const error_code& code, std::string words);
  signal& opened() noexcept { return life_.opened; }
  signal& finished() noexcept { return life_.finished; }
  /// Set while closing, once no request waits or is in flight.
  signal& idle() noexcept { return life_.idle; }
  /// Notified when a connection is established.
  broadcast& connection_established() noexcept { return life_.connection_established; }
  /// The number of connections so far.
  std::uint64_t connections() const noexcept { return was_connected() ? counters().reconnects + 1 : 0; }
  /// Leaves the server for the next one, or ends the pause before the next attempt.
  void reconnect();
  bool ready() const noexcept { return conn_ && conn_->ready(); }
  bool was_connected() const noexcept { return journal_.was_connected(); }
  bool closing() const noexcept { return life_.phase >= phase::closing; }
  bool terminated() const noexcept { return life_.phase >= phase::terminated; }
  bool abandoned() const noexcept { return life_.phase == phase::abandoned; }
  /// Why there is no connection, or why it has ended.
  const error_code& code() const noexcept { return journal_.code(); }
  const std::string& detail() const noexcept { return journal_.detail(); }
  const session_counters& counters() const noexcept { return journal_.counters; }
  std::size_t pending() const noexcept { return requests_.pending(); }
  client_health health() const;
  /// The owner that the handles share (session_owner.hpp).
  const std::weak_ptr<session_owner>& owner() const noexcept { return owner_; }
  void set_owner(std::weak_ptr<session_owner> handles) noexcept { owner_ = std::move(handles); }
  /// New operations are refused from now on.
  void begin_close();
  /// Members complete the work that they have begun, see session_member::drain().
  void drain_members() {
    members_.each([](session_member& who) { who.drain(); });
  }
  /// Ends everything: waiting operations complete with operation_aborted, queued output is still written.
  void terminate();
  /// Frees waiting operations without completing them.
  void abandon() noexcept;
  /// The reactor is being destroyed; its executor must not be used any more.
  void detach() noexcept;

  // Operations of the members on the connection.
  void add(session_member& who) noexcept;
  void remove(session_member& who) noexcept;
  /// @param queue  the queue group; empty: none
  std::uint64_t subscribe(core::subscriber& target, std::string_view subject,
                          std::string_view queue = {}) noexcept;
  void unsubscribe(std::uint64_t sid) noexcept;
  /// The server sends at most this number of messages for the subscription; 0: no more. Messages already sent still arrive.
  void limit(std::uint64_t sid, std::uint64_t messages) noexcept;
  /// Publishes a message that needs no answer, if the connection has room for it. False: it was not written.
  bool publish(const core::frame& message) noexcept;
  /// See core::line::publish().
  void publish(std::string_view subject, std::uint64_t of) noexcept;
  /// Sends a PING on a connection that is ready; if the connection is lost, `who` is not called.
  void send_ping(core::ping_waiter& who) noexcept;
  void cancel_ping(core::ping_waiter& who) noexcept;
  /// The task has ended: it runs, and notifies the user, in a later turn.
  void ready(core::ready_task& done) noexcept override;
  /// Created by the first call; each call must use the same type.
  template <class T>
  T& extension() {
    if (!extension_) extension_ = std::make_unique<T>(*this);
    return static_cast<T&>(*extension_);
  }

  // Reported by the connector and the connection.
  void set_connection(std::shared_ptr<connection> conn) noexcept { conn_ = std::move(conn); }
  bool is_current(const connection& conn) const noexcept { return conn_.get() == &conn; }
  void begin_read() { read_time_ = now(); }
  void on_message(const wire::event& message) {
    ++journal_.counters.messages_in;
    subscriptions_.dispatch(message);
  }
  void on_error_line(const core::error_line& line, const std::string& words);
  void on_info(connection& conn);
  void on_connected();
  void on_lost();
  void on_end();
  void end_turn();
  void send_waiting() { requests_.send_waiting(); }
  void has_output() noexcept override;
  void leave_if_idle();

 private:
  enum class phase : std::uint8_t { open, closing, terminated, done, abandoned };
  struct life {
    explicit life(const asio::any_io_executor& executor)
        : opened(executor), finished(executor), idle(executor) {}
    signal opened, finished, idle;
    broadcast connection_established;
    session::phase phase = session::phase::open;
  };
  struct known_server {
    server_info info;
    std::pair<int, int> version{};                     // major and minor
    std::uint64_t jetstream_answered_in = UINT64_MAX;  // a number of session_counters::reconnects
  };

  session(const asio::any_io_executor& executor, config settings, std::unique_ptr<environment> world);
  void enter(phase next) noexcept;
  asio::awaitable<void> keep_time(std::shared_ptr<session> self);
  void on_full() override;
  const std::string& why_disconnected() const noexcept override { return detail(); }

  asio::any_io_executor executor_;
  core::entrance entrance_;
  config settings_;
  std::unique_ptr<environment> world_;
  jetstream::api_subjects api_;
  unique_names names_;
  timer timer_;
  core::dispatcher subscriptions_;
  core::request_queue requests_;
  ready_queue turns_{*this};
  session_members members_;
  core::budget replies_{32u << 20};
  net::connector connector_;
  std::shared_ptr<connection> conn_;  // nullptr: not connected
  net::journal journal_;
  known_server server_;
  core::time_point read_time_{};
  std::weak_ptr<session_owner> owner_;
  std::unique_ptr<session_extension> extension_;
  life life_;
};

}  // namespace kvco::net

// The reactor's side of a client: a reader, a writer and a timer coroutine that obey what core decides.
#pragma once

#include <boost/intrusive/list.hpp>
#include <kvco/config.hpp>
#include <kvco/core/backoff.hpp>
#include <kvco/core/budget.hpp>
#include <kvco/core/dispatcher.hpp>
#include <kvco/core/inbox.hpp>
#include <kvco/core/login_record.hpp>
#include <kvco/core/server_pool.hpp>
#include <kvco/core/sweep_time.hpp>
#include <kvco/jetstream/subjects.hpp>
#include <kvco/net/bell.hpp>
#include <kvco/net/connection.hpp>
#include <kvco/net/entrance.hpp>
#include <kvco/net/environment.hpp>
#include <kvco/net/request.hpp>
#include <kvco/net/session_member.hpp>
#include <kvco/net/telemetry.hpp>
#include <kvco/observe/health.hpp>
#include <kvco/observe/operations.hpp>
#include <kvco/server_info.hpp>
#include <memory>
#include <string>
#include <vector>

namespace kvco::net {

class connection_clock;
class reactor_service;
class session_owner;

/// What the layer above keeps with a session.
class session_extension {
 public:
  virtual ~session_extension() = default;
};

/// Counters since the client was made.
struct session_counters {
  std::uint64_t reconnects = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t repeated_reads = 0;
  std::uint64_t attempts = 0, failed_attempts = 0;  // to connect
  std::uint64_t authentication_failures = 0;
  std::uint64_t watches_recreated = 0;
};

/// Owns the connection and everything that waits for it. Shared by its coroutines, its buckets and the handles.
/// All of it happens on one executor, never on two threads at the same time.
class session final : public std::enable_shared_from_this<session>, private core::subscriber {
 public:
  static std::shared_ptr<session> create(const asio::any_io_executor& executor, config settings,
                                         std::unique_ptr<environment> world);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session();

  const asio::any_io_executor& executor() const noexcept { return executor_; }
  const config& settings() const noexcept { return settings_; }
  /// Who calls from outside the session's own work checks it.
  const net::entrance& entrance() const noexcept { return entrance_; }
  const jetstream::api_subjects& api() const noexcept { return api_; }
  const core::inbox& inbox() const noexcept { return inbox_; }
  const core::dispatcher& subscriptions() const noexcept { return dispatcher_; }
  /// The last INFO; default values before the first.
  const server_info& info() const noexcept { return info_; }
  const session_counters& counters() const noexcept { return counters_; }
  bool ready() const noexcept { return conn_ && conn_->link.ready() && !conn_->closed; }
  bool closing() const noexcept { return closing_; }
  bool terminated() const noexcept { return terminated_; }
  bool abandoned() const noexcept { return abandoned_; }
  /// Server 2.10 and later.
  bool knows_filter_lists() const noexcept { return at_least(2, 10); }
  bool at_least(int major, int minor) const noexcept;
  /// The version of the server that we are connected to is that of those that store. Not of a leaf node, whose hub does.
  bool is_version_of_jetstream() const noexcept { return info_.jetstream && settings_.domain().empty(); }
  core::time_point now() const { return world_->now(); }
  /// When an operation with this timeout begins: now, or where they make no difference some milliseconds later.
  core::time_point start_time(duration timeout) const {
    return timeout < std::chrono::seconds(1) ? now() : world_->next_tick();
  }
  /// When the bytes came that are being handled now.
  core::time_point read_time() const noexcept { return read_time_; }
  std::uint64_t random() { return world_->random(); }
  /// A name that nobody else has, of [A-Za-z0-9].
  std::string unique_name();
  /// A Nats-Msg-Id that nobody else has.
  std::string message_id();

  // The life of the client.
  /// Starts connecting; opened() is set when the first handshake is over, or when it failed (see code()).
  void open(std::vector<core::server_url> servers);
  signal& opened() noexcept { return opened_; }
  /// The settings do not allow to open it: it is closed from the beginning.
  void refuse(const error_code& code, std::string words);
  /// Rung with the first connection.
  bell& first_connection() noexcept { return first_connection_; }
  bool was_connected() const noexcept { return connected_once_; }
  /// It has ended by itself: see code().
  bool gave_up() const noexcept { return hopeless_; }
  signal& finished() noexcept { return finished_; }
  /// Set while closing, once nothing waits or is in flight.
  signal& idle() noexcept { return idle_; }
  std::size_t pending() const noexcept { return inbox_.size() + waiting_.size(); }
  std::size_t waiting() const noexcept { return waiting_.size(); }
  client_health health() const;
  /// nullptr: nobody watches operations.
  operation_observer* observer() const noexcept { return observer_; }
  /// What the handles share (session_owner.hpp).
  const std::weak_ptr<session_owner>& owner() const noexcept { return owner_; }
  void set_owner(std::weak_ptr<session_owner> handles) noexcept { owner_ = std::move(handles); }
  /// The last handle is gone: nobody is told anything any more.
  void mute() noexcept;
  const error_code& code() const noexcept { return code_; }
  const std::string& detail() const noexcept { return detail_; }
  /// No new operations from now on.
  void begin_close();
  /// Ends everything: what waits completes with operation_aborted, what is queued for the socket is still written.
  void terminate();
  /// Frees everything that waits without calling it.
  void abandon() noexcept;
  /// The reactor goes away (its executor may not be touched any more).
  void detach() noexcept;

  // Requests.
  void submit(request& what, core::time_point deadline) noexcept;
  void withdraw(request& what) noexcept;
  void finish(request& what) noexcept;
  void finish(request& what, error_code code, std::string detail) noexcept;
  void expire(request& what) noexcept;
  /// A read has no answer yet. Requests and replies get lost inside a cluster, above all while leaders change; what is slow is
  /// not lost. So the server is asked by a PING whether it lives and has read the request; where its PONG overtakes the reply,
  /// the request is sent again, by the same reply subject: whichever answer comes first counts.
  void on_silence(request& what, core::time_point now) noexcept;
  /// Queues something that is done; the user hears of it in a later turn.
  void ready(ready_task& done) noexcept;
  /// One PING of a connection that is ready; it is forgotten with that.
  void ask(core::ping_waiter& who) noexcept;
  void take_back(core::ping_waiter& who) noexcept;

  // Time.
  void set_deadline(core::timed& item, core::time_point at) noexcept;
  void clear_deadline(core::timed& item) noexcept { deadlines_.remove(item); }

  /// What operations of many replies may make the server send at once. The server closes a connection that has
  /// more than 64 MB (max_pending) waiting for it; watches and single reads need their part of that as well.
  core::budget& replies() noexcept { return replies_; }

  // Watches.
  void add(session_member& who) noexcept;
  void remove(session_member& who) noexcept;
  std::uint64_t subscribe(core::subscriber& target, std::string_view subject) noexcept;
  void unsubscribe(std::uint64_t sid) noexcept;
  /// An empty message that nobody answers.
  /// @param of  the subscription whose owner hears of it when the server refuses the message; 0: nobody
  void publish(std::string_view subject, std::uint64_t of) noexcept;
  void on_watch_recreated(std::string_view stream);
  /// Made when it is asked for first; the same type each time.
  template <class T>
  T& extension() {
    if (!extension_) extension_ = std::make_unique<T>(*this);
    return static_cast<T&>(*extension_);
  }

  // JetStream.
  /// A server has answered a request of its API on this connection.
  void note_jetstream() noexcept { jetstream_answered_in_ = counters_.reconnects; }
  bool has_seen_jetstream() const noexcept { return jetstream_answered_in_ == counters_.reconnects; }

 private:
  session(const asio::any_io_executor& executor, config settings, std::unique_ptr<environment> world);

  // session_connection.cpp
  asio::awaitable<void> run(std::shared_ptr<session> self);
  asio::awaitable<bool> sweep();
  asio::awaitable<bool> converse(core::server_url server);
  asio::awaitable<environment::connected> dial(core::server_url server);
  asio::awaitable<void> read(std::shared_ptr<connection> conn);
  asio::awaitable<void> talk(std::shared_ptr<connection> conn);
  asio::awaitable<void> write(std::shared_ptr<session> self, std::shared_ptr<connection> conn);
  asio::awaitable<void> keep_time(std::shared_ptr<session> self);
  asio::awaitable<void> pause();
  bool parse(connection& conn);
  bool dispatch(connection& conn, const wire::event& event);
  void handle(connection& conn, const wire::event& event);
  void on_ready();
  void on_lost();
  void on_link_event(connection& conn, error_code code);
  void on_clock(core::time_point now);
  void note_failed_login(const connection& conn);
  void note_failure(const std::string& server, bool was_ready);
  void note_attempt(const std::string& server);
  void note_slow();
  void tell(event_kind kind, std::string server, bool with_reason = true);
  void leave_lame_duck(connection& conn);
  void leave_if_idle();

  // session_introduce.cpp
  asio::awaitable<void> introduce(std::shared_ptr<connection> conn);
  asio::awaitable<bool> secure(std::shared_ptr<connection> conn);
  void note_secured(connection& conn);
  tls_settings tls_of(const core::server_url& server) const;

  // session.cpp
  void on_message(const wire::event& message) override;
  void send(request& what);
  void append(request& what);
  template <class Write>
  void append_other(Write write);
  void limit_answers(connection& conn);
  void send_waiting();
  void on_probe_answered();
  void ask_for_inbox();
  void on_inbox_answered();
  bool may_send() const noexcept;
  /// Until there is another connection.
  bool may_wait(const request& what) const noexcept;
  void has_output();
  void schedule_turn() noexcept;
  void take_turn();
  template <class Turn>
  void as_reader(Turn turn);
  void run_ready();
  void flush_output() noexcept;
  void note_version();
  void fail_everything(error_code code) noexcept;

  // session_refusals.cpp
  void on_error_line(const core::error_line& line);
  void on_publish_refused(const std::string& subject, const std::string& words);
  void on_refused(const error_code& code, const std::string& words) override;
  void tell_refused(core::subscriber* whose, const error_code& code, const std::string& words);
  void fence();
  void watch_closely(std::size_t publishes);
  void accuse();

  using waiting_list =
      boost::intrusive::list<request,
                             boost::intrusive::base_hook<boost::intrusive::list_base_hook<
                                 boost::intrusive::tag<waiting_list_tag>,
                                 boost::intrusive::link_mode<boost::intrusive::auto_unlink>>>,
                             boost::intrusive::constant_time_size<false>>;
  using ready_list = boost::intrusive::list<
      ready_task,
      boost::intrusive::base_hook<boost::intrusive::list_base_hook<
          boost::intrusive::tag<ready_list_tag>, boost::intrusive::link_mode<boost::intrusive::auto_unlink>>>,
      boost::intrusive::constant_time_size<false>>;

  asio::any_io_executor executor_;
  net::entrance entrance_;
  config settings_;
  std::unique_ptr<environment> world_;
  jetstream::api_subjects api_;
  core::inbox inbox_;
  core::dispatcher dispatcher_;
  core::deadlines deadlines_;
  core::backoff backoff_;
  core::budget replies_{32u << 20};
  core::server_pool servers_;
  core::sweep_time sweep_time_;
  std::size_t sweeps_in_vain_ = 0;
  core::login_record logins_;
  std::shared_ptr<connection> conn_;
  server_info info_;
  waiting_list waiting_;
  ready_list ready_;
  session_members members_;
  std::unique_ptr<connection_clock> clock_;
  std::unique_ptr<session_extension> extension_;
  /// A PING of the session's own. It is forgotten with its connection.
  struct question final : core::ping_waiter {
    question(session& asks, void (session::*answered)()) : self(asks), then(answered) {}
    void on_pong(core::time_point) override {
      sent = false;
      (self.*then)();
    }
    session& self;
    void (session::*then)();
    bool sent = false;
  };
  question probe_{*this, &session::on_probe_answered};
  std::uint64_t probe_begin_ = 0;  // where it stands in the outbox
  question inbox_question_{*this, &session::on_inbox_answered};
  std::weak_ptr<session_owner> owner_;
  reactor_service* service_ = nullptr;  // nullptr: the reactor is gone
  signal opened_, finished_, idle_, paused_;
  bell first_connection_;
  session_counters counters_;
  operation_observer* observer_;
  std::shared_ptr<telemetry> telemetry_;  // nullptr: nobody listens
  std::string last_error_detail_;
  error_code last_error_;
  duration last_pause_{};
  std::size_t attempt_ = 0;  // since the connection was lost
  bool slow_told_ = false;
  std::pair<int, int> version_{};  // of the server, major and minor
  error_code code_;
  std::string detail_;
  core::time_point read_time_{};
  core::time_point armed_ = core::time_point::max();
  std::uint64_t inbox_sid_ = 0;
  std::string message_id_start_;   // of all Nats-Msg-Ids
  std::uint64_t message_ids_ = 0;  // so many were made
  core::time_point ready_since_{};
  std::uint64_t jetstream_answered_in_ = UINT64_MAX;  // a number of session_counters::reconnects
  bool connected_once_ = false;
  error_code inbox_refused_;  // the subscription for replies
  std::string inbox_words_;
  std::size_t fences_ = 0;  // so many publishes from now on have a PING behind them
  bool reading_reply_ = false;
  bool dialling_ = false, timed_out_ = false;
  bool hopeless_ = false;  // no server will take us
  bool closing_ = false, terminated_ = false, abandoned_ = false;
  bool done_ = false;
  std::size_t became_ready_ = 0;  // since the last turn began
  bool turn_posted_ = false, in_turn_ = false;
  bool answering_ = false;  // what is written now answers the server's words
};

}  // namespace kvco::net

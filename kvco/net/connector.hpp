// Chooses the next server and the time to connect: dials, performs the handshake, waits, dials again.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <kvco/core/backoff.hpp>
#include <kvco/core/deadlines.hpp>
#include <kvco/core/login_record.hpp>
#include <kvco/core/round_time.hpp>
#include <kvco/core/server_pool.hpp>
#include <kvco/net/environment.hpp>
#include <kvco/net/signal.hpp>
#include <kvco/net/tls_settings.hpp>
#include <memory>
#include <vector>

namespace kvco {
class config;
}

namespace kvco::net {

class connection;
class session;

class connector final : private core::timed {
 public:
  connector(session& owner, const config& settings, std::uint64_t seed);
  connector(const connector&) = delete;
  connector& operator=(const connector&) = delete;

  /// Instead of those known so far. A connection stays as it is.
  void set_servers(std::vector<core::server_url> servers);
  const core::server_pool& servers() const noexcept { return servers_; }
  /// Establishes one connection after the other, until the session ends or no server accepts the client.
  asio::awaitable<void> run(std::shared_ptr<session> owner);
  /// The client does not reconnect: the settings are invalid, or the servers have finally refused the credentials.
  bool gave_up() const noexcept { return gave_up_; }
  void give_up() noexcept { gave_up_ = true; }
  /// There is another server than the connected one, `than`.
  bool has_another(const core::server_url& than) const;

  void on_connected() noexcept;
  /// Adds the servers that this one announces, unless the servers were replaced since it was dialled.
  void learn(const connection& from);
  /// Ends the pause, or skips the next one. If there is a connection, the client comes back in any case when it has ended.
  void hurry() noexcept;
  /// Ends a dial or a pause.
  void stop() noexcept;
  void abandon() noexcept { paused_.abandon(); }

  // Steps of the handshake, called by the connection.
  /// Called after the server's first INFO: TLS if either side requires it, then CONNECT.
  asio::awaitable<void> handshake(std::shared_ptr<connection> conn);
  tls_settings tls_of(const core::server_url& server) const;
  void note_secured(connection& conn);

 private:
  asio::awaitable<bool> try_all_servers();
  asio::awaitable<bool> run_connection(core::server_url server);
  asio::awaitable<environment::connected> dial(core::server_url server);
  asio::awaitable<void> pause();
  duration next_delay();
  core::server_url next_server();
  asio::awaitable<bool> establish_tls(std::shared_ptr<connection> conn);
  void on_dial_failure(const std::string& place, environment::connected& dialled);
  bool on_end(connection& conn);
  void note_failed_login(const connection& conn);
  bool comes_back() const;
  void on_deadline(core::time_point now) override;

  session& session_;
  core::server_pool servers_;
  core::round_time round_time_;
  core::backoff backoff_;
  core::login_record logins_;
  signal paused_;
  std::size_t list_ = 0;  // counts set_servers()
  std::size_t list_of_connection_ = 0;
  std::size_t tried_ = 0;          // servers, in this round
  std::size_t failed_rounds_ = 0;  // in a row
  bool pausing_ = false;           // the deadline is that of a pause; otherwise that of a dial
  bool timed_out_ = false;         // the dial
  bool hurried_ = false;           // there is no pause before the next dial
  bool leaves_ = false;            // the connection ends because the user has asked for another one
  bool gave_up_ = false;
};

}  // namespace kvco::net

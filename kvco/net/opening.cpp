// From settings to a session, and the wait for a connection.
#include <kvco/net/opening.hpp>

#include <kvco/core/check_config.hpp>
#include <kvco/core/server_url.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/net/pause.hpp>
#include <kvco/net/task.hpp>
#include <kvco/net/timeouts.hpp>
#include <utility>

namespace kvco::net {
namespace {

failure end_of(session& session) {
  return session.connector().gave_up() ? failure(session.code(), session.detail())
                                       : failure(asio::error::operation_aborted, "the client was closed");
}

// Until the session has had this many.
asio::awaitable<void> wait_for_connections(std::shared_ptr<session> session, std::uint64_t number,
                                           core::time_point until) {
  while (session->connections() < number) {
    if (session->terminated()) throw end_of(*session);
    if (session->now() >= until) {
      throw failure(client_error::timeout, detail::concat("there is no connection yet: ", session->detail()));
    }
    bool ended = false;
    try {
      co_await pause(session, until, &session->connection_established());
    } catch (const failure&) {
      if (!session->terminated()) throw;
      ended = true;
    }
    if (ended) throw end_of(*session);
  }
}

}  // namespace

std::shared_ptr<session> open_session(const asio::any_io_executor& executor, config settings) {
  auto refused = core::check_config(settings);
  auto urls = core::parse_server_urls(settings.urls());
  if (!refused) refused = std::move(urls.refused);
  auto made = session::create(executor, std::move(settings), make_environment(executor));
  refused ? made->refuse(refused.code, std::move(refused.detail)) : made->open(std::move(urls.servers));
  return made;
}

asio::awaitable<void> wait_for_connection(std::shared_ptr<session> session, duration timeout) {
  const core::time_point until = deadline_of(*session, timeout);
  co_await wait_for_connections(std::move(session), 1, until);
}

asio::awaitable<void> reconnect(std::shared_ptr<session> session, duration timeout) {
  const core::time_point until = deadline_of(*session, timeout);
  if (session->closing()) throw failure(client_error::closed, "the client was closed");
  const std::uint64_t number = session->connections() + 1;
  session->reconnect();
  co_await wait_for_connections(std::move(session), number, until);
}

asio::awaitable<void> set_servers(std::shared_ptr<session> session, std::string urls) {
  auto parsed = core::parse_server_urls(urls);
  refuse(std::move(parsed.refused));
  if (session->closing()) throw failure(client_error::closed, "the client was closed");
  session->connector().set_servers(std::move(parsed.servers));
  co_return;
}

}  // namespace kvco::net

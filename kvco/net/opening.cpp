// From settings to a session, and the wait for its first connection.
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
  while (!session->was_connected()) {
    if (session->terminated()) throw end_of(*session);
    if (session->now() >= until) {
      throw failure(client_error::timeout, detail::concat("there is no connection yet: ", session->detail()));
    }
    bool ended = false;
    try {
      co_await pause(session, until, &session->first_connection());
    } catch (const failure&) {
      if (!session->terminated()) throw;
      ended = true;
    }
    if (ended) throw end_of(*session);
  }
}

}  // namespace kvco::net

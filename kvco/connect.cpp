// The way in: settings are checked, a session is opened, a client owns it.
#include <kvco/connect.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <kvco/core/check_config.hpp>
#include <kvco/core/server_url.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/task.hpp>

namespace kvco {
namespace {

namespace asio = boost::asio;

void refuse(detail::refusal why) {
  if (why) throw net::failure(why.code, std::move(why.detail));
}

asio::awaitable<client> connect_session(asio::any_io_executor executor, config settings) {
  refuse(core::check_config(settings));
  auto urls = core::parse_server_urls(settings.urls());
  refuse(std::move(urls.refused));
  const auto session = net::session::create(executor, std::move(settings), net::make_environment(executor));
  client made(session);  // ends the session if this is cancelled
  session->open(std::move(urls.servers));
  co_await session->opened().wait(asio::deferred);
  if (!session->ready()) throw net::failure(session->code(), session->detail());
  co_return made;
}

}  // namespace

detail::operation_ptr<client> detail::prepare_connect(asio::any_io_executor executor, config settings) {
  return net::make_task<client>(
      executor, [executor, settings = std::move(settings)] { return connect_session(executor, settings); });
}

}  // namespace kvco

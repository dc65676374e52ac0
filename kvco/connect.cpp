// The way in: settings are checked, a session is opened, a client owns it.
#include <kvco/connect.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <kvco/net/opening.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/task.hpp>

namespace kvco {
namespace {

namespace asio = boost::asio;

asio::awaitable<client> connect_session(asio::any_io_executor executor, config settings) {
  const auto session = net::open_session(executor, std::move(settings));
  client made(session);  // ends the session if this is cancelled
  co_await session->opened().wait(asio::deferred);
  if (!session->ready()) throw net::failure(session->code(), session->detail());
  co_return made;
}

}  // namespace

detail::operation_ptr<client> detail::prepare_connect(asio::any_io_executor executor, config settings) {
  return net::make_task<client>(executor, nullptr, [executor, settings = std::move(settings)] {
    return connect_session(executor, settings);
  });
}

}  // namespace kvco

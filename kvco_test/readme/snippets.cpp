// The pieces of README.md that stand in no sample: compiled, not run.
#include <kvco/kvco.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<kvco::client> set_up() {
  kvco::config settings("nats://one:4222,nats://two:4222");
  settings.name("shop").user("ann", "secret").timeout(2s);
  kvco::client nats = co_await kvco::connect(settings);
  co_return nats;
}

asio::awaitable<void> three_ways(kvco::bucket orders, kvco::revision last) {
  co_await orders.update("order.1", "a", last);
  auto [error, rev] = co_await orders.update("order.1", "b", last, kvco::nothrow);
  if (error == kvco::errc::wrong_last_revision) co_return;
  orders.update("order.1", "c", last, [](kvco::error_code, kvco::revision) {});
}

asio::awaitable<void> bind_by_reference(kvco::bucket orders) {
  auto got = co_await orders.get("order.1", kvco::nothrow);
  auto& [error, order] = got;
  if (!error && order) co_return;
}

asio::awaitable<void> options(kvco::bucket orders) {
  co_await orders.get("order.1", {.timeout = 1s, .consistency = kvco::consistency::leader});
}

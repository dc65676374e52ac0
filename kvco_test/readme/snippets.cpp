// Code of the pages in kvco/doc/ that no sample has: compiled, not run.
#include <iostream>
#include <kvco/kvco.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<kvco::client> set_up() {
  kvco::config settings("nats://one:4222,nats://two:4222");
  settings.name("shop").user("ann", "secret").timeout(2s);
  kvco::client nats = co_await kvco::connect(settings);
  co_return nats;
}

asio::awaitable<kvco::client> set_up_securely() {
  kvco::config settings("tls://nats-1.example,tls://nats-2.example");
  settings.credentials_file("/run/secrets/shop.creds").tls_ca_file("/etc/shop/ca.pem");
  kvco::client nats = co_await kvco::connect(settings);
  co_return nats;
}

asio::awaitable<void> start_without_a_server(const kvco::config& settings) {
  kvco::client service(co_await asio::this_coro::executor, settings);
  co_await service.connected();
}

asio::awaitable<std::string> fetch_password(bool renew);

void set_up_with_a_function(kvco::config& settings) {
  settings.credentials([](kvco::credentials_request request) -> asio::awaitable<kvco::credentials> {
    bool renew = request.refusals() > 0;  // the server has refused the last ones
    co_return kvco::credentials::user("ann", co_await fetch_password(renew));
  });
}

std::shared_ptr<kvco::prometheus_metrics> set_up_with_open_eyes(kvco::config& settings) {
  auto metrics = std::make_shared<kvco::prometheus_metrics>();
  settings.observe(metrics);
  settings.on_event([](const kvco::client_event& e) {
    if (e.kind == kvco::event_kind::disconnected) std::clog << e.server << ": " << e.detail << "\n";
  });
  settings.log(kvco::log_level::info,
               [](const kvco::log_record& record) { std::clog << to_string(record) << "\n"; });
  return metrics;
}

void look_inside(const kvco::client& nats, std::shared_ptr<kvco::prometheus_metrics> metrics) {
  kvco::client_health health = nats.health();
  bool fine = health.state == kvco::connection_state::connected && health.round_trip < 100ms;
  std::string page = metrics->render(nats);  // content type: text/plain; version=0.0.4
  static_cast<void>(fine);
}

asio::awaitable<void> three_ways(kvco::bucket orders, kvco::revision last) {
  co_await orders.update("order.1", "a", last);
  auto [error, rev] = co_await orders.update("order.1", "b", last, kvco::nothrow);
  if (error == kvco::errc::wrong_last_revision) co_return;
  orders.update("order.1", "c", last, [](kvco::error_code, kvco::revision) {});
}

void report(const std::string& text, int server_code);

asio::awaitable<void> diagnose(kvco::bucket orders, kvco::revision last) {
  kvco::diagnostics why;
  auto [refused, next] = co_await orders.update("order.1", "d", last, {.diag = &why}, kvco::nothrow);
  if (refused) report(why.text, why.server_code);  // "wrong last sequence: 7", 10071
}

asio::awaitable<void> bind_by_reference(kvco::bucket orders) {
  auto got = co_await orders.get("order.1", kvco::nothrow);
  auto& [error, order] = got;
  if (!error && order) co_return;
}

asio::awaitable<void> options(kvco::bucket orders) {
  co_await orders.get("order.1", {.timeout = 1s, .consistency = kvco::consistency::leader});
}

asio::awaitable<void> put_once(kvco::bucket orders) {
  kvco::revision rev = co_await orders.put("order.1", "3 apples", {.retry = kvco::retry::idempotent});
  static_cast<void>(rev);
}

void report(std::string_view key, std::string_view why);

asio::awaitable<void> many(kvco::bucket orders) {
  std::vector<kvco::put_item> items = {{"order.1", "2 apples"}, {"order 2", "1 melon"}};
  const std::vector<kvco::put_outcome> stored = co_await orders.put_many(items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!stored[i].ok()) report(items[i].key, stored[i].detail());  // "order 2": a key has no blanks
  }
  const std::vector<std::string> keys = {"order.1", "order.9"};
  std::vector<std::optional<kvco::entry>> found = co_await orders.get_many(keys);  // order.9: nothing
}

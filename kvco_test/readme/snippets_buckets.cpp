// Code of kvco/doc/buckets.md: compiled, not run.
#include <kvco/kvco.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

void report(std::string_view name, std::uint64_t number);

asio::awaitable<void> find(kvco::client nats) {
  kvco::bucket orders = co_await nats.key_value("ORDERS");
  kvco::bucket stock = co_await nats.key_value(kvco::bucket_config("STOCK").history(5));
  auto [error, same] = co_await nats.key_value(kvco::bucket_config("STOCK").history(9), kvco::nothrow);
  if (error) report(kvco::error_detail(), 0);  // "bucket STOCK: history is 5, not 9"
}

asio::awaitable<void> change(kvco::client nats) {
  co_await nats.update_bucket(kvco::bucket_config("STOCK").ttl(24h));
  std::uint64_t removed = co_await nats.purge_bucket("STOCK");
  report("STOCK", removed);
}

asio::awaitable<void> list(kvco::client nats) {
  kvco::bucket_listing<kvco::bucket_status> all = kvco::list_bucket_statuses(nats);
  while (std::optional<kvco::bucket_status> each = co_await all.next()) {
    report(each->config.name(), each->bytes);
  }
}

asio::awaitable<void> look_at_the_account(kvco::client nats) {
  kvco::account_info account = co_await kvco::get_account_info(nats);
  if (account.limits.storage) report("left", *account.limits.storage - account.usage.storage);
  kvco::capabilities able = co_await kvco::get_capabilities(nats);
  kvco::bucket_config sessions("SESSIONS");
  if (able.has(kvco::feature::key_ttl)) sessions.limit_marker_ttl(1min);
  co_await nats.key_value(sessions);
}

asio::awaitable<kvco::client> connect_by_an_import() {
  kvco::client nats = co_await kvco::connect(kvco::config("nats://leaf").api_prefix("FROM.HUB"));
  co_return nats;
}

#include <kvco/kvco.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <iostream>
namespace asio = boost::asio;
asio::awaitable<void> shop(std::string url) {
  kvco::client nats = co_await kvco::connect(url);
  std::cout << nats.server_info().version << "\n";
  kvco::bucket orders = co_await nats.create_bucket(kvco::bucket_config("SHOP_ORDERS").history(5));
  kvco::revision first = co_await orders.put("order-1", R"({"Id":1})");
  kvco::revision second = co_await orders.update("order-1", R"({"Id":2})", first);
  auto [ec, rev] = co_await orders.update("order-1", "x", first, kvco::nothrow);
  std::cout << first << " " << second << " " << ec.message() << " " << kvco::error_detail() << "\n";
  std::optional<kvco::entry> e = co_await orders.get("order-1");
  std::cout << e->key() << " " << e->value() << "\n";
  try { co_await orders.create("order-1", "x"); } catch (const std::exception& x) { std::cout << x.what() << "\n"; }
  try { co_await orders.put("order 1", "x"); } catch (const std::exception& x) { std::cout << x.what() << "\n"; }
  co_await orders.put("order.2", "two");
  co_await orders.erase("order.2");
  co_await orders.create("order.2", "again");
  for (auto& h : co_await orders.history("order.2")) std::cout << "  " << h.revision() << " " << to_string(h.operation()) << " " << h.value() << "\n";
  auto keys = co_await orders.keys();
  for (auto& k : keys) std::cout << "key " << k << "\n";
  kvco::watcher updates = orders.watch(">", {.ignore_deletes = true});
  while (std::optional<kvco::entry> e = co_await updates.next_initial()) std::cout << "initial " << e->key() << "\n";
  co_await orders.put("order.3", "three");
  auto live = co_await updates.next();
  std::cout << "live " << live->key() << "=" << live->value() << "\n";
  for (auto& n : co_await nats.bucket_names()) std::cout << n << "\n";
  auto st = co_await orders.status();
  std::cout << st.values << " values " << st.bytes << " bytes\n";
  co_await nats.delete_bucket("SHOP_ORDERS");
  try { co_await orders.put("a", "x"); } catch (const std::exception& x) { std::cout << x.what() << "\n"; }
  try { co_await updates.next(); } catch (const std::exception& x) { std::cout << x.what() << "\n"; }
}
int main() {
  asio::io_context reactor(1);
  const char* url = std::getenv("NATS_URL");
  asio::co_spawn(reactor, shop(url ? url : "nats://127.0.0.1:4222"), [](std::exception_ptr e) { if (e) std::rethrow_exception(e); });
  reactor.run();
}

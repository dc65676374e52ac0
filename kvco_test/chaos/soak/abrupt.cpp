// A program that ends in the middle of everything. See the header.
#include <kvco_test/chaos/soak/abrupt.hpp>

#include <kvco_test/chaos/soak/place.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <kvco/kvco.hpp>
#include <list>
#include <memory>
#include <optional>

namespace kvco::chaos::soak {
namespace {

namespace asio = boost::asio;

struct program {
  client nats;
  bucket shop;
  std::list<watcher> watches;
  bool over = false;
};
using program_ptr = std::shared_ptr<program>;

// Operations of both kinds: with a callback, and in a coroutine that is destroyed while it waits.
asio::awaitable<void> begin_everything(program_ptr all, std::string url) {
  all->nats = co_await connect(config(url).user("guest", "p").reconnect([](auto& reconnect) {
    reconnect.initial_delay(std::chrono::milliseconds(5)).max_delay(std::chrono::milliseconds(50));
  }));
  all->shop = co_await all->nats.open_bucket(torn);
  for (int i = 0; !all->over; ++i) {
    const std::string key = "t." + std::to_string(i % 20);
    all->shop.put(key, "value", [](error_code, revision) {});
    all->shop.keys([](error_code, const std::vector<std::string>&) {});
    if (i % 8 == 0) all->watches.push_back(all->shop.watch_all());
    for (watcher& one : all->watches) one.next([](error_code, const std::optional<entry>&) {});
    co_await all->shop.get(key, nothrow);
  }
}

}  // namespace

void end_abruptly(const std::string& url, std::mt19937_64& random) {
  const auto any = [&](int below) { return std::uniform_int_distribution<>(0, below - 1)(random); };
  asio::io_context reactor(1);
  const auto all = std::make_shared<program>();
  asio::co_spawn(reactor, begin_everything(all, url), asio::detached);
  reactor.run_for(std::chrono::milliseconds(any(200)));
  if (any(2) == 0) return;  // with the io_context
  all->over = true;
  all->nats = client();
  if (any(2) == 0) reactor.run_for(std::chrono::milliseconds(any(5)));
  all->watches.clear();
  all->shop = bucket();
}

}  // namespace kvco::chaos::soak

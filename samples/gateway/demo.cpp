#include "demo.hpp"

#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <random>

namespace gateway {
namespace {

using namespace std::chrono_literals;

struct article {
  std::string_view key, stock;
};

constexpr article articles[] = {
    {"gadget.lamp", "24"},
    {"gadget.scale", "9"},
    {"gadget.timer", "41"},
    {"shop.name", "The corner shop"},
    {"shop.opening-hours", "Mon-Fri 9-18, Sat 10-14"},
    {"shop.theme", R"({"accent":"teal","dense":false})"},
    {"widget.blue", "120"},
    {"widget.green", "64"},
    {"widget.red", "87"},
    {"widget.yellow", "15"},
};

asio::awaitable<kvco::bucket> stocked(const kvco::client nats) {
  kvco::bucket_config config("INVENTORY");
  config.history(20).description("The stock of a shop");
  kvco::bucket out = co_await nats.ensure_bucket(config);
  for (const article& each : articles) co_await out.create(each.key, each.stock, kvco::nothrow);
  co_return out;
}

/// One sale or delivery: compare and set, so that no change of a visitor is lost.
asio::awaitable<void> change_one(kvco::bucket stock, std::string key, int by) {
  auto found = co_await stock.get(key, kvco::nothrow);
  const std::optional<kvco::entry>& now = std::get<1>(found);
  if (std::get<0>(found) || !now) co_return;
  const std::string_view text = now->value();
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count + by < 0) co_return;
  co_await stock.update(key, std::to_string(count + by), now->revision(), kvco::nothrow);
}

}  // namespace

asio::awaitable<void> run_demo(hub& to) {
  const kvco::client nats = to.client();
  co_await nats.connected();
  const kvco::bucket stock = co_await stocked(nats);
  std::mt19937 chance(std::random_device{}());
  asio::steady_timer pause(nats.get_executor());
  while (nats.health().state != kvco::connection_state::closed) {
    pause.expires_after(std::chrono::milliseconds(700 + chance() % 1800));
    co_await pause.async_wait(kvco::nothrow);
    const std::string key(articles[chance() % std::size(articles)].key);
    const int by = chance() % 5 == 0 ? 12 : -static_cast<int>(1 + chance() % 3);
    co_await change_one(stock, key, by);
  }
}

}  // namespace gateway

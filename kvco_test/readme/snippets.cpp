// Code of the pages in kvco/doc/ that no sample has: compiled, not run.
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
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
  settings.credentials_file("/run/secrets/shop.creds");
  settings.tls().ca_file("/etc/shop/ca.pem");
  kvco::client nats = co_await kvco::connect(settings);
  co_return nats;
}

kvco::config set_up_in_groups() {
  kvco::config settings("tls://nats.example");
  settings.name("shop").timeout(2s);
  settings.tls().ca_file("/etc/shop/ca.pem").handshake_first(true);
  settings.reconnect().max_delay(30s).retry_first_connect(true);
  return settings;
}

asio::awaitable<void> move_to_other_servers(kvco::client nats) {
  co_await kvco::set_servers(nats, "nats://new-1.example,nats://new-2.example");
  co_await kvco::reconnect(nats, {.timeout = 10s});
}

void choose_servers_and_delays(kvco::config& settings) {
  settings.reconnect()
      .next_server([](const std::vector<std::string>& servers) { return servers.front(); })
      .delay([](std::size_t failed_rounds) { return failed_rounds < 3 ? 100ms : 10s; })
      .max_attempts(60);
}

asio::awaitable<kvco::client> set_up_in_a_chain() {
  kvco::client nats = co_await kvco::connect(
      kvco::config("tls://nats.example").tls([](auto& tls) { tls.ca_file("/etc/shop/ca.pem"); }).timeout(2s));
  co_return nats;
}

struct tls_secrets {
  std::string authorities, certificate, key;
};

void set_up_from_memory(kvco::config& settings, const tls_secrets& secrets) {
  settings.tls().ca_pem(secrets.authorities).certificate_pem(secrets.certificate, secrets.key);
}

void set_up_with_a_context(kvco::config& settings) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  context->load_verify_file("/etc/shop/ca.pem");
  context->use_certificate_chain_file("/etc/shop/cert.pem");
  context->use_private_key_file("/etc/shop/key.pem", asio::ssl::context::pem);
  settings.tls().context(context);
}

std::string_view advice(kvco::error_code error) {
  if (auto why = kvco::meaning(error)) {
    switch (*why) {
      case kvco::errc::key_exists:
        return "taken";
      case kvco::errc::timeout:
      case kvco::errc::unavailable:
        return "try again";
      default:
        break;
    }
  }
  return "give up";
}

asio::awaitable<void> binary_values(kvco::bucket orders) {
  std::vector<std::byte> image = {std::byte{0xff}, std::byte{0xd8}};
  co_await orders.put("order.1.image", image);
  std::optional<kvco::entry> stored = co_await orders.get("order.1.image");
  if (stored) image.assign(stored->bytes().begin(), stored->bytes().end());
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
  settings.observe().operations(metrics);
  settings.observe().on_event([](const kvco::client_event& e) {
    if (e.kind == kvco::event_kind::disconnected) std::clog << e.server << ": " << e.detail << "\n";
  });
  settings.observe().log(kvco::log_level::info,
                         [](const kvco::log_record& record) { std::clog << to_string(record) << "\n"; });
  return metrics;
}

void look_inside(const kvco::client& nats, std::shared_ptr<kvco::prometheus_metrics> metrics) {
  kvco::client_health health = nats.health();
  bool fine = health.state == kvco::connection_state::connected && health.round_trip < 100ms;
  std::string page = metrics->render(nats);  // content type: text/plain; version=0.0.4
  static_cast<void>(fine);
}

std::string own_metrics(const kvco::client& nats, std::shared_ptr<kvco::prometheus_metrics> metrics,
                        std::string_view region, std::uint64_t count) {
  kvco::prometheus_text page;
  page.family("shop_orders_total", "counter", "Orders taken.");
  page.sample("shop_orders_total", {{"region", region}}, count);
  return metrics->render(nats) + page.take();
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

void store(const kvco::entry& e);

asio::awaitable<void> take_in_batches(kvco::watcher updates) {
  co_await updates.ready();  // from here on no change is missed
  while (true) {
    auto [error, batch] = co_await updates.next_batch(100, kvco::nothrow);
    if (error || !batch) break;
    for (const kvco::entry& e : *batch) store(e);
  }
}

asio::awaitable<void> by_filter(kvco::bucket orders, kvco::bucket archive) {
  std::uint64_t erased = co_await kvco::erase_keys(orders, "order.2024.>");
  kvco::key_generator keys = kvco::stream_keys(orders, "order.*");
  while (std::optional<std::string> key = co_await keys.next()) {
    co_await kvco::copy_key(orders, *key, archive, *key);
  }
  static_cast<void>(erased);
}

void compare(const kvco::entry& before, const kvco::entry& now);

asio::awaitable<void> see_changes(kvco::bucket orders) {
  kvco::change_generator changes = kvco::watch_changes(orders, "order.*");
  while (std::optional<kvco::change> c = co_await changes.next()) {
    if (c->previous) compare(*c->previous, c->now);
  }
}

std::string read_file(const char* name);
void write_file(const char* name, const std::string& text);

asio::awaitable<void> go_on_later(kvco::bucket orders) {
  std::optional<kvco::resume_token> stored = kvco::resume_token::parse(read_file("orders.position"));
  kvco::watcher updates = orders.watch("order.>", {.resume_after = stored.value_or(kvco::resume_token())});
  while (std::optional<kvco::entry> e = co_await updates.next()) {
    store(*e);
    write_file("orders.position", to_string(updates.resume_token()));
  }
}

asio::awaitable<void> serve(kvco::client nats);

void serve_on_a_pool() {
  asio::thread_pool pool(4);
  auto strand = asio::make_strand(pool);
  kvco::client nats(strand, kvco::config("nats://127.0.0.1:4222"));
  asio::co_spawn(strand, serve(std::move(nats)), asio::detached);  // the strand's from here on
  pool.join();
}

void without_coroutines() {
  asio::io_context reactor;
  kvco::client nats = kvco::blocking(reactor, kvco::connect("nats://127.0.0.1:4222"));
  kvco::bucket orders = kvco::blocking(reactor, nats.open_bucket("ORDERS"));
  kvco::revision last = kvco::blocking(reactor, orders.put("order.1", "2 apples"));
  static_cast<void>(last);
}

struct span {
  std::array<std::uint8_t, 16> trace_id;
  std::array<std::uint8_t, 8> id;
  std::uint8_t flags;
  std::string state;
};
span begin_span(const std::optional<kvco::trace_context>& parent);

asio::awaitable<void> pack(kvco::client nats, kvco::message order) {
  const span mine = begin_span(kvco::extract_trace(order));  // of your tracing library
  kvco::headers fields;
  kvco::inject_trace({mine.trace_id, mine.id, mine.flags, mine.state}, fields);
  co_await nats.publish("orders.packed", order.payload(), {.headers = &fields});
}

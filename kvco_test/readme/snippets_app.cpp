// Code of kvco/doc/handlers.md that no sample has: compiled, not run.
#include <boost/describe/class.hpp>
#include <kvco/app/app.hpp>
#include <kvco/kvco.hpp>
#include <optional>
#include <string>
#include <vector>

namespace handlers_page {

struct order {
  int id;
};
BOOST_DESCRIBE_STRUCT(order, (), (id))

using namespace std::chrono_literals;

boost::asio::awaitable<void> print(order o);
void forget(std::string_view id);
boost::asio::awaitable<std::string> read_row(std::string name);
boost::asio::awaitable<void> write_row(std::string name, std::string text);
void write_line(std::string line);

void signatures(kvco::app app) {
  app.watch<order>("SHOP", "orders.{region}.{id}",
                   [](order o, std::string_view region, std::uint64_t id,
                      kvco::bucket shop) -> boost::asio::awaitable<void> {
                     co_await print(o);
                     co_await shop.put("printed." + std::to_string(id), region);
                   });
  app.watch<order>("SHOP", "orders.*.{id}", [](const std::optional<order>& o, const kvco::captures& key) {
    if (!o) forget(key["id"]);  // erased, purged or expired
  });
  app.watch("SHOP", "config.>", [](kvco::entry e, kvco::handler_context call) {
    if (!call.is_initial) write_line(std::string(e.key()) + " has changed");
  });
  app.subscribe<order>("orders.new", print, {.queue = "printers"});
}

void deletions(kvco::app app) {
  app.watch<order>("SHOP", "orders.{region}.{id}", [](order o) { return print(o); })
      .on_delete([](kvco::entry, std::string_view region, std::string_view id) {
        if (region == "eu") forget(id);
      });
}

void failures(kvco::app app) {
  app.watch<order>("SHOP", "orders.>", print,
                   {.concurrency = 16,
                    .on_error = {.retries = 5,
                                 .first_delay = 100ms,
                                 .max_delay = 10s,
                                 .then = kvco::after_failure::dead_letter_key,
                                 .dead_letter = "SHOP_DEAD_LETTERS"}});
}

void positions(kvco::app app) {
  app.watch<order>("SHOP", "orders.>", print, {.position = {.bucket = "POSITIONS", .key = "printer"}});

  app.watch<order>("SHOP", "orders.>", print, {.name = "archive"})
      .position([] { return read_row("archive"); },
                [](std::string text) { return write_row("archive", text); });
}

std::string metrics(const kvco::prometheus_metrics& operations, const kvco::client& nats,
                    const kvco::app& app) {
  return operations.render(nats) + kvco::render_prometheus(app.health());
}

bool is_ready(const kvco::app& app) { return app.is_ready(); }

void announce(kvco::app app) {
  app.after_startup([=]() -> boost::asio::awaitable<void> {
    co_await app.ready();  // the table is complete
    write_line("ready");
  });
}

void prices(kvco::app app) {
  app.watch<order>("SHOP", "prices.>", print, {.conflate = true, .concurrency = 4});
}

void log(kvco::app app) {
  app.log(kvco::log_level::info, [](const kvco::log_record& record) { write_line(kvco::to_string(record)); });
}

}  // namespace handlers_page

// Code of kvco/doc/recipes.md: compiled, not run.
#include <functional>
#include <kvco/kvco.hpp>
#include <map>

namespace asio = boost::asio;
using namespace std::chrono_literals;

class settings {
 public:
  explicit settings(kvco::bucket from) : changes_(from.watch("config.>")) {}

  asio::awaitable<void> load() {  // complete when it returns
    while (std::optional<kvco::entry> e = co_await changes_.next_initial()) apply(*e);
  }
  asio::awaitable<void> follow() {  // until the watch ends
    while (std::optional<kvco::entry> e = co_await changes_.next()) apply(*e);
  }
  std::string get(const std::string& key, std::string fallback) const {
    const auto found = values_.find(key);
    return found == values_.end() ? fallback : found->second;
  }

 private:
  void apply(const kvco::entry& e) {
    if (e.operation() == kvco::operation::put) {
      values_[std::string(e.key())] = e.value();
    } else {
      values_.erase(std::string(e.key()));
    }
  }

  kvco::watcher changes_;
  std::map<std::string, std::string> values_;
};

asio::awaitable<kvco::revision> lock(kvco::bucket locks, std::string name, std::string owner) {
  kvco::watcher changes = locks.watch(name);
  while (true) {
    auto [error, held] = co_await locks.create(name, owner, {.ttl = 30s}, kvco::nothrow);
    if (!error) co_return held;
    if (error != kvco::errc::key_exists) throw boost::system::system_error(error);
    co_await changes.next();  // it changed: it may be free now
  }
}

asio::awaitable<kvco::entry> wait_for(kvco::bucket from, std::string key) {
  kvco::watcher changes = from.watch(key, {.ignore_deletes = true});
  co_return (co_await changes.next()).value();
}

asio::awaitable<void> handle(kvco::entry e);

asio::awaitable<void> every_change_once(kvco::bucket orders, kvco::bucket progress) {
  std::optional<kvco::entry> last = co_await progress.get("orders.cursor");
  const kvco::revision done = last ? std::stoull(std::string(last->value())) : 0;
  kvco::watcher changes = orders.watch("orders.>", {.resume_from = done + 1});
  while (std::optional<kvco::entry> e = co_await changes.next()) {
    const kvco::revision now = e->revision();
    co_await handle(std::move(*e));
    co_await progress.put("orders.cursor", std::to_string(now));
  }
}

asio::awaitable<std::string> cached(kvco::bucket cache, std::string key,
                                    std::function<asio::awaitable<std::string>()> compute) {
  if (std::optional<kvco::entry> found = co_await cache.get(key)) co_return std::string(found->value());
  std::string value = co_await compute();
  co_await cache.put(key, value);
  co_return value;
}

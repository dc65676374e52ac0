// kvco's client and its list of works. See the header.
#include <bench/kvco_contestant.hpp>
#include <bench/planning.hpp>

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>

namespace kvco::bench {

kvco_client::kvco_client(const std::string& url) {
  run([&]() -> asio::awaitable<void> {
    // An authority in the settings is a demand for TLS.
    config settings(url);
    if (url.starts_with("tls:") || url.starts_with("wss:")) settings.tls().ca_file(server_authority());
    nats_ = co_await connect(std::move(settings));
    bucket_ = co_await nats_.open_bucket(bucket_name);
  });
}

kvco_client::~kvco_client() {
  try {
    run([&]() -> asio::awaitable<void> { co_await nats_.close(nothrow); });
  } catch (const std::exception&) {  // the process ends anyway
  }
}

void kvco_client::run(const std::function<asio::awaitable<void>()>& what, std::size_t copies) {
  std::size_t open = copies;
  for (std::size_t i = 0; i < copies; ++i) {
    asio::co_spawn(reactor_, what(), [&](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
      if (--open == 0) reactor_.stop();
    });
  }
  run_until_stopped();
}

// In one call of run(): each begins with empty caches for the memory of handlers.
void kvco_client::run_until_stopped() {
  reactor_.restart();
  reactor_.run();
}

works kvco_works() {
  const auto nats = std::make_shared<kvco_client>(server_url());
  const auto with = [nats](outcome (*function)(kvco_client&, const task&)) {
    return [nats, function](const task& what) { return function(*nats, what); };
  };
  works offered;
  for (const char* name : {"put", "get", "update", "mixed"}) {
    offered[name] = with(kvco_works_of::operations);
  }
  offered["put_typed"] = offered["get_typed"] = with(kvco_works_of::typed);
  offered["put_json"] = offered["get_json"] = with(kvco_works_of::json);
  offered["contention"] = with(kvco_works_of::contention);
  offered["get_many"] = offered["get_many_shuffled"] = with(kvco_works_of::get_many);
  offered["put_many"] = with(kvco_works_of::put_many);
  offered["watch"] = with(kvco_works_of::watch);
  offered["watch_batches"] = with(kvco_works_of::watch_batches);
  offered["keys"] = with(kvco_works_of::keys);
  offered["live"] = with(kvco_works_of::live);
  offered["watchers"] = with(kvco_works_of::watchers);
  offered["reconnect"] = with(kvco_works_of::reconnect);
  offered["get_prefix"] = with(kvco_works_of::get_prefix);
  offered["handlers"] = with(kvco_works_of::handlers);
  offered["publish"] = with(kvco_works_of::publish);
  offered["request"] = with(kvco_works_of::request);
  offered["subscribe"] = with(kvco_works_of::subscribe);
  offered["denied"] = with(kvco_works_of::denied);
  offered["command_get"] = kvco_works_of::command_get;
  offered["command_export"] = kvco_works_of::command_export;
  offered["command_import"] = kvco_works_of::command_import;
  offered["plan_filters"] = plan_filters;
  return offered;
}

}  // namespace kvco::bench

// The reports of a client: events, its health, and metrics for Prometheus.
#include "sample.hpp"

#include <sstream>

// The lines of a family that do not depend on time.
std::string lines_of(const std::string& metrics, std::string_view family) {
  std::istringstream in(metrics);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(family)) out += line + '\n';
  }
  return out;
}

asio::awaitable<void> metrics() {
  auto metrics = std::make_shared<kvco::prometheus_metrics>();
  kvco::config settings(sample::url());
  settings.observe().operations(metrics).on_event(
      [](const kvco::client_event& e) { cout << "event: " << to_string(e.kind) << "\n"; });
  kvco::client nats = co_await kvco::connect(settings);
  kvco::bucket values = co_await sample::empty_bucket(nats, "SAMPLE_METRICS");

  kvco::revision first = co_await values.put("lamp", "on");
  co_await values.update("lamp", "off", first);
  co_await values.update("lamp", "on", first, kvco::nothrow);  // it has changed meanwhile
  co_await values.get("lamp");
  kvco::watcher updates = values.watch_all();
  co_await updates.next();

  kvco::client_health health = nats.health();
  cout << "health: " << to_string(health.state) << ", " << health.pending_requests << " requests pending, "
       << health.watches.size() << " watch, " << health.watches[0].behind << " entries behind\n";
  const std::string text = metrics->render(nats);  // the answer to GET /metrics
  cout << lines_of(text, "kvco_operations_total{operation=\"update\"")
       << lines_of(text, "kvco_operation_bytes_total{operation=\"get\"") << lines_of(text, "kvco_connected ");
  updates.stop();
  co_await nats.delete_bucket("SAMPLE_METRICS");
  co_await nats.close();
}

int main() { return sample::run(metrics()); }

// Metrics in the text format of Prometheus.
#include <kvco/observe/prometheus.hpp>

#include <algorithm>
#include <charconv>
#include <kvco/client.hpp>
#include <kvco/detail/utf8.hpp>
#include <kvco/observe/prometheus_text.hpp>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

namespace kvco {
namespace {

using namespace std::chrono_literals;

// The shortest text that reads back as the same value: 0.0025, not 0.0025000000000000001.
std::string number(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

/// A family of one sample without labels.
template <class Number>
void append_single(prometheus_text& to, std::string_view name, std::string_view type, std::string_view help,
                   Number value) {
  to.family(name, type, help);
  to.sample(name, {}, value);
}

double seconds(duration time) { return std::chrono::duration<double>(time).count(); }

using condition = boost::system::error_condition;

std::string outcome_of(const condition& meaning) {
  if (!meaning) return "ok";
  std::string text = detail::to_utf8(meaning.message());
  std::replace(text.begin(), text.end(), ' ', '_');
  return text;
}

// No bucket has such a name.
constexpr std::string_view refused_buckets = "(refused)", other_buckets = "(other)";

// The name need not be that of a bucket: a caller may have made it up, or may not be permitted to see it.
bool refuses_the_name(const error_code& code) noexcept {
  return code == errc::invalid_bucket_name || code == errc::bucket_not_found || code == errc::not_a_bucket ||
         code == errc::permission_denied;
}

}  // namespace

// --- counters ---------------------------------------------------------------------------------------------

struct prometheus_metrics::state {
  std::mutex guard;  // of all that follows

  struct measured {
    std::vector<std::uint64_t> counts;  // one more than bounds: up to +Inf
    duration sum{};
    std::uint64_t bytes_sent = 0, bytes_received = 0;
  };
  using place = std::pair<operation_kind, std::string>;
  struct before {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return std::tuple(a.first, std::string_view(a.second)) <
             std::tuple(b.first, std::string_view(b.second));
    }
  };
  using outcomes = std::map<condition, std::uint64_t>;  // codes are the server's word, meanings are not

  /// The label for the bucket: names come from the callers, and a label is kept permanently.
  std::string label_of(const operation_end& end) {
    std::string name = detail::to_utf8(end.bucket);
    if (name.empty() || buckets.contains(name)) return name;
    if (refuses_the_name(end.code)) return std::string(refused_buckets);
    if (buckets.size() >= max_buckets) return std::string(other_buckets);
    buckets.insert(name);
    return name;
  }
  std::pair<measured, outcomes>& of(const operation_end& end) {
    if (const auto found = operations.find(std::pair(end.kind, end.bucket)); found != operations.end()) {
      return found->second;
    }
    auto& made = operations[place(end.kind, label_of(end))];
    made.first.counts.resize(bounds.size() + 1);
    return made;
  }

  std::vector<duration> bounds;
  std::size_t max_buckets = 0;
  std::set<std::string> buckets;  // those with a label of their own
  std::map<place, std::pair<measured, outcomes>, before> operations;
};

prometheus_metrics::prometheus_metrics()
    : prometheus_metrics(
          {500us, 1ms, 2500us, 5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s}) {}

prometheus_metrics::prometheus_metrics(std::vector<duration> bounds, std::size_t max_buckets)
    : state_(std::make_unique<state>()) {
  if (!std::is_sorted(bounds.begin(), bounds.end(), std::less_equal<>())) {
    throw std::invalid_argument("kvco::prometheus_metrics: the bounds must ascend");
  }
  state_->bounds = std::move(bounds);
  state_->max_buckets = max_buckets;
}

prometheus_metrics::~prometheus_metrics() = default;

void prometheus_metrics::on_end(const operation_end& end) {
  const std::lock_guard lock(state_->guard);
  auto& [measured, outcomes] = state_->of(end);
  const auto bucket = std::lower_bound(state_->bounds.begin(), state_->bounds.end(), end.elapsed);
  ++measured.counts[static_cast<std::size_t>(bucket - state_->bounds.begin())];
  measured.sum += end.elapsed;
  measured.bytes_sent += end.bytes_sent;
  measured.bytes_received += end.bytes_received;
  ++outcomes[end.code.default_error_condition()];
}

std::string prometheus_metrics::render() const {
  const std::lock_guard lock(state_->guard);
  prometheus_text text;
  const auto about = [](const state::place& where) {
    return std::vector<prometheus_label>{{"operation", to_string(where.first)}, {"bucket", where.second}};
  };
  text.family("kvco_operations_total", "counter", "Operations that have ended, by outcome.");
  for (const auto& [where, what] : state_->operations) {
    std::map<std::string, std::uint64_t> by_meaning;
    for (const auto& [meaning, count] : what.second) by_meaning[outcome_of(meaning)] += count;
    for (const auto& [outcome, count] : by_meaning) {
      auto with = about(where);
      with.push_back({"outcome", outcome});
      text.sample("kvco_operations_total", with, count);
    }
  }
  text.family("kvco_operation_duration_seconds", "histogram",
              "Time from the start of an operation to its end.");
  for (const auto& [where, what] : state_->operations) {
    const auto& [measured, outcomes] = what;
    auto with = about(where);
    with.push_back({"le", {}});
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < measured.counts.size(); ++i) {
      sum += measured.counts[i];
      const std::string bound = i < state_->bounds.size() ? number(seconds(state_->bounds[i])) : "+Inf";
      with.back().value = bound;
      text.sample("kvco_operation_duration_seconds_bucket", with, sum);
    }
    text.sample("kvco_operation_duration_seconds_sum", about(where), seconds(measured.sum));
    text.sample("kvco_operation_duration_seconds_count", about(where), sum);
  }
  text.family("kvco_operation_bytes_total", "counter", "Bytes of values, by direction.");
  for (const auto& [where, what] : state_->operations) {
    auto with = about(where);
    with.push_back({"direction", "received"});
    text.sample("kvco_operation_bytes_total", with, what.first.bytes_received);
    with.back().value = "sent";
    text.sample("kvco_operation_bytes_total", with, what.first.bytes_sent);
  }
  return text.take();
}

std::string prometheus_metrics::render(const client& about) const {
  return render() + render_prometheus(about.health(), about.statistics());
}

// --- the client -------------------------------------------------------------------------------------------------------

namespace {

void render_watches(prometheus_text& text, const std::vector<watch_health>& watches) {
  struct gauge {
    std::string_view name, help;
    std::uint64_t (*value)(const watch_health&);
  };
  const gauge gauges[] = {
      {"kvco_watches", "Watches that are open.", [](const watch_health&) -> std::uint64_t { return 1; }},
      {"kvco_watches_live", "Watches that the server delivers to.",
       [](const watch_health& w) -> std::uint64_t { return w.live ? 1 : 0; }},
      {"kvco_watch_queued_entries", "Entries received and not taken.",
       [](const watch_health& w) -> std::uint64_t { return w.queued; }},
      {"kvco_watch_behind_entries", "Entries that the server has still to send.",
       [](const watch_health& w) -> std::uint64_t { return w.behind; }},
  };
  for (const gauge& each : gauges) {
    text.family(each.name, "gauge", each.help);
    std::map<std::string, std::uint64_t> by_bucket;
    for (const watch_health& w : watches) by_bucket[detail::to_utf8(w.bucket)] += each.value(w);
    for (const auto& [bucket, sum] : by_bucket) text.sample(each.name, {{"bucket", bucket}}, sum);
  }
}

}  // namespace

std::string render_prometheus(const client_health& health, const statistics& counters) {
  prometheus_text text;
  append_single(text, "kvco_connected", "gauge", "1: there is a connection.",
                health.state == connection_state::connected ? 1 : 0);
  append_single(text, "kvco_round_trip_seconds", "gauge", "Of the last PING; 0: unknown.",
                seconds(health.round_trip));
  append_single(text, "kvco_pending_requests", "gauge", "Sent and not answered.", health.pending_requests);
  append_single(text, "kvco_waiting_requests", "gauge",
                "Waiting for a connection, or for room in the write buffer.", health.waiting_requests);
  append_single(text, "kvco_unsent_bytes", "gauge", "Bytes that wait for the socket.", health.unsent_bytes);
  append_single(text, "kvco_subscriptions", "gauge", "Open on the server.", counters.subscriptions);
  append_single(text, "kvco_connect_attempts_total", "counter", "Attempts to connect.",
                counters.connect_attempts);
  append_single(text, "kvco_connect_failures_total", "counter", "Attempts that failed.",
                counters.failed_attempts);
  append_single(text, "kvco_reconnects_total", "counter", "Connections after the first.",
                counters.reconnects);
  append_single(text, "kvco_authentication_failures_total", "counter", "Refused or revoked credentials.",
                counters.authentication_failures);
  append_single(text, "kvco_watches_recreated_total", "counter", "Watches set up again.",
                counters.watches_recreated);
  append_single(text, "kvco_received_bytes_total", "counter", "From the server.", counters.bytes_in);
  append_single(text, "kvco_sent_bytes_total", "counter", "To the server.", counters.bytes_out);
  append_single(text, "kvco_received_messages_total", "counter", "From the server.", counters.messages_in);
  append_single(text, "kvco_late_replies_total", "counter", "Replies that nobody waited for any more.",
                counters.late_replies);
  append_single(text, "kvco_repeated_reads_total", "counter", "Requests of reads that were sent again.",
                counters.repeated_reads);
  render_watches(text, health.watches);
  return text.take();
}

}  // namespace kvco

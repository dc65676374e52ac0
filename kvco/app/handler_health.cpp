// The metrics of handlers in the text format of Prometheus.
#include <kvco/app/handler_health.hpp>

#include <chrono>
#include <kvco/observe/prometheus_text.hpp>

namespace kvco {
namespace {

struct family {
  std::string_view name, type, help;
  std::uint64_t (*value)(const handler_health&);
};

template <auto Member>
std::uint64_t counter(const handler_health& of) {
  return of.counters.*Member;
}
template <auto Member>
std::uint64_t gauge(const handler_health& of) {
  return of.*Member;
}
std::uint64_t is_up(const handler_health& of) { return of.state == handler_state::running ? 1 : 0; }

constexpr family families[] = {
    {"kvco_handler_up", "gauge", "Whether the handler is running.", is_up},
    {"kvco_handler_received_total", "counter", "Entries and messages taken.",
     counter<&handler_counters::received>},
    {"kvco_handler_handled_total", "counter", "Calls that have succeeded.",
     counter<&handler_counters::handled>},
    {"kvco_handler_failures_total", "counter", "Calls that have failed.",
     counter<&handler_counters::failures>},
    {"kvco_handler_retries_total", "counter", "Further calls after a failure.",
     counter<&handler_counters::retries>},
    {"kvco_handler_skipped_total", "counter", "Given up and skipped.", counter<&handler_counters::skipped>},
    {"kvco_handler_dead_letters_total", "counter", "Given up and stored elsewhere.",
     counter<&handler_counters::dead_letters>},
    {"kvco_handler_ignored_total", "counter", "Deletions that the handler does not see.",
     counter<&handler_counters::ignored>},
    {"kvco_handler_conflated_total", "counter", "Replaced by newer ones of their keys.",
     counter<&handler_counters::conflated>},
    {"kvco_handler_queued", "gauge", "Taken and not begun.", gauge<&handler_health::queued>},
    {"kvco_handler_in_flight", "gauge", "Calls that have not ended.", gauge<&handler_health::in_flight>},
    {"kvco_handler_last_revision", "gauge", "The last revision taken.", gauge<&handler_health::last>},
    {"kvco_handler_stored_revision", "gauge",
     "Up to this revision everything was handled, and that is stored.", gauge<&handler_health::stored_to>},
};

}  // namespace

std::string_view to_string(handler_state state) noexcept {
  switch (state) {
    case handler_state::registered:
      return "registered";
    case handler_state::starting:
      return "starting";
    case handler_state::running:
      return "running";
    case handler_state::draining:
      return "draining";
    case handler_state::ended:
      return "ended";
    case handler_state::failed:
      return "failed";
  }
  return "unknown";
}

std::string render_prometheus(std::span<const handler_health> handlers) {
  prometheus_text text;
  for (const family& each : families) {
    text.family(each.name, each.type, each.help);
    for (const handler_health& one : handlers)
      text.sample(each.name, {{"handler", one.name}}, each.value(one));
  }
  constexpr std::string_view busy = "kvco_handler_busy_seconds_total";
  text.family(busy, "counter", "Time in calls of the handler.");
  for (const handler_health& one : handlers)
    text.sample(busy, {{"handler", one.name}}, std::chrono::duration<double>(one.counters.busy).count());
  return text.take();
}

}  // namespace kvco

// The report as JSON. See the header.
#include <bench/json.hpp>

#include <ostream>

namespace kvco::bench {
namespace {

/// Writes one value after the other; commas come by themselves.
class writer {
 public:
  explicit writer(std::ostream& out) : out_(out) {}

  void open(char bracket) {
    separate();
    out_ << bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ << bracket;
    first_ = false;
  }
  void name(std::string_view text) {
    value(text);
    out_ << ':';
    first_ = true;
  }
  void value(std::string_view text) {
    separate();
    out_ << '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') out_ << '\\';
      out_ << (static_cast<unsigned char>(c) < ' ' ? ' ' : c);
    }
    out_ << '"';
  }
  void value(double number) {
    separate();
    out_ << number;
  }
  template <class Value>
  void field(std::string_view key, const Value& what) {
    name(key);
    value(what);
  }
  void flag(std::string_view key, bool set) {
    name(key);
    separate();
    out_ << (set ? "true" : "false");
  }

 private:
  void separate() {
    if (!first_) out_ << ",\n";
    first_ = false;
  }
  std::ostream& out_;
  bool first_ = true;
};

void write(writer& out, const measured& one) {
  out.open('{');
  out.field("client", one.contestant);
  if (!one.good()) {
    out.field(one.absent.empty() ? "failure" : "absent", one.absent.empty() ? one.failure : one.absent);
    return out.close('}');
  }
  out.name("runs_per_second");
  out.open('[');
  for (const outcome& run : one.runs) out.value(run.per_second());
  out.close(']');
  out.field("per_second", one.per_second());
  out.field("ratio_to_floor", one.ratio());
  out.field("spread", one.spread());
  out.field("cpu_us", one.cpu_microseconds());
  out.field("allocations", one.allocations());
  out.field("peak_mb", one.peak_megabytes());
  out.field("grown_mb", one.grown_megabytes());
  if (!one.latency.empty()) {
    out.name("latency_us");
    out.open('{');
    out.field("scheduled_per_second", one.rate);  // 0: not by schedule
    out.field("samples", static_cast<double>(one.latency.count()));
    out.field("p50", one.latency.percentile(0.5));
    out.field("p99", one.latency.percentile(0.99));
    out.field("p99.9", one.latency.percentile(0.999));
    out.field("max", one.latency.max());
    out.close('}');
  }
  out.close('}');
}

void write(writer& out, const row& one) {
  const task& what = one.work.what;
  out.open('{');
  out.field("workload", one.work.name);
  out.field("transport", one.work.transport);
  out.field("work", what.work);
  out.field("unit", one.work.unit);
  out.field("flight", static_cast<double>(what.flight));
  out.field("value_bytes", static_cast<double>(what.value));
  out.field("keys", static_cast<double>(what.keys));
  out.name("clients");
  out.open('[');
  for (const measured& who : one.contestants) write(out, who);
  out.close(']');
  out.close('}');
}

}  // namespace

void write_json(std::ostream& stream, const report& all) {
  stream.precision(10);
  writer out(stream);
  out.open('{');
  out.field("server", all.server_version);
  out.name("workloads");
  out.open('[');
  for (const row& one : all.rows) write(out, one);
  out.close(']');
  out.name("layers");
  out.open('[');
  for (const pure_result& one : all.pure) {
    out.open('{');
    out.field("name", one.name);
    out.field("events_per_second", one.events_per_second);
    out.field("bytes_per_second", one.bytes_per_second);
    out.close('}');
  }
  out.close(']');
  out.name("targets");
  out.open('[');
  for (const target& one : all.targets) {
    out.open('{');
    out.field("target", one.what);
    out.field("wanted", one.wanted);
    out.field("seen", one.seen);
    out.flag("met", one.met);
    out.close('}');
  }
  out.close(']');
  out.close('}');
  stream << '\n';
}

}  // namespace kvco::bench

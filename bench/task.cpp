// Tasks and outcomes as lines: `name=value` with spaces between; a text comes last and goes to the end.
#include <bench/task.hpp>

#include <charconv>

namespace kvco::bench {
namespace {

std::string field(std::string_view name, double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return ' ' + std::string(name) + '=' + std::string(text, end);
}

std::string field(std::string_view name, std::uint64_t value) {
  return ' ' + std::string(name) + '=' + std::to_string(value);
}

// The value of a field, to the next space; `to_end`: to the end of the line.
std::string_view find(std::string_view line, std::string_view name, bool to_end = false) {
  const std::string start = ' ' + std::string(name) + '=';
  const std::size_t at = line.find(start);
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + start.size());
  return to_end ? line : line.substr(0, line.find(' '));
}

template <class Number = std::uint64_t>
Number number(std::string_view line, std::string_view name) {
  const std::string_view text = find(line, name);
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::string encode(const task& what) {
  return " work=" + what.work + field("flight", what.flight) + field("value", what.value) +
         field("keys", what.keys) + field("operations", what.operations) + field("rate", what.rate);
}

task decode_task(std::string_view line) {
  task what;
  what.work = find(line, "work");
  what.flight = number(line, "flight");
  what.value = number(line, "value");
  what.keys = number(line, "keys");
  what.operations = number(line, "operations");
  what.rate = number<double>(line, "rate");
  return what;
}

std::string encode(const outcome& what) {
  if (!what.absent.empty()) return " absent=" + what.absent;
  if (!what.failure.empty()) return " failure=" + what.failure;
  return field("operations", what.operations) + field("seconds", what.seconds) +
         field("cpu", what.cpu_seconds) + field("allocations", what.allocations) +
         field("peak", what.peak_bytes) + field("grown", what.grown_bytes) +
         " latency=" + what.latency.encode();
}

outcome decode_outcome(std::string_view line) {
  outcome what;
  what.absent = find(line, "absent", true);
  what.failure = find(line, "failure", true);
  what.operations = number(line, "operations");
  what.seconds = number<double>(line, "seconds");
  what.cpu_seconds = number<double>(line, "cpu");
  what.allocations = number<double>(line, "allocations");
  what.peak_bytes = number(line, "peak");
  what.grown_bytes = number(line, "grown");
  what.latency = histogram::decode(find(line, "latency"));
  if (what.absent.empty() && what.failure.empty() && what.operations == 0) {
    what.failure = "it did no operation: \"" + std::string(line.substr(0, 200)) + '"';
  }
  return what;
}

}  // namespace kvco::bench

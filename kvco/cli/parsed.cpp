// The arguments and flags of one call, by name. See the header.
#include <kvco/cli/parsed.hpp>

#include <cctype>
#include <charconv>
#include <cmath>
#include <kvco/cli/exit_code.hpp>
#include <utility>

namespace kvco::cli {
namespace {

using std::chrono::nanoseconds;

struct unit {
  std::string_view name;
  double factor;
};

constexpr unit times[] = {{"ns", 1},   {"us", 1e3},   {"µs", 1e3},     {"ms", 1e6},      {"s", 1e9},
                          {"m", 60e9}, {"h", 3600e9}, {"d", 86'400e9}, {"w", 604'800e9}, {"y", 31'536'000e9}};
constexpr double kib = 1024, mib = kib * kib, gib = mib * kib, tib = gib * kib;
constexpr unit sizes[] = {{"", 1},      {"B", 1},    {"K", kib},   {"KB", kib}, {"KiB", kib},
                          {"M", mib},   {"MB", mib}, {"MiB", mib}, {"G", gib},  {"GB", gib},
                          {"GiB", gib}, {"T", tib},  {"TB", tib},  {"TiB", tib}};
constexpr double largest = 9.2e18;

template <std::size_t N>
std::optional<double> factor_of(const unit (&units)[N], std::string_view name) {
  for (const unit& each : units) {
    if (each.name == name) return each.factor;
  }
  return std::nullopt;
}

/// A decimal number at the beginning of the text, which is removed from it.
std::optional<double> take_decimal(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + end, value, std::chars_format::fixed);
  if (end == 0 || error != std::errc() || stop != text.data() + end) return std::nullopt;
  text.remove_prefix(end);
  return value;
}

failure wrong(std::string_view name, const std::string& value, std::string_view rule) {
  const bool is_flag = std::islower(static_cast<unsigned char>(name.front())) != 0;
  return usage_error((is_flag ? "--" : "") + std::string(name) + ": \"" + value + "\" is no " +
                     std::string(rule));
}

}  // namespace

std::optional<nanoseconds> parse_time(std::string_view text) {
  if (text == "0") return nanoseconds(0);
  if (text.empty()) return std::nullopt;
  double sum = 0;
  while (!text.empty()) {
    const std::optional<double> value = take_decimal(text);
    const std::size_t end = std::min(text.find_first_of("0123456789."), text.size());
    const std::optional<double> factor = factor_of(times, text.substr(0, end));
    if (!value || !factor) return std::nullopt;
    sum += *value * *factor;
    text.remove_prefix(end);
  }
  if (sum > largest) return std::nullopt;
  return nanoseconds(std::llround(sum));
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  const std::optional<double> value = take_decimal(text);
  const std::optional<double> factor = factor_of(sizes, text);
  if (!value || !factor || *value * *factor > largest) return std::nullopt;
  return std::llround(*value * *factor);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void parsed::set(std::string_view name, std::vector<std::string> values) {
  values_.insert_or_assign(std::string(name), std::move(values));
}

const std::string* parsed::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? nullptr : &found->second.front();
}

bool parsed::has(std::string_view name) const { return values_.contains(name); }

std::string parsed::text(std::string_view name) const {
  const std::string* value = find(name);
  return value == nullptr ? std::string() : *value;
}

std::vector<std::string> parsed::all(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

std::optional<std::uint64_t> parsed::number(std::string_view name) const {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto read = parse_number(*value);
  if (!read) throw wrong(name, *value, "number");
  return read;
}

std::optional<nanoseconds> parsed::time(std::string_view name) const {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto read = parse_time(*value);
  if (!read) throw wrong(name, *value, "duration such as 250ms, 5s, 1h30m or 2d");
  return read;
}

std::optional<std::int64_t> parsed::size(std::string_view name) const {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto read = parse_size(*value);
  if (!read) throw wrong(name, *value, "size such as 512, 1KB or 2GiB");
  return read;
}

}  // namespace kvco::cli

// A duration as Go's tools write it ("1m30s") -> nanoseconds: NATS_TIMEOUT's way in.
#include <kvco/core/go_duration.hpp>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>

namespace kvco::core {
namespace {

struct unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// The longer names first: "ms" starts as "m" does.
constexpr unit units[] = {{"ns", 1},
                          {"us", 1'000},
                          {"\xc2\xb5s", 1'000},  // the two micro signs of Unicode
                          {"\xce\xbcs", 1'000},
                          {"ms", 1'000'000},
                          {"s", 1'000'000'000},
                          {"m", 60'000'000'000},
                          {"h", 3'600'000'000'000}};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

struct amount {
  std::int64_t whole = 0;
  std::string_view fraction;  // its digits
};

std::optional<amount> take_amount(std::string_view& text) {
  amount out;
  const char* const end = text.data() + text.size();
  const bool has_whole = !text.empty() && is_digit(text.front());
  if (has_whole) {
    const auto read = std::from_chars(text.data(), end, out.whole);
    if (read.ec != std::errc()) return {};
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  }
  if (text.starts_with('.')) {
    std::size_t size = 1;
    while (size < text.size() && is_digit(text[size])) ++size;
    out.fraction = text.substr(1, size - 1);
    text.remove_prefix(size);
  }
  if (!has_whole && out.fraction.empty()) return {};
  return out;
}

std::optional<std::int64_t> take_unit(std::string_view& text) {
  for (const unit& u : units) {
    if (!text.starts_with(u.name)) continue;
    text.remove_prefix(u.name.size());
    return u.nanoseconds;
  }
  return {};
}

// Below one nanosecond nothing is left of a fraction, as in Go.
std::int64_t part_of(std::int64_t nanoseconds, std::string_view fraction) {
  std::int64_t sum = 0;
  for (std::int64_t scale = nanoseconds; const char digit : fraction) {
    if (scale == 0) break;
    sum += scale / 10 * (digit - '0') + scale % 10 * (digit - '0') / 10;
    scale /= 10;
  }
  return sum;
}

}  // namespace

std::optional<duration> parse_go_duration(std::string_view text) {
  if (text == "0") return duration(0);
  if (text.empty()) return {};
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::int64_t sum = 0;
  while (!text.empty()) {
    const std::optional<amount> number = take_amount(text);
    if (!number) return {};
    const std::optional<std::int64_t> nanoseconds = take_unit(text);
    if (!nanoseconds || number->whole > most / *nanoseconds) return {};
    const std::int64_t parts[] = {number->whole * *nanoseconds, part_of(*nanoseconds, number->fraction)};
    for (const std::int64_t part : parts) {
      if (part > most - sum) return {};
      sum += part;
    }
  }
  return std::chrono::duration_cast<duration>(std::chrono::nanoseconds(sum));
}

}  // namespace kvco::core

// The arguments and flags of one call, by name.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::cli {

/// The words that were given, as they were written. The functions that read a value throw a usage error that names it and the rule.
class parsed {
 public:
  void set(std::string_view name, std::vector<std::string> values);

  bool has(std::string_view name) const;
  /// Empty if it was not given.
  std::string text(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
  std::optional<std::uint64_t> number(std::string_view name) const;
  /// "250ms", "1h30m", "2d".
  std::optional<std::chrono::nanoseconds> time(std::string_view name) const;
  /// In bytes: "512", "1KB", "2M", "1GiB", all to the base 1024.
  std::optional<std::int64_t> size(std::string_view name) const;

 private:
  const std::string* find(std::string_view name) const;

  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Nothing: it is no duration, or too long.
std::optional<std::chrono::nanoseconds> parse_time(std::string_view text);
std::optional<std::int64_t> parse_size(std::string_view text);
std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace kvco::cli

// One line of an export: a revision of a key.
#pragma once

#include <kvco/entry.hpp>
#include <string>
#include <string_view>

namespace kvco::cli {

struct record {
  std::string key;
  std::string value{};  // the exact bytes
  kvco::operation op = kvco::operation::put;
};

/// A line that json_of(entry) has written, or one with "key" and "value" alone. Throws std::invalid_argument with the rule.
record parse_record(std::string_view line);
record record_of(const entry& e);

}  // namespace kvco::cli

// The rules of names, to be asked before a call.
#pragma once

#include <string_view>

namespace kvco {

/// May put(), create() and update() store it? `[-/_=.A-Za-z0-9]+` without a dot at either end or two in a row (ADR-8).
bool is_valid_key(std::string_view key) noexcept;
/// May it be watched, listed, read as a prefix? A key in which a whole token is `*`, or the last one `>`.
bool is_valid_filter(std::string_view filter) noexcept;
/// Does the filter match the key, or the subject? Both are valid.
bool matches_filter(std::string_view filter, std::string_view key) noexcept;
/// `[-_A-Za-z0-9]+`, at most 252 bytes.
bool is_valid_bucket_name(std::string_view name) noexcept;

}  // namespace kvco

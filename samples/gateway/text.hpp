// Small conversions of text: percent encoding, UTF-8, base64, dates.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

/// Replaces %XX by its byte. Nothing if a '%' is not followed by two hexadecimal digits, or if a byte would be 0.
std::optional<std::string> percent_decoded(std::string_view text);

/// The whole text is one number in decimal digits without a sign.
std::optional<std::uint64_t> number_in(std::string_view text);

bool is_utf8(std::string_view bytes) noexcept;
std::string base64(std::string_view bytes);

/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::chrono::system_clock::time_point when);
/// "1994-11-06T08:49:37.250Z"
std::string iso_date(std::chrono::system_clock::time_point when);

/// Compares in a time that does not depend on the place of the first difference.
bool same_secret(std::string_view a, std::string_view b) noexcept;

}  // namespace gateway

// Numbers, times and bytes -> words. See the header.
#include <absl/strings/escaping.h>
#include <kvco/cli/texts.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace kvco::cli {
namespace {

using namespace std::chrono;

template <class... Args>
std::string formatted(const char* format, Args... args) {
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), format, args...);
  return {text.data(), static_cast<std::size_t>(std::clamp(size, 0, 63))};
}

std::string time_as(const char* format, time_point time, bool local) {
  const std::time_t seconds = system_clock::to_time_t(floor<std::chrono::seconds>(time));
  std::tm parts{};
  if (local) {
    ::localtime_r(&seconds, &parts);
  } else {
    ::gmtime_r(&seconds, &parts);
  }
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

/// The number without zeros at its end: "12.34", "12.3", "12".
std::string shortest(double value) {
  std::string text = formatted("%.2f", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

/// Writes a number into the `count` zeros at `begin`.
void put_digits(std::string& text, std::size_t begin, std::size_t count, std::int64_t number) {
  for (std::size_t i = begin + count; i > begin; number /= 10)
    text[--i] = static_cast<char>('0' + number % 10);
}

/// Whether there are as many bytes as a word has, and all of them are ASCII.
bool is_ascii_block(std::string_view text) {
  std::uint64_t word = 0;
  if (text.size() < sizeof word) return false;
  std::memcpy(&word, text.data(), sizeof word);
  return (word & 0x8080808080808080u) == 0;
}

/// How many bytes the character at the beginning has (RFC 3629); 0: it is not one.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second > 0x9F, beyond = first == 0xF4 && second > 0x8F;
  return overlong || surrogate || beyond ? 0 : size;
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;  // U+0080 to U+009F
}

}  // namespace

std::string byte_size(std::uint64_t bytes) {
  constexpr std::array units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 10) return formatted("%d B", static_cast<int>(bytes));
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < units.size()) value /= 1024, ++unit;
  value = std::floor(value * 10 + 0.5) / 10;
  return formatted(value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string human_time(nanoseconds time) {
  const double exact = static_cast<double>(time.count());
  if (time < 1ms) return shortest(exact / 1e3) + "µs";
  if (time < 1s) return shortest(exact / 1e6) + "ms";
  if (time < 1min) return shortest(exact / 1e9) + "s";
  auto rest = floor<seconds>(time).count();
  const auto part = [&](std::int64_t size, const char* unit, bool always) {
    const std::int64_t count = rest / size;
    rest %= size;
    return count != 0 || always ? std::to_string(count) + unit : std::string();
  };
  const bool days = rest >= 86'400, hours = rest >= 3600;
  std::string text = part(31'536'000, "y", false);
  text += part(86'400, "d", !text.empty());
  text += part(3600, "h", days);
  text += part(60, "m", hours);
  return text + part(1, "s", true);
}

std::string local_time(time_point time) { return time_as("%Y-%m-%d %H:%M:%S", time, true); }
std::string local_clock(time_point time) { return time_as("%H:%M:%S", time, true); }
std::string rfc822_time(time_point time) { return time_as("%d %b %y %H:%M UTC", time, false); }

// Digit by digit: an export has one for each key.
std::string rfc3339_time(time_point time) {
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss<nanoseconds> clock(time - day);
  std::string text = "0000-00-00T00:00:00.000000000Z";
  put_digits(text, 0, 4, static_cast<int>(date.year()));
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, clock.hours().count());
  put_digits(text, 14, 2, clock.minutes().count());
  put_digits(text, 17, 2, clock.seconds().count());
  put_digits(text, 20, 9, clock.subseconds().count());
  return text;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    if (is_ascii_block(text)) {
      text.remove_prefix(sizeof(std::uint64_t));
      continue;
    }
    const std::size_t size = character_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0) return false;
    if (is_control(text.substr(0, size)) && text[0] != '\n' && text[0] != '\t') return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string base64(std::string_view bytes) { return absl::Base64Escape({bytes.data(), bytes.size()}); }

std::string shown(std::string_view value) { return is_printable(value) ? std::string(value) : base64(value); }

std::string shown_in_a_line(std::string_view value) {
  std::string out;
  for (const char c : shown(value)) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // not a later byte of a character
  }));
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (columns == 0 || width_of(text) <= columns) return std::string(text);
  std::size_t end = 0;
  for (std::size_t left = columns - 1; left > 0; --left) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  }
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace kvco::cli

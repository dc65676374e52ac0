// RFC 3339 -> nanoseconds: the server's time stamps, read for every entry of a get.
#include <array>
#include <kvco/jetstream/replies.hpp>
#include <limits>

namespace kvco::jetstream {
namespace {

// Decimal digits at known places; one that is missing is remembered until the end.
class digits {
 public:
  bool ok() const noexcept { return wrong_ == 0; }
  int fail() noexcept { return wrong_ = 1, 0; }

  int two(const char* at) noexcept { return digit(at[0]) * 10 + digit(at[1]); }
  int four(const char* at) noexcept { return two(at) * 100 + two(at + 2); }
  int all(std::string_view text) noexcept {
    int value = 0;
    for (const char c : text) value = value * 10 + digit(c);
    return value;
  }

 private:
  int digit(char c) noexcept {
    const unsigned value = static_cast<unsigned>(c) - '0';
    wrong_ |= static_cast<unsigned>(value > 9);
    return static_cast<int>(value & 15);
  }
  unsigned wrong_ = 0;
};

// Takes ".123456789" off, 1 to 9 digits, as nanoseconds; 0 if there is no point.
int take_fraction(std::string_view& rest, digits& read) noexcept {
  if (!rest.starts_with('.')) return 0;
  std::size_t count = 0;
  while (count < 9 && count + 1 < rest.size() && rest[count + 1] >= '0' && rest[count + 1] <= '9') ++count;
  if (count == 0) return read.fail();
  int value = read.all(rest.substr(1, count));
  for (std::size_t i = count; i < 9; ++i) value *= 10;
  rest.remove_prefix(count + 1);
  return value;
}

constexpr bool is_leap(int year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr int days_in(int year, int month) noexcept {
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[static_cast<std::size_t>(month - 1)];
}

// Days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms": years begin in March).
constexpr std::int64_t days_since_epoch(int year, int month, int day) noexcept {
  const int y = month <= 2 ? year - 1 : year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146097 + day_of_era - 719468;
}
static_assert(days_since_epoch(1970, 1, 1) == 0 && days_since_epoch(2000, 3, 1) == 11017);

// Seconds that the zone ("Z", "+02:00") is ahead of UTC; nothing for what is none.
std::optional<int> zone(std::string_view text, digits& read) noexcept {
  if (text == "Z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int ahead = read.two(text.data() + 1) * 3600 + read.two(text.data() + 4) * 60;
  return text[0] == '-' ? -ahead : ahead;
}

// Nothing where nanoseconds do not fit: before 1677 (Go's zero time is in the year 1), after 2262.
std::optional<std::int64_t> nanoseconds(std::int64_t seconds, int fraction) noexcept {
  constexpr std::int64_t giga = 1'000'000'000;
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / giga;
  if (seconds >= most || seconds <= -most) return std::nullopt;
  return seconds * giga + fraction;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) noexcept {
  constexpr std::string_view shape = "0000-00-00T00:00:00";
  if (text.size() <= shape.size() || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  digits read;
  const int year = read.four(text.data());
  const int month = read.two(text.data() + 5);
  const int day = read.two(text.data() + 8);
  const int hour = read.two(text.data() + 11);
  const int minute = read.two(text.data() + 14);
  const int second = read.two(text.data() + 17);
  std::string_view rest = text.substr(shape.size());
  const int fraction = take_fraction(rest, read);
  const auto ahead = zone(rest, read);
  if (!read.ok() || !ahead) return std::nullopt;
  if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t of_day = hour * 3600 + minute * 60 + second;
  return nanoseconds(days_since_epoch(year, month, day) * 86400 + of_day - *ahead, fraction);
}

}  // namespace kvco::jetstream

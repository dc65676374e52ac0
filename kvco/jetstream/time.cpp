// RFC 3339 -> nanoseconds: the server's time stamps, read for every entry of a get.
#include <array>
#include <kvco/jetstream/replies.hpp>
#include <limits>

namespace kvco::jetstream {
namespace {

// Takes fixed pieces off a text; after the first one that is missing, everything fails.
class scanner {
 public:
  explicit scanner(std::string_view text) noexcept : rest_(text) {}

  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return rest_.empty(); }

  bool take(char c) noexcept {
    const bool there = rest_.starts_with(c);
    if (there) rest_.remove_prefix(1);
    return there;
  }
  void expect(char c) noexcept { ok_ = take(c) && ok_; }

  // Exactly `count` digits.
  int number(std::size_t count) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + digit();
    return value;
  }
  // 1 to 9 digits behind the point, as nanoseconds.
  int fraction() noexcept {
    int value = digit();
    for (std::size_t i = 1; i < 9; ++i) value = value * 10 + (at_digit() ? digit() : 0);
    return value;
  }

 private:
  bool at_digit() const noexcept { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
  int digit() noexcept {
    if (!at_digit()) return ok_ = false, 0;
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

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

// Seconds that the zone is ahead of UTC.
int zone(scanner& in) noexcept {
  if (in.take('Z')) return 0;
  const int sign = in.take('-') ? -1 : 1;
  if (sign > 0) in.expect('+');
  const int hour = in.number(2);
  in.expect(':');
  const int minute = in.number(2);
  return sign * (hour * 3600 + minute * 60);
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
  scanner in(text);
  const int year = in.number(4);
  in.expect('-');
  const int month = in.number(2);
  in.expect('-');
  const int day = in.number(2);
  in.expect('T');
  const int hour = in.number(2);
  in.expect(':');
  const int minute = in.number(2);
  in.expect(':');
  const int second = in.number(2);
  const int fraction = in.take('.') ? in.fraction() : 0;
  const int ahead = zone(in);
  if (!in.ok() || !in.at_end()) return std::nullopt;
  if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t of_day = hour * 3600 + minute * 60 + second;
  return nanoseconds(days_since_epoch(year, month, day) * 86400 + of_day - ahead, fraction);
}

}  // namespace kvco::jetstream

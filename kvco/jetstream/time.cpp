// RFC 3339 <-> nanoseconds: the server's time stamps, read for every entry of a get.
#include <absl/time/time.h>

#include <algorithm>
#include <array>
#include <boost/endian/conversion.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/wire/text.hpp>
#include <limits>

namespace kvco::jetstream {
namespace {

// Eight characters in one word: a digit wherever the shape has a 0, elsewhere the same.
class eight {
 public:
  eight(const char* at, std::string_view shape) noexcept {
    digits_ = load(at) ^ load(shape.data());  // 0 to 9, elsewhere 0
    std::uint64_t room = 0;                   // up to 127 in each byte
    for (std::size_t i = 0; i < 8; ++i) room |= std::uint64_t{shape[i] == '0' ? 127u - 9 : 127u} << 8 * i;
    ok_ = ((digits_ | (digits_ + room)) & 0x8080808080808080) == 0;
    pairs_ = digits_ * 10 + (digits_ >> 8);
  }
  bool ok() const noexcept { return ok_; }
  /// The two digits from there on.
  unsigned two(unsigned at) const noexcept { return static_cast<unsigned>(pairs_ >> 8 * at & 0xff); }
  /// All eight, of a shape of nothing but digits.
  int all() const noexcept {
    const std::uint64_t twos = pairs_ & 0x00ff00ff00ff00ff;
    const std::uint64_t fours = (twos * 100 + (twos >> 16)) & 0x0000ffff0000ffff;
    return static_cast<int>(static_cast<std::uint32_t>(fours * 10'000 + (fours >> 32)));
  }

 private:
  static std::uint64_t load(const char* at) noexcept {
    return boost::endian::load_little_u64(reinterpret_cast<const unsigned char*>(at));
  }
  std::uint64_t digits_, pairs_;
  bool ok_;
};

// By the number of digits. (Tables are outside of functions: inside they are copied to the stack first.)
constexpr std::array<int, 10> scales{1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                     10'000,        1'000,       100,        10,        1};

// Takes ".123456789" off, 1 to 9 digits, as nanoseconds; 0 without a point, and -1 for a point without
// digits.
int take_fraction(std::string_view& rest) noexcept {
  if (!wire::take(rest, ".")) return 0;
  int value = 0;
  std::size_t count = 0;
  if (rest.size() >= 8) {  // as nearly all are
    const eight first(rest.data(), "00000000");
    if (first.ok()) {
      value = first.all();
      count = 8;
    }
  }
  for (; count < std::min(rest.size(), scales.size() - 1) && wire::is_digit(rest[count]); ++count) {
    value = value * 10 + (rest[count] - '0');
  }
  rest.remove_prefix(count);
  return count == 0 ? -1 : value * scales[count];
}

// All unsigned: a division by a constant is a multiplication then. Years from 0.
constexpr bool is_leap(unsigned year) noexcept {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr std::array<unsigned, 12> days_of_month{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
constexpr unsigned days_in(unsigned year, unsigned month) noexcept {
  return month == 2 && is_leap(year) ? 29 : days_of_month[month - 1];
}

// Days since 1970-01-01 (as Hinnant, "chrono-compatible low-level date algorithms": years begin in March).
constexpr std::int64_t days_since_epoch(unsigned year, unsigned month, unsigned day) noexcept {
  const unsigned y = year + 400 - (month <= 2 ? 1 : 0), century = y / 100;  // 400 years are 146 097 days
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return std::int64_t{y * 365 + y / 4 - century + century / 4 + day_of_year} - 719'468 - 146'097;
}
static_assert(days_since_epoch(1970, 1, 1) == 0 && days_since_epoch(2000, 3, 1) == 11'017);
static_assert(days_since_epoch(0, 1, 1) == -719'528 && days_since_epoch(9999, 12, 31) == 2'932'896);

// Takes "Z" or "+02:00" off, as the seconds that the zone is ahead of UTC; nothing if the text is not a zone.
std::optional<int> take_zone(std::string_view& rest) noexcept {
  if (wire::take(rest, "Z")) return 0;
  if (rest.size() < 6 || (rest[0] != '+' && rest[0] != '-')) return std::nullopt;
  std::array<char, 8> hours_and_minutes{'0', '0', ':', '0', '0', ':', '0', '0'};
  std::copy_n(rest.begin() + 1, 5, hours_and_minutes.begin());
  const eight zone(hours_and_minutes.data(), "00:00:00");
  if (!zone.ok()) return std::nullopt;
  const auto ahead = static_cast<int>(zone.two(0) * 3600 + zone.two(3) * 60);
  const bool behind = rest[0] == '-';
  rest.remove_prefix(6);
  return behind ? -ahead : ahead;
}

// Nothing where nanoseconds do not fit: before 1677 (Go's zero time is in the year 1), after 2262.
std::optional<std::int64_t> nanoseconds(std::int64_t seconds, int fraction) noexcept {
  constexpr std::int64_t giga = 1'000'000'000;
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / giga;
  if (seconds >= most || seconds <= -most) return std::nullopt;
  return seconds * giga + fraction;
}

}  // namespace

std::optional<std::int64_t> take_time(std::string_view& rest) noexcept {
  constexpr std::string_view shape = "0000-00-00T00:00:00";
  if (rest.size() <= shape.size()) return std::nullopt;
  const eight date(rest.data(), "0000-00-");
  const eight day_and_hour(rest.data() + 8, "00T00:00");
  const eight time(rest.data() + 11, "00:00:00");
  if (!date.ok() || !day_and_hour.ok() || !time.ok()) return std::nullopt;
  rest.remove_prefix(shape.size());
  const int fraction = take_fraction(rest);
  const auto ahead = take_zone(rest);
  if (fraction < 0 || !ahead) return std::nullopt;
  const unsigned year = date.two(0) * 100 + date.two(2), month = date.two(5), day = day_and_hour.two(0);
  if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return std::nullopt;
  if (time.two(0) > 23 || time.two(3) > 59 || time.two(6) > 59) return std::nullopt;
  const std::int64_t of_day = time.two(0) * 3600 + time.two(3) * 60 + time.two(6);
  return nanoseconds(days_since_epoch(year, month, day) * 86400 + of_day - *ahead, fraction);
}

std::string format_time(std::int64_t since_epoch_ns) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E9SZ", absl::FromUnixNanos(since_epoch_ns), absl::UTCTimeZone());
}

std::optional<std::int64_t> parse_time(std::string_view text) noexcept {
  const auto time = take_time(text);
  return text.empty() ? time : std::nullopt;
}

}  // namespace kvco::jetstream

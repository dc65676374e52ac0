// RFC 3339 -> nanoseconds: the server's time stamps, read for every entry of a get.
#include <array>
#include <boost/endian/conversion.hpp>
#include <kvco/jetstream/replies.hpp>
#include <limits>

namespace kvco::jetstream {
namespace {

// Two digits at a known place; one that is missing is remembered until the end.
class digits {
 public:
  bool ok() const noexcept { return wrong_ == 0; }
  int fail() noexcept { return wrong_ = 1, 0; }
  int two(const char* at) noexcept { return digit(at[0]) * 10 + digit(at[1]); }

 private:
  int digit(char c) noexcept {
    const unsigned value = static_cast<unsigned>(c) - '0';
    wrong_ |= static_cast<unsigned>(value > 9);
    return static_cast<int>(value & 15);
  }
  unsigned wrong_ = 0;
};

// Eight characters in one word: a digit wherever the shape has a 0, elsewhere the same.
class eight {
 public:
  eight(const char* at, std::string_view shape) noexcept {
    const std::uint64_t found = load(at) ^ load(shape.data());  // digits become 0 to 9, the rest 0
    std::uint64_t room = 0;                                     // up to 127 in each byte
    for (std::size_t i = 0; i < 8; ++i) room |= std::uint64_t{shape[i] == '0' ? 127u - 9 : 127u} << 8 * i;
    ok_ = ((found | (found + room)) & 0x8080808080808080) == 0;
    pairs_ = found * 10 + (found >> 8);
  }
  bool ok() const noexcept { return ok_; }
  /// The two digits from there on.
  int two(unsigned at) const noexcept { return static_cast<int>(pairs_ >> 8 * at & 0xff); }

 private:
  static std::uint64_t load(const char* at) noexcept {
    return boost::endian::load_little_u64(reinterpret_cast<const unsigned char*>(at));
  }
  std::uint64_t pairs_;
  bool ok_;
};

// By how many digits there are. (Tables of functions stand outside of them: inside they are copied to the stack first.)
constexpr std::array<int, 10> scales{1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                     10'000,        1'000,       100,        10,        1};

// Takes ".123456789" off, 1 to 9 digits, as nanoseconds; 0 if there is no point.
int take_fraction(std::string_view& rest, digits& read) noexcept {
  if (!rest.starts_with('.')) return 0;
  rest.remove_prefix(1);
  const std::string_view places = rest.substr(0, scales.size() - 1);
  int value = 0;
  std::size_t count = 0;
  for (; count < places.size() && places[count] >= '0' && places[count] <= '9'; ++count) {
    value = value * 10 + (places[count] - '0');
  }
  if (count == 0) return read.fail();
  rest.remove_prefix(count);
  return value * scales[count];
}

constexpr bool is_leap(int year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr std::array<int, 12> days_of_month{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
constexpr int days_in(int year, int month) noexcept {
  return month == 2 && is_leap(year) ? 29 : days_of_month[static_cast<std::size_t>(month - 1)];
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
  if (text.size() <= shape.size() || text[10] != 'T') return std::nullopt;
  const eight date(text.data(), "0000-00-");
  const eight time(text.data() + 11, "00:00:00");
  if (!date.ok() || !time.ok()) return std::nullopt;
  digits read;
  const int year = date.two(0) * 100 + date.two(2);
  const int month = date.two(5);
  const int day = read.two(text.data() + 8);
  std::string_view rest = text.substr(shape.size());
  const int fraction = take_fraction(rest, read);
  const auto ahead = zone(rest, read);
  if (!read.ok() || !ahead) return std::nullopt;
  if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return std::nullopt;
  if (time.two(0) > 23 || time.two(3) > 59 || time.two(6) > 59) return std::nullopt;
  const std::int64_t of_day = time.two(0) * 3600 + time.two(3) * 60 + time.two(6);
  return nanoseconds(days_since_epoch(year, month, day) * 86400 + of_day - *ahead, fraction);
}

}  // namespace kvco::jetstream

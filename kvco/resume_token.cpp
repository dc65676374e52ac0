// The text of a resume token: `kvco1.<bucket>.<created>.<revision>.<newest>.<checksum>`.
#include <kvco/resume_token.hpp>

#include <algorithm>
#include <array>
#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/wire/text.hpp>
#include <limits>

namespace kvco {
namespace {

constexpr std::string_view version = "kvco1.";

// FNV-1a: a token that was cut off, or edited, is no token.
std::string checksum_of(std::string_view text) {
  std::uint32_t sum = 2'166'136'261;
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 16'777'619;
  std::string digits(8, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, sum >>= 4) {
    *digit = "0123456789abcdef"[sum & 15];
  }
  return digits;
}

std::string text_of(const detail::resume_fields& fields) {
  std::string text = detail::concat(version, fields.bucket, ".", std::to_string(fields.created_ns), ".",
                                    std::to_string(fields.rev), ".", std::to_string(fields.newest_ns), ".");
  text += checksum_of(text);
  return text;
}

bool take_time(std::string_view& rest, std::int64_t& to) noexcept {
  std::uint64_t number = 0;
  if (!wire::take_number(rest, number) || number > std::numeric_limits<std::int64_t>::max()) return false;
  to = static_cast<std::int64_t>(number);
  return wire::take(rest, ".");
}

}  // namespace

resume_token::resume_token(const detail::resume_fields& fields) noexcept
    : created_ns_(fields.created_ns), newest_ns_(fields.newest_ns), revision_(fields.rev) {
  size_ = static_cast<std::uint8_t>(std::min(fields.bucket.size(), bucket_.size()));
  std::copy_n(fields.bucket.begin(), size_, bucket_.begin());
}

std::chrono::system_clock::time_point resume_token::bucket_created() const noexcept {
  using std::chrono::system_clock;
  return system_clock::time_point(
      std::chrono::duration_cast<system_clock::duration>(std::chrono::nanoseconds(created_ns_)));
}

// These fields have only one text, that of to_string(): nothing else has to be checked.
std::optional<resume_token> resume_token::parse(std::string_view text) {
  if (text.empty()) return resume_token();
  std::string_view rest = text;
  if (!wire::take(rest, version)) return std::nullopt;
  detail::resume_fields fields;
  fields.bucket = rest.substr(0, rest.find('.'));
  if (jetstream::check_bucket_name(fields.bucket)) return std::nullopt;
  rest.remove_prefix(std::min(rest.size(), fields.bucket.size() + 1));
  if (!take_time(rest, fields.created_ns) || fields.created_ns == 0) return std::nullopt;
  if (!wire::take_number(rest, fields.rev) || !wire::take(rest, ".")) return std::nullopt;
  if (!take_time(rest, fields.newest_ns) || text_of(fields) != text) return std::nullopt;
  return resume_token(fields);
}

std::string to_string(const resume_token& token) { return token ? text_of(token.fields()) : std::string(); }

}  // namespace kvco

// The texts of servers from 2.9 to 2.15. Go's %q has put the subject in quotes, and there is a tail now and then:
//   Permissions Violation for Publish to "$KV.B.k"
//   Permissions Violation for Publish with Reply of "_R_.x"
//   Permissions Violation for Subscription to "x" using queue "q"
//   Permissions Violation for Subscription to "x" (sid "7")          after a reload
#include <kvco/core/error_line.hpp>

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/string_view.h>
#include <algorithm>
#include <iterator>
#include <kvco/wire/headers.hpp>
#include <optional>

namespace kvco::core {
namespace {

using about = error_line::about;

struct known_text {
  std::string_view part;  // in lower case
  about what;
};

// The first that is found counts.
constexpr known_text known_texts[] = {
    {"authorization violation", about::login},
    {"authentication timeout", about::late_login},
    {"authentication expired", about::login},
    {"authentication revoked", about::login},
    {"maximum subscriptions", about::some_subscription},
    {"invalid subject", about::some_subscription},
    {"permissions violation", about::nothing},
    {"stale connection", about::silence},
    {"maximum payload", about::input},
    {"maximum control line", about::input},
    {"slow consumer", about::connection},
    {"connections exceeded", about::connection},
    {"connection throttling", about::connection},
    {"tls required", about::connection},
    {"shutdown", about::connection},
    {"account", about::connection},
};

// Takes `"..."` off the front, as Go's %q writes it.
std::optional<std::string> take_quoted(std::string_view& rest) {
  if (!rest.starts_with('"')) return std::nullopt;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '\\') {
      ++i;
    } else if (rest[i] == '"') {
      std::string text;
      const bool understood = absl::CUnescape(absl::string_view(rest.data() + 1, i - 1), &text, nullptr);
      rest.remove_prefix(i + 1);
      return understood ? std::optional(std::move(text)) : std::nullopt;
    }
  }
  return std::nullopt;
}

struct named_text {
  std::string_view start;  // in lower case
  about what;
};

constexpr named_text named_texts[] = {
    {"permissions violation for publish to ", about::publish},
    {"permissions violation for publish with reply of ", about::reply},
    {"permissions violation for subscription to ", about::subscription},
};

std::optional<error_line> parse_named(std::string_view text, std::string_view lower) {
  for (const named_text& each : named_texts) {
    if (!lower.starts_with(each.start)) continue;
    std::string_view rest = text.substr(each.start.size());
    auto subject = take_quoted(rest);
    if (!subject) return std::nullopt;
    error_line line;
    line.what = each.what;
    line.subject = std::move(*subject);
    constexpr std::string_view sid = R"((sid ")";
    if (const auto at = rest.rfind(sid); at != rest.npos) {
      rest.remove_prefix(at + sid.size());
      line.sid = wire::parse_number(rest.substr(0, rest.find('"'))).value_or(0);
    }
    return line;
  }
  return std::nullopt;
}

}  // namespace

error_line parse_error_line(std::string_view text) {
  const std::string lower = absl::AsciiStrToLower(std::string(text));
  if (auto named = parse_named(text, lower)) return std::move(*named);
  error_line line;
  const auto* const known =
      std::find_if(std::begin(known_texts), std::end(known_texts),
                   [&](const known_text& each) { return lower.find(each.part) != lower.npos; });
  if (known != std::end(known_texts)) line.what = known->what;
  line.is_too_large = line.what == about::input && lower.starts_with("maximum payload");
  return line;
}

}  // namespace kvco::core

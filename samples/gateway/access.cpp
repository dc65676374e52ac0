#include "access.hpp"

#include <algorithm>
#include <random>

#include "text.hpp"

namespace gateway {
namespace {

constexpr std::string_view cookie_name = "kvco_gateway_session=";

std::string random_name() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device source;
  std::string out;
  for (int i = 0; i < 32; ++i) out += digits[source() % digits.size()];
  return out;
}

/// The page and the probes show nothing of a bucket.
bool is_open(const target& where) {
  if (where.path.empty()) return true;
  const std::string& first = where.path[0];
  return first == "page" || first == "healthz" || first == "readyz";
}

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool has_cookie(std::string_view field, std::string_view value) {
  while (!field.empty()) {
    const std::size_t end = std::min(field.find(';'), field.size());
    std::string_view one = field.substr(0, end);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(cookie_name) && same_secret(one.substr(cookie_name.size()), value)) return true;
    field.remove_prefix(std::min(end + 1, field.size()));
  }
  return false;
}

}  // namespace

bool is_loopback_name(std::string_view host) noexcept {
  const std::string_view name = without_port(host);
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

access::access(std::string token) : token_(std::move(token)), session_(random_name()) {}

std::optional<problem> access::refusal(const request& from) const {
  if (!from.origin.empty() && from.origin != "http://" + from.host && from.origin != "https://" + from.host)
    return problem{403, "cross-origin", "a page of another origin has no access"};
  if (token_.empty()) {
    if (is_loopback_name(from.host)) return std::nullopt;
    return problem{421, "wrong-host", "without a token this gateway is only 127.0.0.1, [::1] or localhost"};
  }
  if (is_open(from.where) || has_token(from)) return std::nullopt;
  return problem{401, "token-required", "send \"Authorization: Bearer <token>\""};
}

bool access::has_token(const request& from) const {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view given = from.authorization;
  if (given.starts_with(scheme)) return same_secret(given.substr(scheme.size()), token_);
  return has_cookie(from.cookie, session_);
}

std::string access::session_cookie() const {
  return std::string(cookie_name) + session_ + "; HttpOnly; SameSite=Strict; Path=/";
}

}  // namespace gateway

// config::urls() -> where to connect, in the order given: the link's first input.
#include <kvco/core/server_url.hpp>

#include <algorithm>
#include <charconv>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <kvco/wire/text.hpp>

namespace kvco::core {
namespace {

using detail::concat;
using detail::refusal;

bool is_alnum(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_control(char c) noexcept { return (c >= 0 && c < 0x20) || c == 0x7f; }

bool all_of(std::string_view text, bool (*test)(char) noexcept) {
  return std::all_of(text.begin(), text.end(), test);
}

// Takes "scheme://" off and returns the scheme in lower case; empty if the text has no scheme. A password may
// contain "://", so the part before must look like a scheme.
std::string take_scheme(std::string_view& text) {
  const std::size_t end = text.find("://");
  if (end == text.npos || !all_of(text.substr(0, end), [](char c) noexcept {
        return is_alnum(c) || c == '+' || c == '-' || c == '.';
      })) {
    return {};
  }
  std::string scheme(text.substr(0, end));
  for (char& c : scheme) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  text.remove_prefix(end + 3);
  return scheme.empty() ? "://" : scheme;  // an empty one is one
}

// %XX -> byte. False at a '%' without two hexadecimal digits, and for control characters: they have no place in
// credentials, and CR LF none on the wire.
bool decode_percent(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      unsigned byte = 0;
      const char* digits = text.data() + i + 1;
      if (text.size() - i < 3) return false;
      if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return false;
      c = static_cast<char>(byte);
      i += 2;
    }
    if (is_control(c)) return false;
    out += c;
  }
  return true;
}

// "user:password" or "token". An empty password is one, an empty user or token is not.
bool read_credentials(std::string_view text, server_url& out) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || text.empty()) return false;
  if (colon == text.npos) return decode_percent(text, out.token);
  return decode_percent(text.substr(0, colon), out.user) &&
         decode_percent(text.substr(colon + 1), out.password);
}

// Takes the host off; false if the text has no host. The rest is empty or a port with its colon.
bool take_host(std::string_view& text, std::string& host) {
  const bool bracket = text.starts_with('[');
  if (bracket) text.remove_prefix(1);
  const std::size_t end = std::min(text.find(bracket ? ']' : ':'), text.size());
  host = text.substr(0, end);
  text.remove_prefix(end);
  if (host.empty() || host.size() > 253) return false;
  if (!bracket) {
    return all_of(host, [](char c) noexcept { return is_alnum(c) || c == '.' || c == '-' || c == '_'; });
  }
  if (text.empty()) return false;
  text.remove_prefix(1);
  return all_of(host, [](char c) noexcept {  // fe80::1%eth0
    return is_alnum(c) || c == ':' || c == '.' || c == '%';
  });
}

bool read_scheme(std::string_view scheme, server_url& out) {
  constexpr struct {
    std::string_view name;
    url_scheme value;
    std::uint16_t port;
  } all[] = {{"", url_scheme::nats, 4222},
             {"nats", url_scheme::nats, 4222},
             {"tls", url_scheme::tls, 4222},
             {"ws", url_scheme::ws, 80},
             {"wss", url_scheme::wss, 443}};
  for (const auto& known : all) {
    if (scheme != known.name) continue;
    out.scheme = known.value;
    out.port = known.port;
    return true;
  }
  return false;
}

// Takes "/path" off the end; there need be none. It goes into an HTTP request line as it is.
bool take_path(std::string_view& text, std::string& path) {
  const std::size_t begin = text.find('/');
  if (begin == text.npos) return true;
  path = text.substr(begin);
  text = text.substr(0, begin);
  return all_of(path, [](char c) noexcept { return c > 0x20 && c < 0x7f && c != '#'; });
}

bool read_port(std::string_view text, std::uint16_t& port) {
  if (text.empty()) return true;
  if (!text.starts_with(':')) return false;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data() + 1, end, port);
  return result.ec == std::errc() && result.ptr == end && port != 0;
}

// A fault of one server, as the second half of a sentence that starts with which one; empty: none.
struct fault {
  client_error code{};
  std::string text;
};

fault malformed(std::string_view text) { return {client_error::url_malformed, std::string(text)}; }

// The texts hold nothing of the input: a forgotten "@host" makes a host and a port of user and password.
fault read_server(std::string_view text, server_url& out) {
  const std::string scheme = take_scheme(text);
  if (!read_scheme(scheme, out)) {
    return {client_error::url_scheme_unsupported, "has a scheme that is none of nats, tls, ws and wss"};
  }
  const std::string_view authority = out.websocket() ? text.substr(0, text.find('/')) : text;
  if (const std::size_t at = authority.rfind('@'); at != text.npos) {
    if (!read_credentials(text.substr(0, at), out)) {
      return malformed("has malformed credentials before the '@'");
    }
    text.remove_prefix(at + 1);
  }
  if (out.websocket()) {
    if (!take_path(text, out.path)) return malformed("has a path with characters that a URL may not have");
  } else if (text.ends_with('/')) {
    text.remove_suffix(1);
  }
  if (!text.starts_with('[') && std::count(text.begin(), text.end(), ':') > 1) {
    return malformed("has several colons in its host: an IPv6 address stands in brackets");
  }
  if (!take_host(text, out.host)) return malformed("has no host, or a malformed one");
  if (!read_port(text, out.port)) return malformed("has a port that is no number from 1 to 65535");
  return {};
}

// The part of a server's text that may be shown in an error: nothing from before the last '@' of all the
// URLs, which may belong to a password even where a comma in it ends the server; and of the rest nothing
// after a host's colon.
std::string shown(std::string_view urls, std::size_t begin, std::size_t end) {
  const std::size_t at = urls.rfind('@');
  const std::size_t open = std::max(begin, at == urls.npos ? 0 : at + 1);
  if (open > end) return {};
  const std::string_view text = urls.substr(open, end - open);
  const std::size_t scheme = text.find("://");
  const std::size_t host = scheme == text.npos ? 0 : scheme + 3;
  return concat(" (", detail::printable(wire::trim(text.substr(0, text.find(':', host)))), ")");
}

}  // namespace

std::string server_url::place() const {
  const bool address = host.find(':') != host.npos;
  return concat(address ? "[" : "", host, address ? "]:" : ":", std::to_string(port));
}

bool parse_host_port(std::string_view text, std::string& host, std::uint16_t& port) {
  return take_host(text, host) && !text.empty() && read_port(text, port);
}

parsed_urls parse_server_urls(std::string_view urls) {
  parsed_urls out;
  for (std::size_t begin = 0, number = 1; begin <= urls.size(); ++number) {
    const std::size_t end = std::min(urls.find(',', begin), urls.size());
    const std::string_view text = wire::trim(urls.substr(begin, end - begin));
    const fault found = read_server(text, out.servers.emplace_back());
    if (found.code != client_error{}) {
      out.servers.clear();
      out.refused = {found.code,
                     concat("server ", std::to_string(number), shown(urls, begin, end), " ", found.text)};
      return out;
    }
    begin = end + 1;
  }
  return out;
}

}  // namespace kvco::core

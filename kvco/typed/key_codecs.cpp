// Keys in base64url, and paths as keys.
#include <kvco/typed/key_codecs.hpp>

#include <absl/strings/escaping.h>
#include <absl/strings/string_view.h>
#include <algorithm>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <stdexcept>

namespace kvco {
namespace {

constexpr std::string_view root = "_root_";

std::string escaped(std::string_view token) {
  return absl::WebSafeBase64Escape(absl::string_view(token.data(), token.size()));
}

// Only the text that escaped() makes of the bytes: no padding, no blanks.
bool append_unescaped(std::string& to, std::string_view token) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(absl::string_view(token.data(), token.size()), &bytes)) return false;
  if (escaped(bytes) != token) return false;
  to += bytes;
  return true;
}

/// Calls `use` with each token between dots, and adds the dots.
template <class Use>
bool for_each_token(std::string& to, std::string_view key, Use use) {
  while (true) {
    const std::size_t end = std::min(key.find('.'), key.size());
    if (!use(key.substr(0, end))) return false;
    if (end == key.size()) return true;
    to += '.';
    key.remove_prefix(end + 1);
  }
}

}  // namespace

std::string base64_key_codec::encode(std::string_view key) const {
  std::string out;
  for_each_token(out, key, [&](std::string_view token) { return out += escaped(token), true; });
  return out;
}

std::string base64_key_codec::encode_filter(std::string_view filter) const {
  std::string out;
  for_each_token(out, filter, [&](std::string_view token) {
    out += token == "*" || token == ">" ? std::string(token) : escaped(token);
    return true;
  });
  return out;
}

decoded<std::string> base64_key_codec::decode(std::string_view stored) const {
  std::string out;
  if (for_each_token(out, stored, [&](std::string_view token) { return append_unescaped(out, token); }))
    return out;
  return value_error(client_error::key_not_decoded,
                     detail::concat("a token is not base64url: key ", detail::printable(stored)));
}

std::string path_key_codec::encode(std::string_view path) const {
  const std::string_view first = path.substr(0, path.find('/'));
  if (path.find('.') != path.npos || first == root) {
    throw std::invalid_argument(detail::concat("the path ", detail::printable(path),
                                               " would come back as another one (",
                                               first == root ? root : ".", ")"));
  }
  std::string out;
  if (path.starts_with('/')) {
    out = path.size() == 1 ? root : "_root_.";
    path.remove_prefix(1);
  }
  if (path.ends_with('/')) path.remove_suffix(1);
  out += path;
  std::replace(out.begin(), out.end(), '/', '.');
  return out;
}

std::string path_key_codec::decode(std::string_view stored) const {
  if (stored == root) return "/";
  const bool is_absolute = stored.starts_with("_root_.");
  std::string out(stored.substr(is_absolute ? root.size() : 0));
  std::replace(out.begin(), out.end(), '.', '/');
  return out;
}

namespace detail {

void check_no_wildcard(std::string_view filter) {
  if (filter.find_first_of("*>") != filter.npos)
    throw std::invalid_argument(concat("the key codec has no filters with wildcards: ", printable(filter)));
}

}  // namespace detail
}  // namespace kvco

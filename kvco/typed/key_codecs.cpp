// Keys in base64url, and paths as keys.
#include <kvco/typed/key_codecs.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <stdexcept>

namespace kvco {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view root = "_root_";

void append_base64(std::string& to, std::string_view bytes) {
  std::uint32_t bits = 0;
  unsigned count = 0;  // of the bits that were not written yet
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) to += alphabet[(bits >> (count - 6)) & 63];
  }
  if (count > 0) to += alphabet[(bits << (6 - count)) & 63];
}

bool append_bytes(std::string& to, std::string_view token) {
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : token) {
    const std::size_t value = alphabet.find(c);
    if (value == alphabet.npos) return false;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    if ((count += 6) < 8) continue;
    count -= 8;
    to += static_cast<char>((bits >> count) & 255);
  }
  return count < 6 &&
         (bits & ((1u << count) - 1)) == 0;  // what is left are zeros that filled the last character
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
  for_each_token(out, key, [&](std::string_view token) { return append_base64(out, token), true; });
  return out;
}

std::string base64_key_codec::encode_filter(std::string_view filter) const {
  std::string out;
  for_each_token(out, filter, [&](std::string_view token) {
    token == "*" || token == ">" ? void(out += token) : append_base64(out, token);
    return true;
  });
  return out;
}

decoded<std::string> base64_key_codec::decode(std::string_view stored) const {
  std::string out;
  if (for_each_token(out, stored, [&](std::string_view token) { return append_bytes(out, token); }))
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

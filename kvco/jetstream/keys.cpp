// The rules of names: checked before anything is sent.
#include <kvco/jetstream/keys.hpp>

#include <algorithm>
#include <array>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <kvco/detail/utf8.hpp>

namespace kvco::jetstream {
namespace {

using detail::concat;
using detail::printable;

enum class kind : unsigned char {
  invalid = 1,
  dot = 2,
  wildcard = 4,
  key = 8,
  name = 16,  // also in a bucket's name
};

// By byte, so that no locale and no sign of char gets in.
constexpr std::array<kind, 256> kinds = [] {
  std::array<kind, 256> table;
  table.fill(kind::invalid);
  const auto set = [&](std::string_view bytes, kind k) {
    for (char c : bytes) table[static_cast<unsigned char>(c)] = k;
  };
  set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", kind::name);
  set("/=", kind::key);
  set(".", kind::dot);
  set("*>", kind::wildcard);
  return table;
}();

constexpr kind kind_of(char c) { return kinds[static_cast<unsigned char>(c)]; }
constexpr unsigned mask_of(kind k) { return static_cast<unsigned>(k); }

refusal refuse(client_error rule, std::string_view what, std::string_view input, std::string_view where) {
  return {rule, concat(what, " ", printable(input), where)};
}

refusal refuse_at(client_error rule, std::string_view what, std::string_view input, std::size_t at) {
  return refuse(rule, what, input,
                concat(" has ", printable(input.substr(at, 1)), " at byte ", std::to_string(at)));
}

// Characters that no subject can contain (it ends there in the protocol), or no JSON.
std::size_t find_unreadable(std::string_view text) noexcept {
  return std::min(text.find_first_of(" \t\r\n"), detail::find_no_utf8(text));
}

// A token that is `*` or `>`.
std::size_t find_wildcard_token(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kind_of(text[i]) != kind::wildcard) continue;
    if ((i == 0 || text[i - 1] == '.') && (i + 1 == text.size() || text[i + 1] == '.')) return i;
  }
  return std::string_view::npos;
}

// Position of the first byte of this kind.
std::size_t find_kind(std::string_view text, kind wanted) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kind_of(text[i]) == wanted) return i;
  }
  return std::string_view::npos;
}

// A wildcard means something only as a whole token, `>` only as the last one.
refusal check_wildcards(std::string_view filter) {
  for (std::size_t i = 0; i < filter.size(); ++i) {
    if (kind_of(filter[i]) != kind::wildcard) continue;
    const bool alone = (i == 0 || filter[i - 1] == '.') && (i + 1 == filter.size() || filter[i + 1] == '.');
    if (!alone) return refuse_at(client_error::filter_wildcard_not_alone, "filter", filter, i);
    if (filter[i] == '>' && i + 1 != filter.size()) {
      return refuse_at(client_error::filter_tail_wildcard_not_last, "filter", filter, i);
    }
  }
  return {};
}

}  // namespace

// In front of every operation: dots, which few keys have, are looked at only where there are some. (It leaves at the first wrong
// byte, or GCC makes vectors of it, and of them single bytes again.)
bool is_valid_key(std::string_view key) noexcept {
  constexpr unsigned never = mask_of(kind::invalid) | mask_of(kind::wildcard);
  if (key.empty() || key.size() > max_key_size) return false;
  unsigned seen = 0;
  for (const char c : key) {
    seen |= mask_of(kind_of(c));
    if ((seen & never) != 0) return false;
  }
  if ((seen & mask_of(kind::dot)) == 0) return true;
  return key.front() != '.' && key.back() != '.' && key.find("..") == key.npos;
}

bool is_readable_key(std::string_view key) noexcept {
  if (is_valid_key(key)) return true;
  if (key.empty() || key.size() > max_key_size || key.front() == '.' || key.back() == '.') return false;
  return key.find("..") == key.npos && find_unreadable(key) == key.npos &&
         find_wildcard_token(key) == key.npos;
}

namespace {

// A key that breaks a rule; these two positions are of the rules in which the kinds of keys differ.
refusal refuse_key(std::string_view key, std::size_t invalid, std::size_t wildcard) {
  if (key.empty()) return {client_error::key_empty, "key \"\""};
  if (key.size() > max_key_size) return refuse(client_error::key_too_long, "key", key, "");
  if (invalid != key.npos) return refuse_at(client_error::key_has_invalid_character, "key", key, invalid);
  if (wildcard != key.npos) return refuse_at(client_error::key_has_wildcard, "key", key, wildcard);
  if (key.front() == '.') return refuse(client_error::key_starts_with_dot, "key", key, "");
  if (key.back() == '.') return refuse(client_error::key_ends_with_dot, "key", key, "");
  return refuse_at(client_error::key_has_empty_token, "key", key, key.find(".."));
}

}  // namespace

refusal check_key(std::string_view key) {
  if (is_valid_key(key)) return {};
  return refuse_key(key, find_kind(key, kind::invalid), find_kind(key, kind::wildcard));
}

refusal check_readable_key(std::string_view key) {
  if (is_readable_key(key)) return {};
  return refuse_key(key, find_unreadable(key), find_wildcard_token(key));
}

refusal check_filter(std::string_view filter) {
  if (filter.empty()) return {client_error::filter_empty, "filter \"\""};
  if (filter.size() > max_key_size) {
    return refuse(client_error::filter_too_long, "filter", filter, "");
  }
  if (const auto at = find_unreadable(filter); at != filter.npos) {
    return refuse_at(client_error::filter_has_invalid_character, "filter", filter, at);
  }
  if (filter.front() == '.' || filter.back() == '.' || filter.find("..") != filter.npos) {
    return refuse(client_error::filter_has_empty_token, "filter", filter, "");
  }
  return check_wildcards(filter);
}

refusal check_bucket_name(std::string_view name) {
  constexpr std::size_t max_bucket_name = 255 - 3;  // server: names of streams, here with KV_
  if (name.empty()) return {client_error::bucket_name_empty, "bucket name \"\""};
  if (name.size() > max_bucket_name) {
    return refuse(client_error::bucket_name_too_long, "bucket name", name, "");
  }
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (kind_of(name[i]) == kind::name) continue;
    return refuse_at(client_error::bucket_name_has_invalid_character, "bucket name", name, i);
  }
  return {};
}

}  // namespace kvco::jetstream

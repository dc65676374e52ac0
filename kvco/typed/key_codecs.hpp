// Codecs for keys: any text in base64url, and paths with slashes. They convert token by token, so that filters still work.
#pragma once

#include <array>
#include <cstddef>
#include <kvco/typed/codec.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace kvco {

/// Does not change keys.
struct plain_keys {
  static constexpr std::string_view name = "plain";  ///< For the bucket's metadata.

  std::string_view encode(std::string_view key) const noexcept { return key; }
  std::string_view encode_filter(std::string_view filter) const noexcept { return filter; }
  std::string decode(std::string_view stored) const { return std::string(stored); }
};

/// Encodes each token between dots in base64url without padding (RFC 4648), as the Base64Codec of orbit.go: a key may contain any
/// bytes, including `*`. In a filter `*` and `>` are wildcards.
struct base64_key_codec {
  static constexpr std::string_view name = "base64url";  ///< For the bucket's metadata.

  std::string encode(std::string_view key) const;
  std::string encode_filter(std::string_view filter) const;
  /// Fails if a token cannot be a result of encode().
  decoded<std::string> decode(std::string_view stored) const;
};

/// Paths, as the PathCodec of orbit.go: a slash in a key is a dot in the bucket; a leading one is a first part `_root_`, a trailing one
/// is left out.
/// encode() throws for a path that would be decoded as another one: if it contains a dot, or its first part is `_root_`.
struct path_key_codec {
  static constexpr std::string_view name = "path";  ///< For the bucket's metadata.

  std::string encode(std::string_view path) const;
  std::string encode_filter(std::string_view filter) const { return encode(filter); }
  std::string decode(std::string_view stored) const;
};

namespace detail {

template <const std::string_view&... Names>
consteval auto join_names() {
  std::array<char, (Names.size() + ...) + sizeof...(Names) - 1> joined{};
  std::size_t end = 0;
  const auto append = [&](std::string_view name) {
    if (end != 0) joined[end++] = '+';
    for (const char c : name) joined[end++] = c;
  };
  (append(Names), ...);
  return joined;
}
template <class... Codecs>
inline constexpr auto joined_names = join_names<Codecs::name...>();

}  // namespace detail

/// Several codecs: the first one encodes first and decodes last. `key_codec_chain<path_key_codec, base64_key_codec>` stores paths
/// whose parts may be any text.
template <key_codec First, key_codec... Rest>
class key_codec_chain {
 public:
  /// `path+base64url`
  static constexpr std::string_view name{detail::joined_names<First, Rest...>.data(),
                                         detail::joined_names<First, Rest...>.size()};

  key_codec_chain() = default;
  /// Of these codecs.
  explicit key_codec_chain(First first, Rest... rest) : codecs_(std::move(first), std::move(rest)...) {}

  std::string encode(std::string_view key) const {
    return apply(key,
                 [](const auto& codec, const std::string& text) { return std::string(codec.encode(text)); });
  }
  std::string encode_filter(std::string_view filter) const
      requires(filtering_key_codec<First> && (true && ... && filtering_key_codec<Rest>)) {
    return apply(filter, [](const auto& codec, const std::string& text) {
      return std::string(codec.encode_filter(text));
    });
  }
  decoded<std::string> decode(std::string_view stored) const {
    return decode_from<sizeof...(Rest)>(std::string(stored));
  }

 private:
  template <class Step>
  std::string apply(std::string_view key, Step step) const {
    std::string text(key);
    std::apply([&](const auto&... codec) { ((text = step(codec, text)), ...); }, codecs_);
    return text;
  }
  template <std::size_t I>
  decoded<std::string> decode_from(const std::string& stored) const {
    decoded<std::string> text = std::get<I>(codecs_).decode(stored);
    if constexpr (I == 0) {
      return text;
    } else {
      return text ? decode_from<I - 1>(*text) : text;
    }
  }

  [[no_unique_address]] std::tuple<First, Rest...> codecs_;
};

namespace detail {

/// Throws if a filter has a wildcard.
void check_no_wildcard(std::string_view filter);

/// The filter for keys in the bucket. ">" matches every key with any codec.
template <key_codec Codec>
decoded<std::string> encode_filter(const Codec& codec, std::string_view filter) {
  if (filter == ">") return std::string(filter);
  return attempt<std::string>(client_error::filter_not_encoded, [&] {
    if constexpr (filtering_key_codec<Codec>) {
      return std::string(codec.encode_filter(filter));
    } else {
      check_no_wildcard(filter);
      return std::string(codec.encode(filter));
    }
  });
}

}  // namespace detail
}  // namespace kvco

// The arguments of typed operations as those of plain ones, encoded before the call returns.
#pragma once

#include <cstddef>
#include <deque>
#include <kvco/detail/result_as.hpp>
#include <kvco/many.hpp>
#include <kvco/typed/codec.hpp>
#include <kvco/typed/key_codecs.hpp>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace kvco::detail {

template <key_codec KeyCodec>
auto encode_key(const KeyCodec& codec, std::string_view key) {
  using encoded = decltype(codec.encode(key));
  return attempt<encoded>(client_error::key_not_encoded, [&] { return codec.encode(key); });
}

template <class T, value_codec<T> Codec>
auto encode_value(const Codec& codec, const T& value) {
  using encoded = decltype(codec.encode(value));
  return attempt<encoded>(client_error::value_not_encoded, [&] { return codec.encode(value); });
}

/// The result of a write, and whatever else a codec leaves alone.
struct unchanged {
  template <class T>
  T operator()(T value) const {
    return value;
  }
};

/// Several keys or filters, as long as the call that begins the operation.
template <key_codec KeyCodec>
class encoded_keys {
 public:
  /// @param encode  one of them: (codec, key) -> decoded<...>
  template <class Encode>
  encoded_keys(const KeyCodec& codec, key_views keys, diagnostics* diag, Encode encode) {
    if constexpr (std::is_same_v<KeyCodec, plain_keys>) {
      plain_ = keys;
    } else {
      keys_.reserve(keys.size());
      for (std::size_t i = 0; i < keys.size() && !refused_; ++i)
        add(encode(codec, keys[i]), i, keys.size() > 1, diag);
    }
  }

  key_views views() const noexcept {
    if constexpr (std::is_same_v<KeyCodec, plain_keys>) {
      return plain_;
    } else {
      return key_views(keys_);
    }
  }
  const refused_ptr& refused() const noexcept { return refused_; }

 private:
  template <class Encoded>
  void add(Encoded encoded, std::size_t index, bool of_several, diagnostics* diag) {
    if (encoded) return void(keys_.emplace_back(*encoded));
    value_error why = encoded.error();
    if (of_several) why.text = "keys[" + std::to_string(index) + "]: " + why.text;
    refused_ = refused_by(decoded<std::string>(std::move(why)), diag);
  }

  key_views plain_;
  std::vector<std::string> keys_;
  refused_ptr refused_;
};

/// The outcomes of all items: of those that were sent, and of those that could not be encoded.
struct with_unencoded {
  std::vector<std::pair<std::size_t, value_error>> unencoded;  // by their places

  std::vector<put_outcome> operator()(std::vector<put_outcome> sent) && {
    if (unencoded.empty()) return sent;
    std::vector<put_outcome> all;
    all.reserve(sent.size() + unencoded.size());
    auto next = sent.begin();
    for (auto& [place, why] : unencoded) {
      while (all.size() < place) all.push_back(std::move(*next++));
      all.emplace_back(why.code, std::move(why.text));
    }
    all.insert(all.end(), std::make_move_iterator(next), std::make_move_iterator(sent.end()));
    return all;
  }
};

template <class Items, class T>
concept typed_items = std::ranges::input_range<Items> &&
    requires(std::ranges::range_reference_t<Items> item) {
  { std::get<0>(item) } -> std::convertible_to<std::string_view>;
  { std::get<1>(item) } -> std::convertible_to<const T&>;
};

/// Items of put_many(), as long as the call that begins the operation.
template <class T, class Codec, class KeyCodec>
class encoded_items {
 public:
  encoded_items(const Codec& codec, const KeyCodec& key_codec) : codec_(codec), key_codec_(key_codec) {}

  void add(std::string_view key, const T& value) {
    const std::size_t place = items_.size() + unencoded_.unencoded.size();
    const auto encoded = encode_key(key_codec_, key);
    if (!encoded) return unencoded_.unencoded.emplace_back(place, encoded.error()), void();
    const auto bytes = encode_value(codec_, value);
    if (!bytes) return unencoded_.unencoded.emplace_back(place, bytes.error()), void();
    const std::string_view shown_key = *encoded;
    const std::string_view copy = copies_.emplace_back(std::string(shown_key).append(value_view(*bytes)));
    items_.push_back({copy.substr(0, shown_key.size()), copy.substr(shown_key.size())});
  }
  item_views views() const noexcept { return items_; }
  with_unencoded others() && { return std::move(unencoded_); }

 private:
  const Codec& codec_;
  const KeyCodec& key_codec_;
  std::deque<std::string> copies_;
  std::vector<put_item> items_;
  with_unencoded unencoded_;
};

}  // namespace kvco::detail

// One revision of one key with its value decoded.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kvco/entry.hpp>
#include <kvco/typed/codec.hpp>
#include <kvco/typed/key_codecs.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace kvco {

/// One revision of one key. It has a value, or the reason why it has not: the stored bytes cannot be decoded as a T
/// (errc::invalid_value), the key codec cannot decode the key (errc::invalid_key), or it is a deletion, or was read without its value
/// (errc::no_value).
///
///     if (e.has_value()) use(*e);
///     else if (e.operation() == kvco::operation::put) report(e.key(), e.error().text, e.bytes());
///
/// \par Lifetimes
/// Views and references that it returns are valid as long as the entry.
template <class T>
class typed_entry {
 public:
  typed_entry() : value_(value_error(client_error::entry_without_value, {})) {}
  /// @param stored  the entry as it was read
  /// @param value  its value, or why it has none
  /// @param key  the decoded key; empty: the stored one
  typed_entry(entry stored, decoded<T> value, std::string key)
      : stored_(std::move(stored)), value_(std::move(value)), key_(std::move(key)) {}

  bool has_value() const noexcept { return value_.has_value(); }
  /// Throws error() as a boost::system::system_error if there is no value.
  const T& value() const& { return value_.value(); }
  T value() && { return std::move(value_).value(); }
  /// Requires has_value().
  const T& operator*() const noexcept { return *value_; }
  const T* operator->() const noexcept { return &*value_; }
  /// The reason why there is no value. Requires !has_value().
  const value_error& error() const noexcept { return value_.error(); }

  /// The decoded key; the stored one if the key codec has failed.
  std::string_view key() const noexcept { return key_.empty() ? stored_.key() : std::string_view(key_); }
  /// See entry::revision().
  kvco::revision revision() const noexcept { return stored_.revision(); }
  /// See entry::operation().
  kvco::operation operation() const noexcept { return stored_.operation(); }
  /// See entry::created().
  std::chrono::system_clock::time_point created() const noexcept { return stored_.created(); }
  /// See entry::delta().
  std::uint64_t delta() const noexcept { return stored_.delta(); }
  /// See entry::bucket().
  std::string_view bucket() const noexcept { return stored_.bucket(); }
  /// The stored bytes.
  std::span<const std::byte> bytes() const noexcept { return stored_.bytes(); }
  /// The entry before it was decoded.
  const entry& stored() const noexcept { return stored_; }

 private:
  entry stored_;
  decoded<T> value_;
  std::string key_;
};

namespace detail {

/// Converts plain results to typed ones.
template <class T, class Codec, class KeyCodec>
struct entry_decoder {
  [[no_unique_address]] Codec codec;
  [[no_unique_address]] KeyCodec key_codec;

  typed_entry<T> operator()(entry stored) const {
    std::string key;
    if constexpr (!std::is_same_v<KeyCodec, plain_keys>) {
      decoded<std::string> found = decode_key(stored.key());
      if (!found) return {std::move(stored), found.error(), {}};
      key = std::move(*found);
    }
    decoded<T> value = decode_value(stored);
    return {std::move(stored), std::move(value), std::move(key)};
  }
  std::optional<typed_entry<T>> operator()(std::optional<entry> stored) const {
    if (!stored) return std::nullopt;
    return (*this)(std::move(*stored));
  }
  template <class Entry>
  auto operator()(std::vector<Entry> stored) const {
    std::vector<decltype((*this)(std::move(stored[0])))> all;
    all.reserve(stored.size());
    for (Entry& each : stored) all.push_back((*this)(std::move(each)));
    return all;
  }
  std::optional<std::vector<typed_entry<T>>> operator()(std::optional<std::vector<entry>> stored) const {
    if (!stored) return std::nullopt;
    return (*this)(std::move(*stored));
  }
  /// Leaves out keys that the key codec cannot decode.
  std::vector<std::string> operator()(std::vector<std::string> stored) const {
    if constexpr (std::is_same_v<KeyCodec, plain_keys>) {
      return stored;
    } else {
      std::vector<std::string> keys;
      for (const std::string& each : stored) {
        if (decoded<std::string> key = decode_key(each)) keys.push_back(std::move(*key));
      }
      return keys;
    }
  }

 private:
  decoded<T> decode_value(const entry& stored) const {
    const std::string_view bytes = stored.value();
    const bool is_absent = bytes.empty() && stored.value_size() != 0;  // .meta_only
    if (stored.operation() != kvco::operation::put || is_absent)
      return value_error(client_error::entry_without_value, {});
    return attempt<T>(client_error::value_not_decoded, [&] { return codec.decode(bytes); });
  }
  decoded<std::string> decode_key(std::string_view stored) const {
    return attempt<std::string>(client_error::key_not_decoded, [&] { return key_codec.decode(stored); });
  }
};

}  // namespace detail
}  // namespace kvco

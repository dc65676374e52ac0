// A bucket whose values have a type.
#pragma once

#include <initializer_list>
#include <kvco/bucket.hpp>
#include <kvco/client.hpp>
#include <kvco/detail/result_as.hpp>
#include <kvco/detail/typed_arguments.hpp>
#include <kvco/typed/codec.hpp>
#include <kvco/typed/default_codec.hpp>
#include <kvco/typed/key_codecs.hpp>
#include <kvco/typed/typed_entry.hpp>
#include <kvco/typed/typed_watcher.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco {

/// A bucket whose values are T, and whose keys are those of the key codec. A cheap handle on a bucket, as bucket itself.
///
///     struct order { int Id; };
///     BOOST_DESCRIBE_STRUCT(order, (), (Id))
///     kvco::typed_bucket<order> orders(bucket);
///     co_await orders.put("order-1", {1});  // the stored bytes are {"Id":1}
///     std::optional<kvco::typed_entry<order>> e = co_await orders.get("order-1");
///
/// \par Operations
/// Those of bucket with typed arguments and results: same options, completion tokens, deadlines, cancellation and errors.
///
/// \par Errors
/// A value or a key that the codec cannot encode: errc::invalid_value or invalid_key with the text of the codec, before anything is
/// sent. Stored bytes that it cannot decode are no error of the operation but of that entry: see typed_entry.
///
/// \par Lifetimes
/// Arguments are encoded before the call returns. With g++ 12 name a value that owns memory before the co_await expression:
/// `order next{"fig"}; co_await orders.put("order-1", next);`.
template <class T, class Codec = default_codec<T>, class KeyCodec = plain_keys>
requires value_codec<Codec, T> && key_codec<KeyCodec>
class typed_bucket {
  using decoder = detail::entry_decoder<T, Codec, KeyCodec>;
  using found_entry = std::optional<typed_entry<T>>;

 public:
  using value_type = T;
  using codec_type = Codec;         ///< Of the values.
  using key_codec_type = KeyCodec;  ///< Of the keys.
  using executor_type = bucket::executor_type;
  using watcher_type = typed_watcher<T, Codec, KeyCodec>;  ///< Of watch().

  typed_bucket() = default;  ///< empty
  explicit typed_bucket(bucket plain, Codec codec = {}, KeyCodec key_codec = {})
      : plain_(std::move(plain)), codec_(std::move(codec)), key_codec_(std::move(key_codec)) {}

  /// False: the handle is empty.
  explicit operator bool() const noexcept { return static_cast<bool>(plain_); }
  /// See bucket::name().
  const std::string& name() const noexcept { return plain_.name(); }
  /// See bucket::client().
  kvco::client client() const { return plain_.client(); }
  executor_type get_executor() const noexcept { return plain_.get_executor(); }
  /// The bucket itself: for stored bytes, and for operations that have neither keys nor values.
  const bucket& plain() const noexcept { return plain_; }

  /// See bucket::put().
  template <class Token = default_token>
  auto put(std::string_view key, const T& value, put_options options, Token&& token = Token()) const {
    return write(
        key, value, options.diag, std::forward<Token>(token),
        [&](std::string_view k, value_view v, auto as) { return plain_.put(k, v, options, std::move(as)); });
  }
  template <detail::token_for<put_options> Token = default_token>
  auto put(std::string_view key, const T& value, Token&& token = Token()) const {
    return put(key, value, put_options(), std::forward<Token>(token));
  }

  /// See bucket::create().
  template <class Token = default_token>
  auto create(std::string_view key, const T& value, create_options options, Token&& token = Token()) const {
    return write(key, value, options.diag, std::forward<Token>(token),
                 [&](std::string_view k, value_view v, auto as) {
                   return plain_.create(k, v, options, std::move(as));
                 });
  }
  template <detail::token_for<create_options> Token = default_token>
  auto create(std::string_view key, const T& value, Token&& token = Token()) const {
    return create(key, value, create_options(), std::forward<Token>(token));
  }

  /// See bucket::update().
  template <class Token = default_token>
  auto update(std::string_view key, const T& value, revision last, update_options options,
              Token&& token = Token()) const {
    return write(key, value, options.diag, std::forward<Token>(token),
                 [&](std::string_view k, value_view v, auto as) {
                   return plain_.update(k, v, last, options, std::move(as));
                 });
  }
  template <detail::token_for<update_options> Token = default_token>
  auto update(std::string_view key, const T& value, revision last, Token&& token = Token()) const {
    return update(key, value, last, update_options(), std::forward<Token>(token));
  }

  /// See bucket::erase().
  template <class Token = default_token>
  auto erase(std::string_view key, erase_options options, Token&& token = Token()) const {
    return with_key<revision>(
        key, detail::unchanged(), options.diag, std::forward<Token>(token),
        [&](std::string_view k, auto as) { return plain_.erase(k, options, std::move(as)); });
  }
  template <detail::token_for<erase_options> Token = default_token>
  auto erase(std::string_view key, Token&& token = Token()) const {
    return erase(key, erase_options(), std::forward<Token>(token));
  }

  /// See bucket::purge().
  template <class Token = default_token>
  auto purge(std::string_view key, purge_options options, Token&& token = Token()) const {
    return with_key<revision>(
        key, detail::unchanged(), options.diag, std::forward<Token>(token),
        [&](std::string_view k, auto as) { return plain_.purge(k, options, std::move(as)); });
  }
  template <detail::token_for<purge_options> Token = default_token>
  auto purge(std::string_view key, Token&& token = Token()) const {
    return purge(key, purge_options(), std::forward<Token>(token));
  }

  /// See bucket::get().
  ///
  /// \par Completes with
  /// `void(error_code, std::optional<typed_entry<T>>)`.
  template <class Token = default_token>
  auto get(std::string_view key, get_options options, Token&& token = Token()) const {
    return with_key<found_entry>(
        key, decode(), options.diag, std::forward<Token>(token),
        [&](std::string_view k, auto as) { return plain_.get(k, options, std::move(as)); });
  }
  template <detail::token_for<get_options> Token = default_token>
  auto get(std::string_view key, Token&& token = Token()) const {
    return get(key, get_options(), std::forward<Token>(token));
  }

  /// See bucket::get_revision().
  ///
  /// \par Completes with
  /// `void(error_code, std::optional<typed_entry<T>>)`.
  template <class Token = default_token>
  auto get_revision(std::string_view key, revision rev, get_options options, Token&& token = Token()) const {
    return with_key<found_entry>(
        key, decode(), options.diag, std::forward<Token>(token),
        [&](std::string_view k, auto as) { return plain_.get_revision(k, rev, options, std::move(as)); });
  }
  template <detail::token_for<get_options> Token = default_token>
  auto get_revision(std::string_view key, revision rev, Token&& token = Token()) const {
    return get_revision(key, rev, get_options(), std::forward<Token>(token));
  }

  /// See bucket::history().
  ///
  /// \par Completes with
  /// `void(error_code, std::vector<typed_entry<T>>)`.
  template <class Token = default_token>
  auto history(std::string_view key, request_options options, Token&& token = Token()) const {
    return with_key<std::vector<typed_entry<T>>>(
        key, decode(), options.diag, std::forward<Token>(token),
        [&](std::string_view k, auto as) { return plain_.history(k, options, std::move(as)); });
  }
  template <detail::token_for<request_options> Token = default_token>
  auto history(std::string_view key, Token&& token = Token()) const {
    return history(key, request_options(), std::forward<Token>(token));
  }

  /// See bucket::get_many().
  ///
  /// \par Completes with
  /// `void(error_code, std::vector<std::optional<typed_entry<T>>>)`.
  template <class Token = default_token>
  auto get_many(key_views keys, get_options options, Token&& token = Token()) const {
    const detail::encoded_keys<KeyCodec> encoded(
        key_codec_, keys, options.diag,
        [](const KeyCodec& codec, std::string_view key) { return detail::encode_key(codec, key); });
    return plain_.get_many(
        encoded.views(), options,
        detail::result_as<std::vector<found_entry>>(decode(), encoded.refused(), std::forward<Token>(token)));
  }
  template <detail::token_for<get_options> Token = default_token>
  auto get_many(key_views keys, Token&& token = Token()) const {
    return get_many(keys, get_options(), std::forward<Token>(token));
  }

  /// See bucket::put_many(). An item that cannot be encoded is that item's outcome, and the others are stored.
  ///
  /// `items` is any input range of pairs of a key and a T: a vector, a std::map.
  template <detail::typed_items<T> Items, class Token = default_token>
  auto put_many(Items&& items, put_many_options options, Token&& token = Token()) const {
    detail::encoded_items<T, Codec, KeyCodec> encoded(codec_, key_codec_);
    for (auto&& item : items) encoded.add(std::get<0>(item), std::get<1>(item));
    const item_views sent = encoded.views();
    return plain_.put_many(sent, options,
                           detail::result_as<std::vector<put_outcome>>(std::move(encoded).others(), {},
                                                                       std::forward<Token>(token)));
  }
  template <detail::typed_items<T> Items, detail::token_for<put_many_options> Token = default_token>
  auto put_many(Items&& items, Token&& token = Token()) const {
    return put_many(std::forward<Items>(items), put_many_options(), std::forward<Token>(token));
  }

  /// See bucket::keys(). Keys that are none of the key codec are left out.
  template <class Token = default_token>
  auto keys(key_views filters, request_options options, Token&& token = Token()) const {
    const auto encoded = encoded_filters(filters, options.diag);
    return plain_.keys(
        encoded.views(), options,
        detail::result_as<std::vector<std::string>>(decode(), encoded.refused(), std::forward<Token>(token)));
  }
  template <detail::filter_token Token = default_token>
  auto keys(key_views filters, Token&& token = Token()) const {
    return keys(filters, request_options(), std::forward<Token>(token));
  }
  template <class Token = default_token>
  auto keys(std::string_view filter, request_options options, Token&& token = Token()) const {
    return keys(key_views(std::span(&filter, 1)), options, std::forward<Token>(token));
  }
  template <class Token = default_token>
  requires detail::filter_token<Token>
  auto keys(std::string_view filter, Token&& token = Token()) const {
    return keys(filter, request_options(), std::forward<Token>(token));
  }
  template <class Token = default_token>
  requires detail::filter_token<Token>
  auto keys(Token&& token = Token()) const {
    return keys(">", request_options(), std::forward<Token>(token));
  }

  /// See bucket::status().
  template <class Token = default_token>
  auto status(request_options options, Token&& token = Token()) const {
    return plain_.status(options, std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto status(Token&& token = Token()) const {
    return plain_.status(std::forward<Token>(token));
  }

  /// See bucket::watch(). A filter that the key codec cannot encode is reported by the first next().
  watcher_type watch(key_views filters, watch_options options = {}) const {
    const auto encoded = encoded_filters(filters, options.diag);
    if (encoded.refused()) return {watcher(), codec_, key_codec_, encoded.refused()};
    return {plain_.watch(encoded.views(), options), codec_, key_codec_};
  }
  watcher_type watch(std::string_view filter, watch_options options = {}) const {
    return watch(key_views(std::span(&filter, 1)), options);
  }
  watcher_type watch(std::initializer_list<std::string_view> filters, watch_options options = {}) const {
    return watch(key_views(filters), options);
  }
  /// See bucket::watch_all().
  watcher_type watch_all(watch_options options = {}) const { return watch(std::string_view(">"), options); }

 private:
  decoder decode() const { return {codec_, key_codec_}; }

  template <class U, class Transform, class Token, class Start>
  auto with_key(std::string_view key, Transform transform, diagnostics* diag, Token&& token,
                Start start) const {
    const auto encoded = detail::encode_key(key_codec_, key);
    return start(encoded ? std::string_view(*encoded) : std::string_view(),
                 detail::result_as<U>(std::move(transform), detail::refused_by(encoded, diag),
                                      std::forward<Token>(token)));
  }

  template <class Token, class Start>
  auto write(std::string_view key, const T& value, diagnostics* diag, Token&& token, Start start) const {
    const auto bytes = detail::encode_value(codec_, value);
    const auto encoded = detail::encode_key(key_codec_, key);
    detail::refused_ptr refused = detail::refused_by(encoded, diag);
    if (!refused) refused = detail::refused_by(bytes, diag);
    return start(
        encoded ? std::string_view(*encoded) : std::string_view(), bytes ? value_view(*bytes) : value_view(),
        detail::result_as<revision>(detail::unchanged(), std::move(refused), std::forward<Token>(token)));
  }

  detail::encoded_keys<KeyCodec> encoded_filters(key_views filters, diagnostics* diag) const {
    return {key_codec_, filters, diag, [](const KeyCodec& codec, std::string_view filter) {
              return detail::encode_filter(codec, filter);
            }};
  }

  bucket plain_;
  [[no_unique_address]] Codec codec_;
  [[no_unique_address]] KeyCodec key_codec_;
};

}  // namespace kvco

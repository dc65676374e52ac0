// The names of codecs in the metadata of a bucket, so that a reader with other codecs notices.
#pragma once

#include <kvco/bucket.hpp>
#include <kvco/bucket_config.hpp>
#include <kvco/detail/result_as.hpp>
#include <kvco/typed/codec.hpp>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace kvco {

namespace detail {

struct codec_names {
  std::string_view of_values, of_keys;
};
template <class Typed>
inline constexpr codec_names codec_names_of{Typed::codec_type::name, Typed::key_codec_type::name};

void pin(bucket_config& config, const codec_names& names);
/// No error: they fit.
value_error compare_pinned(const std::map<std::string, std::string>& metadata, const codec_names& names);

}  // namespace detail

/// Names the codecs of a typed bucket in the metadata of a configuration (`_kvco.codec`, `_kvco.key_codec`; server 2.10):
///
///     using order_bucket = kvco::typed_bucket<order>;
///     kvco::bucket made = co_await nats.create_bucket(kvco::pin_codecs<order_bucket>(kvco::bucket_config("ORDERS")));
template <class Typed>
bucket_config pin_codecs(bucket_config config) {
  detail::pin(config, detail::codec_names_of<Typed>);
  return config;
}

/// The typed bucket, if its codecs are those that the metadata of the bucket names; a bucket that names none fits as well.
///
/// \par Completes with
/// `void(error_code, Typed)`; errc::codec_mismatch, and the errors of bucket::status().
template <class Typed, class Token = default_token>
auto bind(const bucket& plain, request_options options, Token&& token = Token()) {
  const auto check = [plain](const bucket_status& status) -> decoded<Typed> {
    value_error why = detail::compare_pinned(status.config.metadata(), detail::codec_names_of<Typed>);
    if (why.code) return why;
    return Typed(plain);
  };
  return plain.status(options, detail::result_as<Typed>(check, {}, std::forward<Token>(token)));
}
template <class Typed, detail::token_for<request_options> Token = default_token>
auto bind(const bucket& plain, Token&& token = Token()) {
  return bind<Typed>(plain, request_options(), std::forward<Token>(token));
}

}  // namespace kvco

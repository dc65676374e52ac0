// The names of codecs in the metadata of a bucket.
#include <kvco/typed/pinned_codec.hpp>

#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>

namespace kvco::detail {
namespace {

constexpr codec_names keys{"_kvco.codec", "_kvco.key_codec"};

value_error compare(const std::map<std::string, std::string>& metadata, std::string_view key,
                    std::string_view own) {
  const auto pinned = metadata.find(std::string(key));
  if (pinned == metadata.end() || pinned->second == own) return {};
  return {client_error::codec_mismatch,
          concat(key, " is ", printable(pinned->second), ", and this one is \"", own, "\"")};
}

}  // namespace

void pin(bucket_config& config, const codec_names& names) {
  config.metadata(keys.of_values, names.of_values).metadata(keys.of_keys, names.of_keys);
}

value_error compare_pinned(const std::map<std::string, std::string>& metadata, const codec_names& names) {
  value_error why = compare(metadata, keys.of_values, names.of_values);
  return why.code ? why : compare(metadata, keys.of_keys, names.of_keys);
}

}  // namespace kvco::detail

// The rules of names, see the header.
#include <kvco/names.hpp>

#include <kvco/jetstream/keys.hpp>

namespace kvco {

bool is_valid_key(std::string_view key) noexcept { return jetstream::is_valid_key(key); }
bool is_valid_filter(std::string_view filter) noexcept { return !jetstream::check_filter(filter); }
bool matches_filter(std::string_view filter, std::string_view key) noexcept {
  return jetstream::matches(filter, key);
}
bool is_valid_bucket_name(std::string_view name) noexcept { return !jetstream::check_bucket_name(name); }

}  // namespace kvco

// The answers of direct get as servers write nearly all of them: read for every get, byte by byte.
#pragma once

#include <kvco/jetstream/multi_get.hpp>
#include <kvco/jetstream/subjects.hpp>
#include <string>
#include <string_view>

namespace kvco::jetstream {

/// Reads replies of one bucket. False means "not of this form", without any statement about the content:
/// parse_direct_get() and parse_multi_get() read any form.
class common_direct_get {
 public:
  explicit common_direct_get(std::string_view bucket) : common_direct_get(bucket, key_prefix(bucket)) {}
  /// Of a mirror: its messages have the subjects of its origin.
  common_direct_get(std::string_view bucket, std::string_view prefix);

  /// The value of `key`, which was stored without headers. `out` views into the reply and into this.
  bool read(std::string_view block, std::string_view payload, std::string_view key,
            detail::entry_fields& out) const noexcept;
  /// A message of a series of multi_last, which was stored without headers.
  bool read(std::string_view block, std::string_view payload, multi_get_reply& out) const noexcept;

 private:
  std::string bucket_;
  std::string start_;  // of the header block, up to the key
};

}  // namespace kvco::jetstream

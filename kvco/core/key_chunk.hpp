// The keys of one multi_last request, and their replies.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <cstdint>
#include <kvco/jetstream/multi_get.hpp>
#include <string_view>
#include <vector>

namespace kvco::core {

/// The keys of a chunk whose state is known when its series has ended.
///
/// A reply may be missing: NATS delivers at most once. So the series is checked by its own counts: each reply
/// names the one before it and the number of those after it. A key without a reply is absent only if the
/// series has no gap.
class key_chunk {
 public:
  struct key {
    std::uint32_t index;  // the caller's
    std::string_view text;
    bool came = false;
    revision rev = 0;  // with which it came
  };
  struct duplicate {
    std::uint32_t index;
    std::uint32_t of;  // position in keys()
  };

  void clear();
  /// Text must outlive the chunk. False: it is in the chunk already, as a duplicate now.
  bool add(std::uint32_t index, std::string_view text) noexcept;
  const std::vector<key>& keys() const noexcept { return keys_; }
  const std::vector<duplicate>& duplicates() const noexcept { return duplicates_; }

  /// A message of the series: whose it is. nullptr: of no key of this chunk.
  const key* on_message(const jetstream::multi_get_reply& message);
  /// 204 EOB. True: no reply is missing, so keys without a reply are absent.
  bool on_end(const jetstream::multi_get_reply& end) const noexcept;
  /// Has this series brought anything that was not there before?
  bool has_come() const noexcept { return came_ > 0; }

 private:
  std::vector<key> keys_;
  std::vector<duplicate> duplicates_;
  absl::flat_hash_map<std::string_view, std::uint32_t> positions_;
  std::size_t came_ = 0;
  revision last_ = 0;
  std::uint64_t pending_ = 0;
  bool gap_ = false;
};

}  // namespace kvco::core

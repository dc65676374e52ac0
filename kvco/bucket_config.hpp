// The configuration of a bucket.
#pragma once

#include <cstdint>
#include <kvco/options.hpp>
#include <kvco/stream_source.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kvco {
/// Where the entries of a bucket are kept.
enum class storage : std::uint8_t { file, memory };

namespace detail {

/// Settings of a bucket, and which of them were set.
enum class bucket_setting : unsigned {
  description = 1,
  history = 2,
  ttl = 4,
  max_value_size = 8,
  max_bytes = 16,
  storage = 32,
  replicas = 64,
  compression = 128,
  limit_marker_ttl = 256,
  placement = 512,
  republish = 1024,
  mirror = 2048,
  sources = 4096,
  atomic = 8192,
};
struct set_settings {
  void add(bucket_setting one) noexcept { bits |= static_cast<unsigned>(one); }
  bool has(bucket_setting one) const noexcept { return (bits & static_cast<unsigned>(one)) != 0; }
  bool empty() const noexcept { return bits == 0 && metadata.empty(); }

  unsigned bits = 0;
  std::set<std::string> metadata;  // by their keys
};

}  // namespace detail

/// The configuration of a bucket. Only the name is required; each setter returns *this, even for a temporary:
/// `co_await nats.create_bucket(kvco::bucket_config("ORDERS").history(5))`.
///
/// A setting counts as set once its setter was called, even with the default value. An update (client::ensure_bucket with
/// on_conflict::update) changes only the settings that are set: all others, and those unknown to this client, remain unchanged in
/// the stream. The configuration that bucket::status() returns has values, but none of them counts as set: if one setter is called
/// on it, an update changes that setting alone. A new bucket is created with all values, set or not.
class bucket_config {
 public:
  /// A bucket of this name with the defaults of all settings.
  explicit bucket_config(std::string_view name) : name_(name) {}

  bucket_config& description(std::string_view v) { return set(setting::description, description_, v); }
  /// Revisions kept per key, 1 to 64 (ADR-8). Default 1.
  bucket_config& history(int v) { return set(setting::history, history_, v); }
  /// Age at which every revision expires; 0: never. The server chooses the time for which it remembers a Nats-Msg-Id
  /// (duplicate_window), at most this age; an update changes it only if it equals the old ttl, or exceeds the new one.
  bucket_config& ttl(duration v) { return set(setting::ttl, ttl_, v); }
  /// Limit of one value with its headers in bytes; 0: the server's limit.
  bucket_config& max_value_size(std::int32_t v) { return set(setting::max_value_size, max_value_size_, v); }
  /// Limit of the bucket in bytes; 0: none.
  bucket_config& max_bytes(std::int64_t v) { return set(setting::max_bytes, max_bytes_, v); }
  bucket_config& storage(kvco::storage v) { return set(setting::storage, storage_, v); }
  /// 1 to 5; more than 1 needs a cluster.
  bucket_config& replicas(int v) { return set(setting::replicas, replicas_, v); }
  /// S2 compression of the stored file (server 2.10).
  bucket_config& compression(bool v) { return set(setting::compression, compression_, v); }
  /// Lets single keys expire and leaves a marker for watchers when they do; it lives this long, >= 1 s
  /// (server 2.11, ADR-48). 0: off.
  bucket_config& limit_marker_ttl(duration v) { return set(setting::limit_marker_ttl, limit_marker_ttl_, v); }
  bucket_config& placement(bucket_placement v) { return set(setting::placement, placement_, v); }
  /// An update without a destination switches it off.
  bucket_config& republish(bucket_republish v) { return set(setting::republish, republish_, v); }
  /// Makes the bucket a mirror: it holds the entries of its origin, with the same revisions. It answers reads; writes go to the
  /// origin. A mirror has no sources, and its origin cannot be changed later.
  bucket_config& mirror(bucket_source v) { return set(setting::mirror, mirror_, v); }
  /// Buckets and streams whose entries are copied into this bucket, which can be written as well. If several of them have the same
  /// key, the last entry copied is its value. Requires server 2.10, unless the source is a bucket of the same name in another domain.
  bucket_config& sources(std::vector<bucket_source> v) { return set(setting::sources, sources_, v); }
  /// Allows atomic writes of several keys (allow_atomic, server 2.12).
  bucket_config& atomic(bool v) { return set(setting::atomic, atomic_, v); }
  /// One item of the bucket's metadata (server 2.10). An update does not change other items of the stream.
  bucket_config& metadata(std::string_view key, std::string_view value) {
    set_.metadata.emplace(key);
    return metadata_.insert_or_assign(std::string(key), std::string(value)), *this;
  }

  /// Of the bucket, without the prefix of its stream.
  const std::string& name() const noexcept { return name_; }
  const std::string& description() const noexcept { return description_; }
  int history() const noexcept { return history_; }
  duration ttl() const noexcept { return ttl_; }
  std::int32_t max_value_size() const noexcept { return max_value_size_; }
  std::int64_t max_bytes() const noexcept { return max_bytes_; }
  kvco::storage storage() const noexcept { return storage_; }
  int replicas() const noexcept { return replicas_; }
  bool compression() const noexcept { return compression_; }
  duration limit_marker_ttl() const noexcept { return limit_marker_ttl_; }
  const bucket_placement& placement() const noexcept { return placement_; }
  const bucket_republish& republish() const noexcept { return republish_; }
  const bucket_source& mirror() const noexcept { return mirror_; }
  /// Whether mirror() has a name.
  bool is_mirror() const noexcept { return !mirror_.name.empty(); }
  const std::vector<bucket_source>& sources() const noexcept { return sources_; }
  bool atomic() const noexcept { return atomic_; }
  const std::map<std::string, std::string>& metadata() const noexcept { return metadata_; }

  /// For kvco itself: returns the settings that are set; marks all of them as not set.
  const detail::set_settings& set_settings() const noexcept { return set_; }
  void clear_set_settings() noexcept { set_ = {}; }  ///< for kvco itself

 private:
  using setting = detail::bucket_setting;

  template <class Value, class From>
  bucket_config& set(setting which, Value& to, const From& from) {
    set_.add(which);
    return to = from, *this;
  }

  std::string name_, description_;
  std::map<std::string, std::string> metadata_;
  bucket_placement placement_;
  bucket_republish republish_;
  bucket_source mirror_;
  std::vector<bucket_source> sources_;
  detail::set_settings set_;
  duration ttl_{};
  duration limit_marker_ttl_{};
  std::int64_t max_bytes_ = 0;
  std::int32_t max_value_size_ = 0;
  int history_ = 1;
  int replicas_ = 1;
  kvco::storage storage_ = kvco::storage::file;
  bool compression_ = false;
  bool atomic_ = false;
};

}  // namespace kvco

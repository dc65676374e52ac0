// The one table of JetStream API subjects, and where a bucket's keys live.
#pragma once

#include <kvco/entry.hpp>
#include <string>
#include <string_view>

namespace kvco::jetstream {

/// The subjects of the JetStream API below its prefix: `$JS.API`, `$JS.<domain>.API` (ADR-19), or that of an import.
class api_subjects {
 public:
  explicit api_subjects(std::string_view domain = {});
  /// @param prefix  "$JS.hub.API", "FROM.HUB"; a dot at its end may be there
  static api_subjects with_prefix(std::string_view prefix);

  std::string account_info() const;                          // INFO
  std::string of(std::string_view request) const;            // any other
  std::string stream_create(std::string_view stream) const;  // STREAM.CREATE.<stream>
  std::string stream_update(std::string_view stream) const;
  std::string stream_info(std::string_view stream) const;
  std::string stream_delete(std::string_view stream) const;
  std::string stream_purge(std::string_view stream) const;
  std::string stream_names() const;
  std::string stream_list() const;                         // with the configuration of each
  std::string message_get(std::string_view stream) const;  // STREAM.MSG.GET.<stream>: the leader answers
  std::string direct_get(std::string_view stream) const;   // DIRECT.GET.<stream>: any replica answers
  std::string direct_get_last(std::string_view stream, std::string_view subject) const;
  /// CONSUMER.CREATE.<stream>.<name>[.<filter>]; the filter only when there is exactly one.
  std::string consumer_create(std::string_view stream, std::string_view name, std::string_view filter) const;
  std::string consumer_delete(std::string_view stream, std::string_view name) const;
  /// Prefix of subjects to write to: "", `$JS.<domain>.API.` (the leaf node maps it back), or that of an import.
  const std::string& write_prefix() const noexcept { return write_prefix_; }
  /// With a domain: the subject published to that the server reports like this, because it maps subjects of
  /// the domain before it checks permissions. Empty without one.
  std::string as_published(std::string_view mapped) const;

 private:
  std::string prefix_;  // "$JS.API."
  std::string write_prefix_;
};

std::string stream_name(std::string_view bucket);  // KV_<bucket>
std::string key_prefix(std::string_view bucket);   // $KV.<bucket>.
/// The bucket of a KV stream's name; empty if it is not one.
std::string_view bucket_of_stream(std::string_view stream) noexcept;

}  // namespace kvco::jetstream

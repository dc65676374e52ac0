// The answer to STREAM.CREATE, UPDATE, INFO and LIST -> the properties of a bucket: read when a bucket is
// bound and for its status.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <kvco/jetstream/json_reply.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/source_json.hpp>
#include <kvco/jetstream/stream_status.hpp>
#include <kvco/jetstream/subjects.hpp>
#include <limits>

namespace kvco::jetstream {
namespace {

namespace json = boost::json;
using detail::concat;

// The fields of a stream's configuration that matter to a bucket, with the server's defaults.
struct stream_config {
  std::string_view name, description, storage = "file", compression;
  std::vector<std::string> subjects;
  bucket_source mirror;
  std::vector<bucket_source> sources;
  bucket_placement placement;
  bucket_republish republish;
  const json::object* metadata = nullptr;
  std::string_view transform_to;
  std::int64_t max_msgs_per_subject = -1, max_msg_size = -1, max_bytes = -1;
  std::int64_t num_replicas = 1, max_age = 0, marker_ttl = 0, duplicate_window = 0;
  bool allow_direct = false, allow_msg_ttl = false, allow_atomic = false;
};

void read_copies(json_fields& fields, stream_config& config) {
  json_fields placement = fields.inside("placement"), republish = fields.inside("republish");
  placement.read("cluster", config.placement.cluster);
  placement.read("tags", config.placement.tags);
  republish.read("src", config.republish.source);
  republish.read("dest", config.republish.destination);
  republish.read("headers_only", config.republish.headers_only);
  const json::object* mirror = nullptr;
  fields.read("mirror", mirror);
  if (mirror) config.mirror = read_mirror(fields.inside("mirror"));
  const json::array* sources = nullptr;
  fields.read("sources", sources);
  if (!sources) return;
  const std::string_view bucket = bucket_of_stream(config.name);
  for (const json::value& each : *sources) config.sources.push_back(read_source(fields.of(each), bucket));
}

stream_config read_config(json_fields fields) {
  stream_config config;
  fields.require("name", config.name);
  fields.read("description", config.description);
  fields.read("subjects", config.subjects);
  fields.inside("subject_transform").read("dest", config.transform_to);
  fields.read("metadata", config.metadata);
  fields.read("storage", config.storage);
  fields.read("compression", config.compression);
  fields.read("max_msgs_per_subject", config.max_msgs_per_subject);
  fields.read("max_msg_size", config.max_msg_size);
  fields.read("max_bytes", config.max_bytes);
  fields.read("num_replicas", config.num_replicas);
  fields.read("max_age", config.max_age);
  fields.read("duplicate_window", config.duplicate_window);
  fields.read("subject_delete_marker_ttl", config.marker_ttl);
  fields.read("allow_direct", config.allow_direct);
  fields.read("allow_msg_ttl", config.allow_msg_ttl);
  fields.read("allow_atomic", config.allow_atomic);
  read_copies(fields, config);
  return config;
}

template <class Integer>
Integer limited(std::int64_t value) {
  constexpr std::int64_t most = std::numeric_limits<Integer>::max();
  return static_cast<Integer>(std::clamp<std::int64_t>(value, 0, most));
}

bucket_config to_bucket_config(const stream_config& from, std::string_view bucket) {
  bucket_config config(bucket);
  config.description(from.description)
      .history(limited<int>(from.max_msgs_per_subject))
      .ttl(duration(from.max_age))
      .max_value_size(limited<std::int32_t>(from.max_msg_size))
      .max_bytes(limited<std::int64_t>(from.max_bytes))
      .storage(from.storage == "memory" ? storage::memory : storage::file)
      .replicas(limited<int>(from.num_replicas))
      .compression(!from.compression.empty() && from.compression != "none")
      .limit_marker_ttl(duration(from.marker_ttl))
      .placement(from.placement)
      .republish(from.republish)
      .mirror(from.mirror)
      .sources(from.sources)
      .atomic(from.allow_atomic);
  if (from.metadata) {
    for (const auto& [key, value] : *from.metadata) {
      std::string_view text;
      // The server's own items (ADR-44) are not part of the user's configuration.
      if (!key.starts_with("_nats.") && assign(value, text)) config.metadata(key, text);
    }
  }
  config.clear_set_settings();
  return config;
}

// Why a stream is not a bucket; empty: it is one. A stream with messages below other subjects than the
// bucket's would be read as empty.
std::string why_no_bucket(const stream_config& config, std::string_view bucket) {
  const std::string prefix = key_prefix(bucket), ingest = concat(prefix, ">");
  const auto because = [&](std::string_view words, std::string_view more = {}) {
    return concat("stream ", detail::printable(config.name), words, more);
  };
  if (check_bucket_name(bucket)) return because(" has not the name of one (KV_<bucket>)");
  if (!config.mirror.name.empty()) {
    const std::string of = concat(" is a mirror of ", detail::printable(origin_stream(config.mirror)));
    const bool same_subjects = config.mirror.subject_transforms.empty();
    if (!same_subjects && bucket_of_stream(config.mirror.name).empty())
      return because(of, ", which is no bucket");
    if (!same_subjects) return because(of, " with other subjects");
    if (check_bucket_name(config.mirror.name)) return because(of, ", which is no bucket");
  }
  const bool has_own = config.mirror.name.empty();
  if (has_own && std::find(config.subjects.begin(), config.subjects.end(), ingest) == config.subjects.end()) {
    return because(" has not the subject ", ingest);
  }
  if (!config.transform_to.empty() && !config.transform_to.starts_with(prefix)) {
    return because(" stores what it gets below other subjects: ", detail::printable(config.transform_to));
  }
  if (config.max_msgs_per_subject < 1) return because(" has no limit of messages per subject");
  return {};
}

void read_state(json_fields state, bucket_status& status) {
  state.read("messages", status.messages);
  state.read("bytes", status.bytes);
  state.read("first_seq", status.first_revision);
  state.read("last_seq", status.last_revision);
}

// Of STREAM.INFO, or of an item of STREAM.LIST, which has the same fields.
bucket_status read_status(json_fields& stream, const stream_config& config) {
  bucket_status status;
  std::string_view created;
  status.config = to_bucket_config(config, bucket_of_stream(config.name));
  read_state(stream.inside("state"), status);
  read_stream_status(stream, status.stream);
  stream.require("created", created);
  const auto time = parse_time(created);
  if (!time) stream.blame("created");
  using std::chrono::system_clock;
  status.created = system_clock::time_point(
      std::chrono::duration_cast<system_clock::duration>(std::chrono::nanoseconds(time.value_or(0))));
  return status;
}

void read_stream_info(json_fields& reply, stream_info& info) {
  const json::object* object = nullptr;
  reply.require("config", object);
  reply.require("created", info.created);
  const stream_config config = read_config(reply.inside("config"));
  info.status = read_status(reply, config);
  if (object) info.config_json = json::serialize(*object);
  info.why_no_bucket = why_no_bucket(config, bucket_of_stream(config.name));
  info.origin = origin_id(config.mirror);
  info.allow_direct = config.allow_direct;
  info.allow_msg_ttl = config.allow_msg_ttl;
  info.duplicate_window = duration(std::max<std::int64_t>(config.duplicate_window, 0));
}

void read_stream_page(json_fields& reply, stream_page& page) {
  const json::array* streams = nullptr;
  std::vector<std::string> missing;
  reply.require("total", page.total);
  reply.read("streams", streams);  // null when there are none
  reply.read("missing", missing);  // of a cluster: no server has reported these in time, but they exist
  for (const std::string& name : missing) {
    if (const auto bucket = bucket_of_stream(name); !check_bucket_name(bucket))
      page.missing.emplace_back(bucket);
  }
  page.streams = missing.size();
  if (!streams) return;
  page.streams += streams->size();
  for (const json::value& stream : *streams) {
    json_fields fields = reply.of(stream);
    const stream_config config = read_config(fields.inside("config"));
    if (!why_no_bucket(config, bucket_of_stream(config.name)).empty()) continue;
    page.buckets.push_back(read_status(fields, config));
  }
}

}  // namespace

std::string why_not_as_bound(std::string_view stream, std::string_view origin) {
  if (origin.empty()) return concat("stream ", stream, " is no mirror any more: open it again");
  return concat("stream ", detail::printable(stream), " is a mirror of ", detail::printable(origin),
                " now: open it again");
}

outcome<stream_info> parse_stream_info(std::string_view json) {
  return decode<stream_info>(json, read_stream_info);
}

outcome<std::uint64_t> parse_subject_count(std::string_view json) {
  return decode<std::uint64_t>(json, [](json_fields& reply, std::uint64_t& count) {
    reply.read("total", count);  // left out where none match
  });
}

outcome<stream_page> parse_stream_page(std::string_view json) {
  return decode<stream_page>(json, read_stream_page);
}

}  // namespace kvco::jetstream

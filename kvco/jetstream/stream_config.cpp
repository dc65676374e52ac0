// A bucket's configuration -> the configuration of its stream (ADR-8), for STREAM.CREATE and STREAM.UPDATE.
#include <kvco/jetstream/requests.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/subjects.hpp>

namespace kvco::jetstream {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using detail::concat;

json::array bucket_subjects(const bucket_config& config) { return {concat(key_prefix(config.name()), ">")}; }

template <class Integer>
std::int64_t or_unlimited(Integer limit) {
  return limit == 0 ? -1 : std::int64_t{limit};
}

// Written where it is wanted, taken away where an earlier configuration had it.
template <class Value>
void set_or_erase(json::object& stream, std::string_view name, bool wanted, const Value& value) {
  if (wanted) {
    stream[name] = value;
  } else {
    stream.erase(name);
  }
}

// The fields of bucket_config, in a new configuration as well as over one that a server has echoed.
void lay_over(json::object& stream, const bucket_config& config) {
  // A longer window than ttl is refused (10052). Without ttl the server's own choice stays.
  const duration window = std::min<duration>(config.ttl(), 2min);
  stream["max_bytes"] = or_unlimited(config.max_bytes());
  stream["max_msgs_per_subject"] = config.history();
  stream["max_msg_size"] = or_unlimited(config.max_value_size());
  stream["storage"] = config.storage() == storage::memory ? "memory" : "file";
  stream["num_replicas"] = config.replicas();
  set_or_erase(stream, "description", !config.description().empty(), config.description());
  set_or_erase(stream, "max_age", config.ttl() > 0ns, config.ttl().count());
  if (config.ttl() > 0ns) stream["duplicate_window"] = window.count();
  if (config.compression()) {
    stream["compression"] = "s2";
  } else if (stream.contains("compression")) {
    stream["compression"] = "none";
  }
  // allow_msg_ttl can't be turned off again (10052): what an echo has of it stays.
  const bool marker = config.limit_marker_ttl() > 0ns;
  if (marker) stream["allow_msg_ttl"] = true;
  set_or_erase(stream, "subject_delete_marker_ttl", marker, config.limit_marker_ttl().count());
  json::object metadata;
  for (const auto& [key, value] : config.metadata()) {
    // The server's own items (ADR-44), which a status() brought along: it writes them anew.
    if (!key.starts_with("_nats.")) metadata[key] = value;
  }
  set_or_erase(stream, "metadata", !metadata.empty(), metadata);
}

refusal out_of_range(client_error rule, std::string_view setting, std::int64_t value,
                     std::string_view unit = "") {
  return {rule, concat(setting, " is ", std::to_string(value), unit)};
}

}  // namespace

refusal check_bucket_config(const bucket_config& config) {
  using enum client_error;
  if (refusal name = check_bucket_name(config.name())) return name;
  if (config.history() < 1 || config.history() > 64) {
    return out_of_range(history_out_of_range, "history", config.history());
  }
  if (config.replicas() < 1 || config.replicas() > 5) {
    return out_of_range(setting_out_of_range, "replicas (1 to 5)", config.replicas());
  }
  if (config.ttl() < 0ns || (config.ttl() > 0ns && config.ttl() < 100ms)) {
    return out_of_range(ttl_out_of_range, "ttl (0 or at least 100 ms)", config.ttl().count(), " ns");
  }
  if (const duration marker = config.limit_marker_ttl(); marker != 0ns && marker < 1s) {
    return out_of_range(ttl_out_of_range, "limit_marker_ttl (0 or at least 1 s)", marker.count(), " ns");
  }
  if (config.max_value_size() < 0) {
    return out_of_range(setting_out_of_range, "max_value_size", config.max_value_size());
  }
  if (config.max_bytes() < 0) {
    return out_of_range(setting_out_of_range, "max_bytes", config.max_bytes());
  }
  return {};
}

std::string stream_config_request(const bucket_config& config) {
  json::object stream;
  stream["name"] = stream_name(config.name());
  stream["subjects"] = bucket_subjects(config);
  stream["retention"] = "limits";
  stream["max_consumers"] = -1;
  stream["max_msgs"] = -1;
  stream["discard"] = "new";
  stream["allow_direct"] = true;
  stream["deny_delete"] = true;
  // ADR-8 calls it rollup_hdrs: that is refused by strict servers (10025) and does nothing on others.
  stream["allow_rollup_hdrs"] = true;
  lay_over(stream, config);
  return json::serialize(stream);
}

std::string stream_update_request(const bucket_config& config, std::string_view echoed) {
  boost::system::error_code error;
  json::value stream = json::parse(echoed, error);
  if (error || !stream.is_object()) return stream_config_request(config);
  lay_over(stream.get_object(), config);
  return json::serialize(stream);
}

}  // namespace kvco::jetstream

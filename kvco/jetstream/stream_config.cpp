// A bucket's configuration -> the configuration of its stream (ADR-8), for STREAM.CREATE and STREAM.UPDATE.
#include <kvco/jetstream/requests.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/source_json.hpp>
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

// Sets a field if it is wanted; otherwise removes it, since an echoed configuration may have it.
template <class Value>
void set_or_erase(json::object& stream, std::string_view name, bool wanted, const Value& value) {
  if (wanted) {
    stream[name] = value;
  } else {
    stream.erase(name);
  }
}

using setting = kvco::detail::bucket_setting;

std::int64_t integer_at(const json::object& stream, std::string_view name) {
  const json::value* value = stream.if_contains(name);
  return value && value->is_int64() ? value->get_int64() : 0;
}

// kvco never sends a duplicate_window of its own: the server chooses two minutes, or less if the ttl or a limit of its own is less
// (a longer one is refused with 10052). An echoed value is kept, unless it equals the old ttl or exceeds the new one: then it is
// left out, so that the server chooses again.
void lay_ttl_over(json::object& stream, duration ttl) {
  const std::int64_t old_age = integer_at(stream, "max_age"), age = ttl.count();
  const std::int64_t window = integer_at(stream, "duplicate_window");
  const bool too_long = age > 0 && window > age;
  if (age != old_age && (window == old_age || too_long)) stream.erase("duplicate_window");
  set_or_erase(stream, "max_age", age > 0, age);
}

// The server's own items (ADR-44) are never sent: the server writes them itself.
void lay_metadata_over(json::object& stream, const bucket_config& config, bool all) {
  json::object metadata;
  const auto add = [&metadata](std::string_view key, const json::value& value) {
    if (!key.starts_with("_nats.")) metadata[key] = value;
  };
  if (const json::value* old = stream.if_contains("metadata"); old && old->is_object()) {
    for (const auto& [key, value] : old->get_object()) add(key, value);
  }
  for (const auto& [key, value] : config.metadata()) {
    if (all || config.set_settings().metadata.contains(key)) add(key, json::value(value));
  }
  set_or_erase(stream, "metadata", !metadata.empty(), metadata);
}

json::object placement_json(const bucket_placement& where) {
  json::object placement;
  if (!where.cluster.empty()) placement["cluster"] = where.cluster;
  if (!where.tags.empty()) placement["tags"] = json::array(where.tags.begin(), where.tags.end());
  return placement;
}

json::object republish_json(const bucket_republish& to) {
  json::object republish{{"src", to.source}, {"dest", to.destination}};
  if (to.headers_only) republish["headers_only"] = true;
  return republish;
}

// One without an origin takes writes: it has subjects of its own.
void lay_mirror_over(json::object& stream, const bucket_config& config) {
  if (config.is_mirror()) {
    stream["mirror"] = mirror_json(config.mirror());
    stream["mirror_direct"] = true;
  } else if (stream.erase("mirror") != 0) {
    stream.erase("mirror_direct");
    stream["subjects"] = bucket_subjects(config);
  }
}

// Placement, republishing, mirror and sources.
void lay_copies_over(json::object& stream, const bucket_config& config, bool all) {
  const auto lays = [&](setting one) { return all || config.set_settings().has(one); };
  if (lays(setting::placement)) {
    const json::object placement = placement_json(config.placement());
    set_or_erase(stream, "placement", !placement.empty(), placement);
  }
  if (lays(setting::republish)) {
    const bool on = !config.republish().destination.empty();
    set_or_erase(stream, "republish", on, republish_json(config.republish()));
  }
  if (lays(setting::mirror)) lay_mirror_over(stream, config);
  if (lays(setting::sources)) {
    json::array sources;
    for (const bucket_source& each : config.sources()) sources.push_back(source_json(each, config.name()));
    set_or_erase(stream, "sources", !sources.empty(), sources);
  }
}

// Writes the fields of bucket_config: all of them into a new configuration, those that are set into one that a server has echoed.
void lay_over(json::object& stream, const bucket_config& config, bool all) {
  const auto lays = [&](setting one) { return all || config.set_settings().has(one); };
  if (lays(setting::max_bytes)) stream["max_bytes"] = or_unlimited(config.max_bytes());
  if (lays(setting::history)) stream["max_msgs_per_subject"] = config.history();
  if (lays(setting::max_value_size)) stream["max_msg_size"] = or_unlimited(config.max_value_size());
  if (lays(setting::storage)) stream["storage"] = config.storage() == storage::memory ? "memory" : "file";
  if (lays(setting::replicas)) stream["num_replicas"] = config.replicas();
  if (lays(setting::description)) {
    set_or_erase(stream, "description", !config.description().empty(), config.description());
  }
  if (lays(setting::ttl)) lay_ttl_over(stream, config.ttl());
  if (config.compression() && lays(setting::compression)) {
    stream["compression"] = "s2";
  } else if (lays(setting::compression) && stream.contains("compression")) {
    stream["compression"] = "none";
  }
  if (lays(setting::limit_marker_ttl)) {
    // allow_msg_ttl can't be switched off again (10052): an echoed value is kept.
    const bool marker = config.limit_marker_ttl() > 0ns;
    if (marker) stream["allow_msg_ttl"] = true;
    set_or_erase(stream, "subject_delete_marker_ttl", marker, config.limit_marker_ttl().count());
  }
  lay_copies_over(stream, config, all);
  if (lays(setting::atomic)) set_or_erase(stream, "allow_atomic", config.atomic(), true);
  lay_metadata_over(stream, config, all);
}

}  // namespace

std::string stream_config_request(const bucket_config& config) {
  json::object stream;
  stream["name"] = stream_name(config.name());
  if (!config.is_mirror()) stream["subjects"] = bucket_subjects(config);  // of a mirror: refused (10034)
  stream["retention"] = "limits";
  stream["max_consumers"] = -1;
  stream["max_msgs"] = -1;
  stream["discard"] = "new";
  stream["allow_direct"] = true;
  stream["deny_delete"] = true;
  // ADR-8 calls it rollup_hdrs, a name that strict servers refuse (10025) and others ignore.
  stream["allow_rollup_hdrs"] = true;
  lay_over(stream, config, true);
  return json::serialize(stream);
}

std::string stream_update_request(const bucket_config& config, std::string_view echoed) {
  boost::system::error_code error;
  json::value stream = json::parse(echoed, error);
  if (error || !stream.is_object()) return stream_config_request(config);
  lay_over(stream.get_object(), config, false);
  return json::serialize(stream);
}

}  // namespace kvco::jetstream

// A bucket's configuration as it was asked for, beside that of the server.
#include <kvco/jetstream/compare_config.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <concepts>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/jetstream/source_json.hpp>

namespace kvco::jetstream {
namespace {

namespace json = boost::json;
using detail::concat;
using setting = kvco::detail::bucket_setting;

bool same_republish(const bucket_republish& a, const bucket_republish& b) {
  return a == b || (a.destination.empty() && b.destination.empty());
}

// As a server that has taken all of it answers.
bucket_source as_echoed(const bucket_source& asked) {
  std::string_view fault;
  if (asked.name.empty()) return asked;
  const json::object object = mirror_json(asked);
  return read_mirror(json_fields(&object, fault));
}

bool same_sources(const bucket_config& got, const bucket_config& asked) {
  const auto same = [&](const bucket_source& echo, const bucket_source& one) {
    std::string_view fault;
    const json::object object = source_json(one, asked.name());
    return echo == read_source(json_fields(&object, fault), asked.name());
  };
  return std::equal(got.sources().begin(), got.sources().end(), asked.sources().begin(),
                    asked.sources().end(), same);
}

bool has_metadata(const bucket_config& echo, const bucket_config& asked, bool all) {
  const auto& items = echo.metadata();
  return std::all_of(asked.metadata().begin(), asked.metadata().end(), [&](const auto& item) {
    const auto found = items.find(item.first);
    if (item.first.starts_with("_nats.")) return true;  // never sent
    if (!all && !asked.set_settings().metadata.contains(item.first)) return true;
    return found != items.end() && found->second == item.second;
  });
}

std::string text_of(const std::string& value) { return detail::printable(value); }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(storage value) { return value == storage::memory ? "memory" : "file"; }
std::string text_of(std::integral auto value) { return std::to_string(value); }
std::string text_of(duration value) { return concat(text_of(value.count()), " ns"); }

// Collects the settings of one configuration, those set or all, that have another value in the other.
class comparison {
 public:
  comparison(const bucket_config& asked, const bucket_config& bucket, bool all)
      : asked_(asked), bucket_(bucket), all_(all) {}

  template <class Value>
  void compare(setting which, std::string_view name, Value (bucket_config::*of)() const noexcept) {
    const auto& asked = (asked_.*of)();
    const auto& is = (bucket_.*of)();
    if (!is_asked(which) || asked == is) return;
    add(concat(name, " is ", text_of(is), ", not ", text_of(asked)));
  }
  // Of settings that are too long to be shown.
  void note(setting which, std::string_view name, bool same) {
    if (is_asked(which) && !same) add(name);
  }
  void note_metadata() {
    if (!has_metadata(bucket_, asked_, all_)) add("metadata");
  }
  std::string take() { return std::move(text_); }

 private:
  bool is_asked(setting which) const { return all_ || asked_.set_settings().has(which); }
  void add(std::string_view one) {
    if (!text_.empty()) text_ += "; ";
    text_ += one;
  }

  const bucket_config& asked_;
  const bucket_config& bucket_;
  bool all_;
  std::string text_;
};

}  // namespace

std::string missing_in_echo(const bucket_config& asked, const stream_info& echo, bool all) {
  const bucket_config& got = echo.status.config;
  const auto is_asked = [&](setting one) { return all || asked.set_settings().has(one); };
  const bool marker = asked.limit_marker_ttl() > duration::zero() && is_asked(setting::limit_marker_ttl);
  const bool has_marker = echo.allow_msg_ttl && got.limit_marker_ttl() > duration::zero();
  std::string missing;
  const auto add = [&](std::string_view name) {
    missing += missing.empty() ? "" : ", ";
    missing += name;
  };
  if (asked.compression() && is_asked(setting::compression) && !got.compression()) add("compression");
  if (!has_metadata(got, asked, all)) add("metadata");
  if (marker && !has_marker) add("limit_marker_ttl");
  if (is_asked(setting::placement) && got.placement() != asked.placement()) add("placement");
  if (is_asked(setting::republish) && !same_republish(got.republish(), asked.republish())) add("republish");
  if (is_asked(setting::mirror) && got.mirror() != as_echoed(asked.mirror())) add("mirror");
  if (is_asked(setting::sources) && !same_sources(got, asked)) add("sources");
  if (is_asked(setting::atomic) && got.atomic() != asked.atomic()) add("atomic");
  return missing;
}

std::string differences(const bucket_config& asked, const bucket_config& bucket, bool with_defaults) {
  comparison all(asked, bucket, with_defaults);
  all.compare(setting::description, "description", &bucket_config::description);
  all.compare(setting::history, "history", &bucket_config::history);
  all.compare(setting::ttl, "ttl", &bucket_config::ttl);
  all.compare(setting::max_value_size, "max_value_size", &bucket_config::max_value_size);
  all.compare(setting::max_bytes, "max_bytes", &bucket_config::max_bytes);
  all.compare(setting::storage, "storage", &bucket_config::storage);
  all.compare(setting::replicas, "replicas", &bucket_config::replicas);
  all.compare(setting::compression, "compression", &bucket_config::compression);
  all.compare(setting::limit_marker_ttl, "limit_marker_ttl", &bucket_config::limit_marker_ttl);
  all.note(setting::placement, "placement", bucket.placement() == asked.placement());
  all.note(setting::republish, "republish", same_republish(bucket.republish(), asked.republish()));
  all.note(setting::mirror, "mirror", bucket.mirror() == as_echoed(asked.mirror()));
  all.note(setting::sources, "sources", same_sources(bucket, asked));
  all.compare(setting::atomic, "atomic", &bucket_config::atomic);
  all.note_metadata();
  return all.take();
}

std::string discard_repair_request(const bucket_config& asked, const stream_info& found) {
  if (!differences(asked, found.status.config, true).empty()) return {};
  json::object stream = json::parse(found.config_json).get_object();
  const json::object wanted = json::parse(stream_config_request(asked)).get_object();
  const auto is_same = [&](std::string_view field) {
    const json::value *one = stream.if_contains(field), *other = wanted.if_contains(field);
    return one && other ? *one == *other : one == other;
  };
  const std::string_view fixed[] = {"subjects",    "retention",         "max_consumers", "max_msgs",
                                    "deny_delete", "allow_rollup_hdrs", "allow_direct"};
  if (is_same("discard") || !std::all_of(std::begin(fixed), std::end(fixed), is_same)) return {};
  stream["discard"] = "new";
  return stream_update_request(bucket_config(asked.name()), json::serialize(stream));
}

}  // namespace kvco::jetstream

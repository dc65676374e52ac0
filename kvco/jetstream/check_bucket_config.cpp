// Checks of a bucket's configuration before anything is sent: ranges, mirrors, sources, republishing, placement.
#include <algorithm>
#include <chrono>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/jetstream/source_json.hpp>
#include <kvco/jetstream/subjects.hpp>

namespace kvco::jetstream {
namespace {

using namespace std::chrono_literals;
using detail::concat;
using detail::printable;
using setting = kvco::detail::bucket_setting;

refusal out_of_range(client_error rule, std::string_view what, std::int64_t value,
                     std::string_view unit = "") {
  return {rule, concat(what, " is ", std::to_string(value), unit)};
}

refusal check_ranges(const bucket_config& config) {
  using enum client_error;
  // A value that was not set by the user is a default, or came from a server, whose stream need not obey the limits of ADR-8.
  const auto is_set = [&](setting one) { return config.set_settings().has(one); };
  if (is_set(setting::history) && (config.history() < 1 || config.history() > 64)) {
    return out_of_range(history_out_of_range, "history", config.history());
  }
  if (is_set(setting::replicas) && (config.replicas() < 1 || config.replicas() > 5)) {
    return out_of_range(setting_out_of_range, "replicas (1 to 5)", config.replicas());
  }
  const bool short_ttl = config.ttl() < 0ns || (config.ttl() > 0ns && config.ttl() < 100ms);
  if (is_set(setting::ttl) && short_ttl) {
    return out_of_range(ttl_out_of_range, "ttl (0 or at least 100 ms)", config.ttl().count(), " ns");
  }
  const duration marker = config.limit_marker_ttl();
  if (is_set(setting::limit_marker_ttl) && marker != 0ns && marker < 1s) {
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

refusal invalid(std::string words) { return {client_error::source_invalid, std::move(words)}; }

// Whether it can be used as a part of a subject: tokens separated by dots, without wildcards.
bool is_token_list(std::string_view text) { return !text.empty() && is_readable_key(text); }

refusal check_name(const bucket_source& origin) {
  if (origin.subject_transforms.empty()) return check_bucket_name(origin.name);
  if (is_token_list(origin.name) && origin.name.find('.') == origin.name.npos) return {};
  return invalid(concat("the name ", printable(origin.name), " is none of a stream"));
}

refusal check_prefix(std::string_view what, std::string_view prefix) {
  if (prefix.ends_with('.')) prefix.remove_suffix(1);
  if (prefix.empty() || is_token_list(prefix)) return {};
  return invalid(concat(what, " ", printable(prefix), " is no subject"));
}

// A filter must select keys of the origin bucket: its stream has no other subjects.
refusal check_filter_subject(const bucket_source& origin) {
  const std::string prefix = key_prefix(origin.name);
  std::string_view filter = origin.filter_subject;
  if (filter.empty()) return {};
  if (!origin.subject_transforms.empty()) {
    return invalid(
        concat("filter_subject and subject_transforms of ", origin.name, ": the transforms choose"));
  }
  if (!filter.starts_with(prefix)) {
    return invalid(concat("filter_subject ", printable(filter), " is not below ", prefix));
  }
  return check_filter(filter.substr(prefix.size()));
}

refusal check_origin(const bucket_source& origin) {
  if (auto refused = check_name(origin)) return refused;
  if (auto refused = check_filter_subject(origin)) return refused;
  if (!origin.domain.empty() && !origin.api_prefix.empty()) {
    return invalid(concat(origin.name, " has a domain and an api_prefix: one of them"));
  }
  if (!origin.deliver_prefix.empty() && origin_api(origin).empty()) {
    return invalid(concat(origin.name, " has a deliver_prefix, but neither domain nor api_prefix"));
  }
  if (origin.start_sequence != 0 && origin.start_time) {
    return invalid(concat(origin.name, " has start_sequence and start_time: one of them"));
  }
  if (auto refused = check_prefix("domain", origin.domain)) return refused;
  if (auto refused = check_prefix("api_prefix", origin.api_prefix)) return refused;
  if (auto refused = check_prefix("deliver_prefix", origin.deliver_prefix)) return refused;
  for (const subject_transform& each : origin.subject_transforms) {
    if (auto refused = check_filter(each.source)) return refused;
    if (each.destination.empty())
      return invalid(concat("a transform of ", origin.name, " has no destination"));
  }
  return {};
}

refusal check_mirror(const bucket_config& config) {
  const bucket_source& origin = config.mirror();
  if (auto refused = check_origin(origin)) return refused;
  if (!origin.subject_transforms.empty())
    return invalid("a mirror is read by the subjects of its origin: no transforms");
  if (!config.sources().empty()) return invalid("a mirror has no sources");
  if (config.limit_marker_ttl() != 0ns)
    return invalid("a mirror has no limit_marker_ttl: its origin decides what expires");
  if (origin_api(origin).empty() && origin.name == config.name()) return invalid("a mirror of itself");
  return {};
}

// The subjects of the origin that are copied.
std::vector<std::string> copied(const bucket_source& origin) {
  if (!origin.filter_subject.empty()) return {origin.filter_subject};
  std::vector<std::string> subjects;
  for (const subject_transform& each : origin.subject_transforms) subjects.push_back(each.source);
  if (subjects.empty()) subjects.emplace_back(">");
  return subjects;
}

// Messages that two sources copy would be stored twice.
bool overlap(const bucket_source& a, const bucket_source& b) {
  if (origin_id(a) != origin_id(b)) return false;
  const auto as = copied(a), bs = copied(b);
  return std::any_of(as.begin(), as.end(), [&](const std::string& one) {
    return std::any_of(bs.begin(), bs.end(), [&](const std::string& other) { return overlaps(one, other); });
  });
}

refusal check_sources(const bucket_config& config) {
  const auto& all = config.sources();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (auto refused = check_origin(all[i])) return refused;
    if (origin_id(all[i]) == stream_name(config.name())) return invalid("a source of itself");
    for (std::size_t j = 0; j < i; ++j) {
      if (overlap(all[i], all[j])) return invalid(concat("sources overlap: ", all[i].name, " comes twice"));
    }
  }
  return {};
}

refusal check_republish(const bucket_config& config) {
  const bucket_republish& to = config.republish();
  if (to.destination.empty()) return {};
  if (auto refused = check_filter(to.source)) return refused;
  if (!is_token_list(to.destination) && check_filter(to.destination)) {
    return invalid(concat("republish destination ", printable(to.destination), " is no subject"));
  }
  if (overlaps(to.destination, concat(key_prefix(config.name()), ">"))) {
    return invalid(
        concat("republish destination ", printable(to.destination), " is stored in the same bucket again"));
  }
  return {};
}

refusal check_placement(const bucket_placement& where) {
  const auto is_blank = [](const std::string& tag) { return tag.empty(); };
  if (std::none_of(where.tags.begin(), where.tags.end(), is_blank)) return {};
  return {client_error::setting_out_of_range, "placement with an empty tag"};
}

}  // namespace

refusal check_bucket_config(const bucket_config& config) {
  if (refusal name = check_bucket_name(config.name())) return name;
  if (auto refused = check_ranges(config)) return refused;
  if (auto refused = check_placement(config.placement())) return refused;
  if (auto refused = check_republish(config)) return refused;
  return config.is_mirror() ? check_mirror(config) : check_sources(config);
}

}  // namespace kvco::jetstream

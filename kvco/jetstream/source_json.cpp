// Mirrors and sources: bucket_source <-> the JSON of a stream's configuration.
#include <kvco/jetstream/source_json.hpp>

#include <boost/json/array.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/subjects.hpp>

namespace kvco::jetstream {
namespace {

namespace json = boost::json;
using detail::concat;
using std::chrono::system_clock;

constexpr std::string_view domain_start = "$JS.", domain_end = ".API";

std::string api_of(const bucket_source& origin) {
  return origin.domain.empty() ? origin.api_prefix : concat(domain_start, origin.domain, domain_end);
}

bool is_bucket_of_same_name_elsewhere(const bucket_source& origin, std::string_view bucket) {
  return origin.name == bucket && !api_of(origin).empty();
}

// `$KV.A.*.x` of bucket A -> `$KV.B.{{wildcard(1)}}.x`: keys are not changed.
std::string same_key_in(std::string_view bucket, std::string_view keys) {
  std::string to = key_prefix(bucket);
  int wildcards = 0;
  while (true) {
    const std::size_t dot = keys.find('.');
    const std::string_view token = keys.substr(0, dot);
    to += token == "*" ? concat("{{wildcard(", std::to_string(++wildcards), ")}}") : std::string(token);
    if (dot == keys.npos) return to;
    to += '.';
    keys.remove_prefix(dot + 1);
  }
}

// The default transform of a source.
subject_transform own_transform(const bucket_source& origin, std::string_view bucket) {
  const std::string prefix = key_prefix(origin.name);
  std::string from = origin.filter_subject.empty() ? concat(prefix, ">") : origin.filter_subject;
  std::string to = same_key_in(bucket, std::string_view(from).substr(std::min(prefix.size(), from.size())));
  return {std::move(from), std::move(to)};
}

std::string text_of(system_clock::time_point time) {
  return format_time(std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

json::object plain_json(const bucket_source& origin) {
  json::object source;
  source["name"] = origin_stream(origin);
  if (!origin.filter_subject.empty()) source["filter_subject"] = origin.filter_subject;
  if (origin.start_sequence != 0) source["opt_start_seq"] = origin.start_sequence;
  if (origin.start_time) source["opt_start_time"] = text_of(*origin.start_time);
  if (const std::string api = api_of(origin); !api.empty()) {
    source["external"] = json::object{{"api", api}, {"deliver", origin.deliver_prefix}};
  }
  return source;
}

void read_transforms(json_fields fields, std::vector<subject_transform>& to) {
  const json::array* list = nullptr;
  fields.read("subject_transforms", list);
  if (!list) return;
  for (const json::value& item : *list) {
    json_fields one = fields.of(item);
    subject_transform& made = to.emplace_back();
    one.read("src", made.source);
    one.read("dest", made.destination);
  }
}

void read_external(json_fields fields, bucket_source& to) {
  json_fields external = fields.inside("external");
  std::string_view api;
  external.read("api", api);
  external.read("deliver", to.deliver_prefix);
  to.api_prefix = api;
  if (!api.starts_with(domain_start) || !api.ends_with(domain_end)) return;
  api.remove_suffix(domain_end.size());
  if (api.size() <= domain_start.size()) return;  // $JS.API
  api.remove_prefix(domain_start.size());
  if (api.find('.') != api.npos) return;
  to.domain = api;
  to.api_prefix.clear();
}

bucket_source read_plain(json_fields fields) {
  bucket_source origin;
  std::string_view time;
  fields.read("name", origin.name);
  fields.read("filter_subject", origin.filter_subject);
  fields.read("opt_start_seq", origin.start_sequence);
  fields.read("opt_start_time", time);
  if (const auto since = parse_time(time)) {
    origin.start_time = system_clock::time_point(
        std::chrono::duration_cast<system_clock::duration>(std::chrono::nanoseconds(*since)));
  }
  read_transforms(fields, origin.subject_transforms);
  read_external(fields, origin);
  return origin;
}

}  // namespace

std::string origin_stream(const bucket_source& origin) {
  return origin.subject_transforms.empty() ? stream_name(origin.name) : origin.name;
}

std::string origin_api(const bucket_source& origin) {
  std::string prefix = api_of(origin);
  if (!prefix.empty() && !prefix.ends_with('.')) prefix += '.';
  return prefix;
}

std::string origin_id(const bucket_source& origin) {
  return origin.name.empty() ? std::string() : concat(origin_api(origin), origin_stream(origin));
}

json::object mirror_json(const bucket_source& origin) { return plain_json(origin); }

bool is_transformed(const bucket_source& origin, std::string_view bucket) {
  return !origin.subject_transforms.empty() || !is_bucket_of_same_name_elsewhere(origin, bucket);
}

json::object source_json(const bucket_source& origin, std::string_view bucket) {
  json::object source = plain_json(origin);
  if (!is_transformed(origin, bucket)) return source;
  json::array list;
  const auto add = [&list](const subject_transform& one) {
    list.push_back(json::object{{"src", one.source}, {"dest", one.destination}});
  };
  if (origin.subject_transforms.empty()) {
    add(own_transform(origin, bucket));
    source.erase("filter_subject");  // the server accepts only one of the two (10144)
  }
  for (const subject_transform& one : origin.subject_transforms) add(one);
  source["subject_transforms"] = std::move(list);
  return source;
}

bucket_source read_mirror(json_fields fields) {
  bucket_source origin = read_plain(fields);
  const auto name = bucket_of_stream(origin.name);
  // If the origin is not a bucket, its name is that of the stream: the presence of transforms indicates this.
  if (name.empty() && origin.subject_transforms.empty()) origin.subject_transforms.push_back({">", ">"});
  if (!name.empty() && origin.subject_transforms.empty()) origin.name = std::string(name);
  return origin;
}

bucket_source read_source(json_fields fields, std::string_view bucket) {
  bucket_source origin = read_plain(fields);
  bucket_source simple = origin;
  simple.name = bucket_of_stream(origin.name);
  simple.subject_transforms.clear();
  if (simple.name.empty()) return origin;
  if (origin.subject_transforms.size() == 1) {
    const std::string& from = origin.subject_transforms[0].source;
    if (from != concat(key_prefix(simple.name), ">")) simple.filter_subject = from;
  }
  if (is_transformed(simple, bucket) && origin.subject_transforms.empty()) {
    // Made by another client, or for an old server: its subjects are not changed.
    const std::string all = origin.filter_subject.empty() ? ">" : std::exchange(origin.filter_subject, {});
    origin.subject_transforms.push_back({all, all});
    return origin;
  }
  const bool is_own = origin.subject_transforms.empty() ||
                      (origin.subject_transforms.size() == 1 &&
                       origin.subject_transforms[0].source.starts_with(key_prefix(simple.name)) &&
                       origin.subject_transforms[0] == own_transform(simple, bucket));
  return is_own ? simple : origin;
}

}  // namespace kvco::jetstream

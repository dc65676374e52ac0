// The state in a reply to STREAM.INFO, besides the configuration of the bucket.
#include <kvco/jetstream/stream_status.hpp>

#include <boost/json/array.hpp>
#include <kvco/jetstream/replies.hpp>

namespace kvco::jetstream {
namespace {

namespace json = boost::json;
using std::chrono::system_clock;

void read_time(json_fields& fields, const char* name, system_clock::time_point& to) {
  std::string_view text;
  fields.read(name, text);
  constexpr std::string_view never = "0001-01-01";  // Go's zero time: the stream has no entry
  if (text.empty() || text.starts_with(never)) return;
  const auto time = parse_time(text);
  if (!time) return fields.blame(name);
  to = system_clock::time_point(
      std::chrono::duration_cast<system_clock::duration>(std::chrono::nanoseconds(*time)));
}

template <class Visit>
void each_of(json_fields fields, const char* list, const Visit& visit) {
  const json::array* items = nullptr;
  fields.read(list, items);
  if (!items) return;
  for (const json::value& item : *items) visit(fields.of(item));
}

void read_cluster(json_fields cluster, stream_status& to) {
  cluster.read("name", to.cluster);
  cluster.read("leader", to.leader);
  each_of(cluster, "replicas", [&](json_fields one) {
    replica_status& made = to.replicas.emplace_back();
    std::int64_t active = 0;
    one.read("name", made.name);
    one.read("current", made.current);
    one.read("offline", made.offline);
    one.read("lag", made.lag);
    one.read("active", active);
    made.active = duration(active);
  });
}

source_status read_source(json_fields one) {
  source_status made;
  std::int64_t active = -1;
  one.read("name", made.stream);
  one.read("lag", made.lag);
  one.read("active", active);
  one.inside("error").read("description", made.error);
  if (active >= 0) made.active = duration(active);
  return made;
}

void read_flags(json_fields config, stream_status& to) {
  std::string_view discard;
  std::int64_t window = 0;
  config.read("name", to.name);
  config.read("sealed", to.sealed);
  config.read("deny_delete", to.deny_delete);
  config.read("deny_purge", to.deny_purge);
  config.read("allow_rollup_hdrs", to.allow_rollup);
  config.read("allow_direct", to.allow_direct);
  config.read("mirror_direct", to.mirror_direct);
  config.read("allow_msg_ttl", to.allow_key_ttl);
  config.read("discard", discard);
  config.read("duplicate_window", window);
  to.discards_new = discard == "new";
  to.duplicate_window = duration(std::max<std::int64_t>(window, 0));
}

}  // namespace

void read_stream_status(json_fields reply, stream_status& to) {
  read_flags(reply.inside("config"), to);
  json_fields state = reply.inside("state");
  state.read("consumer_count", to.consumers);
  state.read("num_subjects", to.subjects);
  read_time(state, "first_ts", to.first_time);
  read_time(state, "last_ts", to.last_time);
  reply.read("domain", to.domain);
  read_cluster(reply.inside("cluster"), to);
  const json::object* mirror = nullptr;
  reply.read("mirror", mirror);
  if (mirror) to.mirror = read_source(reply.inside("mirror"));
  each_of(reply, "sources", [&](json_fields one) { to.sources.push_back(read_source(one)); });
}

}  // namespace kvco::jetstream

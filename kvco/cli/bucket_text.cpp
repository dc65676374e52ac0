// The table and the block of buckets. See the header.
#include <kvco/cli/bucket_text.hpp>
#include <kvco/cli/json_line.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace kvco::cli {
namespace {

using rows = std::vector<std::pair<std::string, std::string>>;

std::string last_update(const bucket_status& of, time_point now) {
  if (of.messages == 0) return "never";
  const auto passed = std::chrono::duration_cast<std::chrono::nanoseconds>(now - of.stream.last_time);
  return human_time(std::max(passed, std::chrono::nanoseconds(0)));
}

std::string limit_of_bytes(std::int64_t bytes) {
  return bytes <= 0 ? "unlimited" : byte_size(static_cast<std::uint64_t>(bytes));
}
std::string limit_of_time(duration time) { return time <= duration(0) ? "unlimited" : human_time(time); }
std::string yes_or_no(bool on) { return on ? "true" : "false"; }

rows configuration_of(const bucket_status& of) {
  const bucket_config& config = of.config;
  rows out = {{"Bucket Name", config.name()},
              {"History Kept", with_commas(static_cast<std::uint64_t>(config.history()))},
              {"Values Stored", with_commas(of.messages)},
              {"Compressed", yes_or_no(config.compression())},
              {"Per-Key TTL Supported", yes_or_no(of.stream.allow_key_ttl)}};
  if (config.limit_marker_ttl() > duration(0))
    out.emplace_back("Limit Marker TTL", human_time(config.limit_marker_ttl()));
  out.emplace_back("Backing Store Kind", "JetStream");
  if (!config.description().empty()) out.emplace_back("Description", config.description());
  out.emplace_back("Bucket Size", byte_size(of.bytes));
  out.emplace_back("Maximum Bucket Size", limit_of_bytes(config.max_bytes()));
  out.emplace_back("Maximum Value Size", limit_of_bytes(config.max_value_size()));
  out.emplace_back("Maximum Age", limit_of_time(config.ttl()));
  out.emplace_back("JetStream Stream", of.stream.name);
  out.emplace_back("Storage", config.storage() == storage::file ? "File" : "Memory");
  if (config.replicas() > 1) out.emplace_back("Replicas", std::to_string(config.replicas()));
  if (!config.republish().destination.empty()) {
    out.emplace_back("Republishing Source", config.republish().source);
    out.emplace_back("Republishing Destination", config.republish().destination);
    out.emplace_back("Republishing Headers Only", yes_or_no(config.republish().headers_only));
  }
  return out;
}

rows origin_of(const source_status& of) {
  rows out = {{"Stream", of.stream},
              {"Lag", with_commas(of.lag)},
              {"Last Seen", of.active ? human_time(*of.active) : "never"}};
  if (!of.error.empty()) out.emplace_back("Error", of.error);
  return out;
}

rows cluster_of(const stream_status& of) {
  rows out = {{"Name", of.cluster}, {"Leader", of.leader}};
  for (const replica_status& each : of.replicas) {
    std::string text =
        each.name + (each.current ? ", current" : ", outdated") + (each.offline ? ", OFFLINE" : "");
    text += ", seen " + human_time(each.active) + " ago";
    if (each.lag != 0) text += ", " + with_commas(each.lag) + " operations behind";
    out.emplace_back("Replica", std::move(text));
  }
  return out;
}

/// Aligned at the colons.
std::string section(std::string_view heading, const rows& all) {
  std::size_t widest = 0;
  for (const auto& [name, value] : all) widest = std::max(widest, name.size());
  std::string out = std::string(heading) + ":\n\n";
  for (const auto& [name, value] : all)
    out += std::string(widest + 2 - name.size(), ' ') + shown_in_a_line(name) + ": " +
           shown_in_a_line(value) + "\n";
  return out + "\n";
}

}  // namespace

table table_of(const std::vector<bucket_status>& all, time_point now) {
  table out("Key-Value Buckets",
            {{"Bucket"}, {"Description"}, {"Created"}, {"Size"}, {"Values"}, {"Last Update"}});
  for (const bucket_status& each : all)
    out.add({each.config.name(), shown_in_a_line(each.config.description()), local_time(each.created),
             byte_size(each.bytes), with_commas(each.messages), last_update(each, now)});
  return out;
}

std::string block_of(const bucket_status& of) {
  std::string out = "Information for Key-Value Store Bucket " + of.config.name() + " created " +
                    local_time(of.created) + "\n\n";
  out += section("Configuration", configuration_of(of));
  if (of.stream.mirror) out += section("Mirror Information", origin_of(*of.stream.mirror));
  for (const source_status& each : of.stream.sources) out += section("Sources Information", origin_of(each));
  if (!of.config.metadata().empty())
    out += section("Metadata", rows(of.config.metadata().begin(), of.config.metadata().end()));
  if (!of.stream.cluster.empty()) out += section("Cluster Information", cluster_of(of.stream));
  out.pop_back();  // no blank line at the end
  return out;
}

std::string json_of(const bucket_status& of) {
  const bucket_config& config = of.config;
  json_line out;
  out.text("bucket", config.name())
      .text("description", config.description())
      .text("created", rfc3339_time(of.created));
  out.number("bytes", of.bytes).number("values", of.messages);
  out.number("first_revision", of.first_revision).number("last_revision", of.last_revision);
  out.number("history", static_cast<std::uint64_t>(config.history()))
      .decimal("ttl", std::chrono::duration<double>(config.ttl()).count());
  out.number("max_bytes", static_cast<std::uint64_t>(std::max<std::int64_t>(config.max_bytes(), 0)));
  out.number("max_value_size", static_cast<std::uint64_t>(std::max(config.max_value_size(), 0)));
  out.text("storage", config.storage() == storage::file ? "file" : "memory");
  out.number("replicas", static_cast<std::uint64_t>(config.replicas()))
      .boolean("compression", config.compression());
  out.text("stream", of.stream.name).text("cluster", of.stream.cluster).text("leader", of.stream.leader);
  return out.line();
}

}  // namespace kvco::cli

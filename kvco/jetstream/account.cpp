// $JS.API.INFO -> the limits and the usage of an account; the features of servers.
#include <kvco/jetstream/account.hpp>

#include <array>
#include <kvco/jetstream/json_reply.hpp>
#include <kvco/wire/info.hpp>

namespace kvco {
namespace jetstream {
namespace {

namespace json = boost::json;

// -1 stands for no limit; servers before 2.9 left out those that they did not have.
void read_limit(json_fields& fields, const char* name, std::optional<std::uint64_t>& to) {
  std::int64_t limit = -1;
  fields.read(name, limit);
  if (limit >= 0) to = static_cast<std::uint64_t>(limit);
}

account_limits read_limits(json_fields fields) {
  account_limits limits;
  read_limit(fields, "max_memory", limits.memory);
  read_limit(fields, "max_storage", limits.storage);
  read_limit(fields, "max_streams", limits.streams);
  read_limit(fields, "max_consumers", limits.consumers);
  read_limit(fields, "max_ack_pending", limits.ack_pending);
  read_limit(fields, "memory_max_stream_bytes", limits.memory_of_stream);
  read_limit(fields, "storage_max_stream_bytes", limits.storage_of_stream);
  fields.read("max_bytes_required", limits.max_bytes_required);
  return limits;
}

account_usage read_usage(json_fields& fields) {
  account_usage usage;
  fields.read("memory", usage.memory);
  fields.read("storage", usage.storage);
  fields.read("reserved_memory", usage.reserved_memory);
  fields.read("reserved_storage", usage.reserved_storage);
  fields.read("streams", usage.streams);
  fields.read("consumers", usage.consumers);
  return usage;
}

void read_account_info(json_fields& reply, account_info& info) {
  info.usage = read_usage(reply);
  info.limits = read_limits(reply.inside("limits"));
  reply.read("domain", info.domain);
  json_fields api = reply.inside("api");
  std::int64_t level = 0;
  api.read("level", level);
  info.api_level = static_cast<int>(std::clamp<std::int64_t>(level, 0, 1'000'000));
  api.require("total", info.api_total);
  api.read("errors", info.api_errors);
  const json::object* tiers = nullptr;
  reply.read("tiers", tiers);
  if (!tiers) return;
  for (const auto& [name, tier] : *tiers) {
    json_fields fields = reply.of(tier);
    info.tiers[std::string(name)] = {read_usage(fields), read_limits(fields.inside("limits"))};
  }
}

}  // namespace

outcome<account_info> parse_account_info(std::string_view json) {
  return decode<account_info>(json, read_account_info);
}

}  // namespace jetstream

namespace {

struct feature_row {
  std::string_view name;
  feature_requirement needs;
};

// By the release notes of nats-server, and ADR-44.
constexpr std::array<feature_row, 7> features = {{{"filter_lists", {2, 10, 0}},
                                                  {"metadata", {2, 10, 0}},
                                                  {"compression", {2, 10, 0}},
                                                  {"source_transforms", {2, 10, 0}},
                                                  {"key_ttl", {2, 11, 1}},
                                                  {"multi_get", {2, 11, 1}},
                                                  {"atomic", {2, 12, 2}}}};
static_assert(features.size() == static_cast<std::size_t>(feature::atomic) + 1);

const feature_row& row_of(feature which) noexcept { return features[static_cast<std::size_t>(which)]; }

}  // namespace

std::string_view to_string(feature which) noexcept { return row_of(which).name; }
feature_requirement requirement_of(feature which) noexcept { return row_of(which).needs; }

capabilities::capabilities(int api_level, std::string_view version)
    : api_level_(api_level), version_(version), number_(wire::read_version(version)) {}

// Any level is that of server 2.11 or later, which has all that came before levels.
bool capabilities::has(feature which) const noexcept {
  const feature_requirement needs = requirement_of(which);
  if (!version_.empty()) return number_ >= std::pair(needs.major, needs.minor);
  return api_level_ >= 1 && api_level_ >= needs.api_level;
}

}  // namespace kvco

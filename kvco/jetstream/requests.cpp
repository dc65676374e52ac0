// Requests about messages and consumers -> JSON, for the bodies that core sends.
#include <kvco/jetstream/requests.hpp>

#include <boost/json.hpp>

namespace kvco::jetstream {
namespace {

namespace json = boost::json;

std::string_view policy_name(deliver_policy policy) noexcept {
  switch (policy) {
    case deliver_policy::all:
      return "all";
    case deliver_policy::last_per_subject:
      return "last_per_subject";
    case deliver_policy::updates_only:
      return "new";
    case deliver_policy::by_start_sequence:
      return "by_start_sequence";
  }
  return "";
}

// A single filter is sent in filter_subject and in the request's subject (else 10131), several in a list,
// which servers before 2.10 ignore silently; both fields at once are refused (10136).
void add_filters(json::object& config, std::span<const std::string> filters) {
  if (filters.size() == 1) {
    config["filter_subject"] = filters.front();
  } else if (filters.size() > 1) {
    json::array& list = config["filter_subjects"].emplace_array();
    for (const std::string& filter : filters) list.emplace_back(filter);
  }
}

}  // namespace

std::string stream_page_request(std::uint64_t offset) {
  return json::serialize(json::object{{"offset", offset}, {"subject", "$KV.*.>"}});
}

std::string all_streams_request(std::uint64_t offset) {
  return json::serialize(json::object{{"offset", offset}});
}

std::string count_subjects_request(std::string_view filter) {
  constexpr std::int64_t behind_all = 1'000'000'000'000;
  return json::serialize(json::object{{"subjects_filter", filter}, {"offset", behind_all}});
}

std::string last_by_subject_request(std::string_view subject) {
  return json::serialize(json::object{{"last_by_subj", subject}});
}

std::string by_sequence_request(kvco::revision revision) {
  return json::serialize(json::object{{"seq", revision}});
}

std::string next_by_subject_request(std::string_view subject, kvco::revision from) {
  return json::serialize(json::object{{"seq", from}, {"next_by_subj", subject}});
}

std::string purge_all_request(kvco::revision below) { return json::serialize(json::object{{"seq", below}}); }

std::string purge_request(std::string_view subject, kvco::revision below) {
  return json::serialize(json::object{{"filter", subject}, {"seq", below}});
}

std::string consumer_create_request(const consumer_request& request) {
  constexpr std::int64_t ack_wait = 79'200'000'000'000;        // 22 h: nothing is acknowledged
  constexpr std::int64_t inactive_threshold = 30'000'000'000;  // 30 s; the server's default is 5 s
  json::object config;
  config["name"] = request.name;
  config["deliver_policy"] = policy_name(request.deliver);
  if (request.deliver == deliver_policy::by_start_sequence) {
    config["opt_start_seq"] = request.start_sequence;
  }
  config["ack_policy"] = "none";
  config["replay_policy"] = "instant";
  config["deliver_subject"] = request.deliver_subject;
  config["flow_control"] = true;
  config["idle_heartbeat"] = request.heartbeat_ns;
  config["max_deliver"] = 1;
  config["ack_wait"] = ack_wait;
  config["mem_storage"] = true;
  config["num_replicas"] = 1;
  if (request.within_limits) {
    config["max_ack_pending"] = -1;
  } else {
    config["inactive_threshold"] = inactive_threshold;
  }
  if (request.headers_only) config["headers_only"] = true;
  add_filters(config, request.filter_subjects);
  return json::serialize(
      json::object{{"stream_name", request.stream}, {"config", std::move(config)}, {"action", "create"}});
}

bool refuses_consumer_limits(const error_code& code) noexcept {
  return code.category() == jetstream_category() && (code.value() == 10153 || code.value() == 10082);
}

}  // namespace kvco::jetstream

// The small answers of the JetStream API: names, consumers, success.
#include <kvco/jetstream/replies.hpp>

#include <kvco/jetstream/json_reply.hpp>

namespace kvco::jetstream {

outcome<stream_names> parse_stream_names(std::string_view json) {
  return decode<stream_names>(json, [](json_fields& reply, stream_names& out) {
    reply.read("streams", out.names);  // null if there are no streams
    reply.require("total", out.total);
    reply.read("offset", out.offset);
    reply.read("limit", out.limit);
  });
}

outcome<consumer_info> parse_consumer_info(std::string_view json) {
  return decode<consumer_info>(json, [](json_fields& reply, consumer_info& out) {
    std::vector<std::string> filters;
    reply.require("name", out.name);
    reply.require("num_pending", out.num_pending);
    reply.read("push_bound", out.push_bound);  // absent: no
    reply.inside("delivered").read("stream_seq", out.delivered_stream_sequence);
    reply.inside("config").read("filter_subjects", filters);
    out.filter_subjects = filters.size();
  });
}

outcome<bool> parse_success(std::string_view json) {
  return decode<bool>(json, [](json_fields& reply, bool& out) {
    reply.require("success", out);
    if (!out) reply.blame("success");  // without an error: servers do not send this
  });
}

outcome<std::uint64_t> parse_purged(std::string_view json) {
  return decode<std::uint64_t>(json,
                               [](json_fields& reply, std::uint64_t& out) { reply.require("purged", out); });
}

bool is_unavailable_for_now(const error_code& code) noexcept {
  return code.value() == 10008 && code.category() == jetstream_category();
}

bool is_unavailable_for_now(std::string_view json) {
  // Very few replies are this error: a text without the number need not be parsed.
  return json.find("10008") != json.npos && is_unavailable_for_now(json_reply(json).failure().code);
}

}  // namespace kvco::jetstream

// Reads all that a bucket holds, without kvco. See the header.
#include <kvco_test/support/stream_reader.hpp>

#include <kvco_test/support/raw_client.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace kvco::test {
namespace {

constexpr std::size_t page = 5000;

struct place {
  revision rev = 0;
  std::uint64_t pending = 0;
};

// $JS.ACK.<stream>.<consumer>.<delivered>.<sseq>.<cseq>.<time>.<pending>; newer servers may put two tokens before these.
place place_of(const std::string& reply) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < reply.size(); ++i) {
    if (reply[i] == '.') ends.push_back(i);
  }
  if (ends.size() < 8) throw std::runtime_error("read_stream: no place in " + reply);
  const auto token = [&](std::size_t from_end) {
    return std::stoull(reply.substr(ends[ends.size() - from_end] + 1));
  };
  return {token(4), token(1)};
}

operation operation_of(const raw_message& m) {
  const std::string told = m.headers.empty() ? "" : m.header("KV-Operation");
  if (told == "PURGE") return operation::purge;
  return told == "DEL" ? operation::erase : operation::put;
}

void must_succeed(const raw_message& answer) {
  if (answer.status() != 0 || answer.payload.find("\"error\"") != std::string::npos) {
    throw std::runtime_error("read_stream: " + answer.headers + answer.payload);
  }
}

}  // namespace

stored_stream read_stream(std::uint16_t port, std::string_view bucket, history& ops, std::size_t kept) {
  const std::string stream = "KV_" + std::string(bucket), consumer = "reader";
  const std::size_t prefix = std::string("$KV.").size() + bucket.size() + 1;
  raw_client raw(port);
  must_succeed(raw.request("$JS.API.CONSUMER.CREATE." + stream + "." + consumer,
                           R"({"stream_name":")" + stream + R"(","config":{"name":")" + consumer +
                               R"(","deliver_policy":"all","ack_policy":"none","replay_policy":"instant",)"
                               R"("mem_storage":true,"num_replicas":1,"inactive_threshold":30000000000}})"));
  const std::string sid = raw.subscribe("read.stream");
  const std::string ask = R"({"batch":)" + std::to_string(page) + R"(,"no_wait":true})";
  std::vector<stored_message> all;
  for (bool more = true; more;) {
    raw.publish("$JS.API.CONSUMER.MSG.NEXT." + stream + "." + consumer, ask, "read.stream");
    more = false;
    for (std::size_t i = 0; i < page; ++i) {
      const raw_message m = raw.next(sid);
      if (m.status() != 0) break;  // 404: there is nothing more
      const place at = place_of(m.reply);
      if (!all.empty() && at.rev <= all.back().rev) throw std::runtime_error("read_stream: out of order");
      const operation op = operation_of(m);
      all.push_back({at.rev, ops.key(std::string_view(m.subject).substr(prefix)), op,
                     op == operation::put ? history::value_of(m.payload) : 0});
      more = at.pending != 0;
    }
  }
  must_succeed(raw.request("$JS.API.CONSUMER.DELETE." + stream + "." + consumer));
  return stored_stream(std::move(all), kept);
}

}  // namespace kvco::test

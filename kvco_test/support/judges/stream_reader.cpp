// Reads all that a bucket holds, without kvco. See the header.
#include <kvco_test/support/judges/stream_reader.hpp>

#include <chrono>
#include <iostream>
#include <kvco_test/support/server/raw_client.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace kvco::test {
namespace {

constexpr std::size_t page = 5000;
constexpr auto longest_silence = std::chrono::seconds(30);
constexpr std::size_t attempts = 6;  // each waits ten seconds for an answer

// $JS.ACK.<stream>.<consumer>.<delivered>.<sseq>.<cseq>.<time>.<pending>; newer servers may put two tokens before these.
revision revision_of(const std::string& reply) {
  std::size_t dot = reply.size();
  for (int token = 0; token < 4; ++token) {
    dot = dot == 0 ? reply.npos : reply.rfind('.', dot - 1);
    if (dot == reply.npos) throw std::runtime_error("read_stream: no place in " + reply);
  }
  return std::stoull(reply.substr(dot + 1));
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

std::size_t messages_in(raw_client& raw, const std::string& stream) {
  const raw_message answer = raw.request("$JS.API.STREAM.INFO." + stream);
  must_succeed(answer);
  const std::string name = "\"messages\":";
  const std::size_t at = answer.payload.find(name);
  if (at == std::string::npos) throw std::runtime_error("read_stream: no count in " + answer.payload);
  return std::stoull(answer.payload.substr(at + name.size()));
}

// All messages, in their order, by a consumer of that name.
std::vector<seen_revision> read_all(std::uint16_t port, std::string_view bucket, const std::string& consumer,
                                    history& ops) {
  const std::string stream = "KV_" + std::string(bucket);
  const std::size_t prefix = std::string("$KV.").size() + bucket.size() + 1;
  raw_client raw(port);
  must_succeed(raw.request("$JS.API.CONSUMER.CREATE." + stream + "." + consumer,
                           R"({"stream_name":")" + stream + R"(","config":{"name":")" + consumer +
                               R"(","deliver_policy":"all","ack_policy":"none","replay_policy":"instant",)"
                               R"("mem_storage":true,"num_replicas":1,"inactive_threshold":30000000000}})"));
  const std::string sid = raw.subscribe("read.stream");
  const std::string ask = R"({"batch":)" + std::to_string(page) + R"(,"no_wait":true})";
  const std::size_t count = messages_in(raw, stream);
  std::vector<seen_revision> all;
  auto give_up = std::chrono::steady_clock::now() + longest_silence;
  while (all.size() < count) {
    if (std::chrono::steady_clock::now() > give_up) {
      throw messages_missing("The leader counts " + std::to_string(count) +
                             " messages, and a consumer gives " + std::to_string(all.size()));
    }
    raw.publish("$JS.API.CONSUMER.MSG.NEXT." + stream + "." + consumer, ask, "read.stream");
    for (std::size_t i = 0; i < page && all.size() < count; ++i) {
      const raw_message m = raw.next(sid);
      if (m.status() != 0)
        break;  // 404: nothing more; or, of a consumer that has just been made, nothing yet
      const revision rev = revision_of(m.reply);
      if (!all.empty() && rev <= all.back().rev) throw std::runtime_error("read_stream: out of order");
      const operation op = operation_of(m);
      give_up = std::chrono::steady_clock::now() + longest_silence;
      all.push_back({rev, ops.key(std::string_view(m.subject).substr(prefix)), op,
                     op == operation::put ? history::value_of(m.payload) : 0});
    }
  }
  must_succeed(raw.request("$JS.API.CONSUMER.DELETE." + stream + "." + consumer));
  return all;
}

}  // namespace

// A cluster that has just been healed drops a request now and then: at a node that does not know yet that it leads, or where a
// route is just coming up. A node of 2.10 may even stop reading from who has asked it for a consumer. Then all is read once more,
// by another consumer and another node.
stored_stream read_stream(const std::vector<std::uint16_t>& ports, std::string_view bucket, history& ops,
                          std::size_t kept) {
  for (std::size_t attempt = 0;; ++attempt) {
    const std::uint16_t port = ports[attempt % ports.size()];
    try {
      return stored_stream(read_all(port, bucket, "reader" + std::to_string(attempt), ops), kept);
    } catch (const messages_missing&) {
      throw;
    } catch (const std::runtime_error& error) {
      std::cerr << "read_stream: " << error.what() << std::endl;
      if (attempt + 1 == attempts) throw;
    }
  }
}

std::string replica_difference(std::uint16_t port, std::string_view bucket, const stored_stream& truth,
                               const history& ops, std::size_t step) {
  raw_client raw(port);
  const std::string prefix = "$KV." + std::string(bucket) + ".";
  for (std::size_t i = 0; i < truth.all().size(); i += step) {
    const seen_revision& wanted = truth.all()[i];
    const raw_message m = raw.request("$JS.API.DIRECT.GET.KV_" + std::string(bucket),
                                      R"({"seq":)" + std::to_string(wanted.rev) + "}");
    if (m.status() != 0) continue;
    const std::string subject = m.header("Nats-Subject");
    const std::uint64_t value = operation_of(m) == operation::put ? history::value_of(m.payload) : 0;
    if (subject == prefix + ops.name(wanted.key) && value == wanted.value) continue;
    return "revision " + std::to_string(wanted.rev) + " is " + subject + ", value " + std::to_string(value) +
           "; the leader has " + ops.name(wanted.key) + ", value " + std::to_string(wanted.value);
  }
  return {};
}

}  // namespace kvco::test

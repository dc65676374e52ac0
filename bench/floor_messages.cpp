// The floor of messages without a bucket: frames that were encoded beforehand, and messages that are only counted.
#include <bench/floor.hpp>
#include <bench/messages.hpp>
#include <bench/meter.hpp>

#include <stdexcept>

namespace kvco::bench::floor_client {
namespace {

using frame = raw_client::frame;

std::string encode_publish(std::string_view subject, std::string_view payload, std::string_view reply = {}) {
  std::string out = "PUB " + std::string(subject) + ' ';
  if (!reply.empty()) out += std::string(reply) + ' ';
  return out + std::to_string(payload.size()) + "\r\n" + std::string(payload) + "\r\n";
}

void check(const frame& answer, std::size_t size) {
  if (!answer.header.empty() || answer.payload.size() != size)
    throw std::runtime_error("not the message that was sent: " + std::string(answer.line));
}

}  // namespace

// The server has read all of them when it answers the PING.
outcome publish(raw_client& raw, const task& what) {
  constexpr std::size_t write_size = 64 * 1024;
  const std::string one = encode_publish(sink_subject, std::string(what.value, 'v'));
  std::string out;
  meter spent(what.operations);
  for (std::size_t i = 0; i < what.operations; ++i) {
    out += one;
    spent.done();
    if (out.size() < write_size) continue;
    raw.send(out);
    out.clear();
  }
  raw.send(out + "PING\r\n");
  while (raw.wait().line != "PONG") {
  }
  return spent.finish();
}

outcome request(raw_client& raw, const task& what) {
  const std::string one = encode_publish(echo_subject, std::string(what.value, 'v'), raw.reply_subject());
  const std::size_t reply_end = one.find(raw.reply_subject()) + raw.reply_subject().size();
  meter spent(what.operations);
  raw.pipeline(
      what.operations, what.flight,
      [&](std::string& out, std::size_t i) {
        const std::size_t begin = out.size();
        out += one;
        raw_client::number_reply(out, begin + reply_end, i);
      },
      [&](const frame& answer) {
        check(answer, what.value);
        spent.done();
        return true;
      });
  return spent.finish();
}

outcome subscribe(raw_client& raw, const task& what) {
  static int sid = 100;
  const std::string number = std::to_string(++sid), more = encode_publish(more_subject, {});
  raw.send("SUB " + std::string(feed_subject) + ' ' + number + "\r\n");
  std::size_t requested = 0;
  meter spent(what.operations);
  for (; requested < bursts_ahead * burst && requested < what.operations; requested += burst) raw.send(more);
  for (std::size_t taken = 0; taken < what.operations;) {
    const frame found = raw.wait();
    if (!found.line.starts_with("MSG ")) continue;
    check(found, what.value);
    spent.done();
    if (++taken % burst != 0 || requested >= what.operations) continue;
    requested += burst;
    raw.send(more);
  }
  const outcome result = spent.finish();
  raw.send("UNSUB " + number + "\r\n");
  return result;
}

}  // namespace kvco::bench::floor_client

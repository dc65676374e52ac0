// The other side of messages. See the header.
#include <bench/messages.hpp>
#include <bench/other_side.hpp>
#include <bench/raw.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <thread>

namespace kvco::bench {
namespace {

using frame = raw_client::frame;

std::string one_burst() {
  const std::string message = "PUB " + std::string(feed_subject) + ' ' + std::to_string(feed_bytes) + "\r\n" +
                              std::string(feed_bytes, 'v') + "\r\n";
  std::string all;
  for (std::size_t i = 0; i < burst; ++i) all += message;
  return all;
}

void subscribe(raw_client& raw) {
  raw.send("SUB " + std::string(echo_subject) + " 11\r\nSUB " + std::string(more_subject) +
           " 12\r\nPING\r\n");
  while (raw.wait().line != "PONG") {
  }
}

void append_reply(std::string& out, const frame& request) {
  std::string_view line = request.line;  // MSG <subject> <sid> <reply> <size>
  line = line.substr(0, line.rfind(' '));
  out += "PUB ";
  out += line.substr(line.rfind(' ') + 1);
  out += ' ';
  out += std::to_string(request.payload.size());
  out += "\r\n";
  out += request.payload;
  out += "\r\n";
}

void serve_messages(raw_client& raw) {
  const std::string feed = one_burst();
  std::string out;
  while (true) {
    out.clear();
    for (frame found; raw.next(found);) {
      if (!found.line.starts_with("MSG ")) continue;
      if (found.subject() == more_subject) {
        out += feed;
      } else {
        append_reply(out, found);
      }
    }
    raw.send(out);
    raw.fill(std::chrono::steady_clock::now() + std::chrono::hours(1));
  }
}

outcome serve_in_background(const task&) {
  const auto raw = std::make_shared<raw_client>(server_url());
  subscribe(*raw);
  std::thread([raw] {
    try {
      serve_messages(*raw);
    } catch (const std::exception&) {  // the server is gone: the contestants report it
    }
  }).detach();
  outcome ready;
  ready.operations = 1;
  ready.seconds = 1;
  return ready;
}

}  // namespace

works other_side_works() { return {{"serve", serve_in_background}}; }

}  // namespace kvco::bench

// What a server might say in one long session, and the events that it must become: input for
// generated tests.
#pragma once

#include <kvco_test/support/judges/recorded_events.hpp>

#include <string>
#include <vector>

namespace kvco::test {

/// Bytes of operations, each with the event it is and the place where it ends.
class session_script {
 public:
  void add(std::string_view bytes, recorded_event event) {
    bytes_ += bytes;
    events_.push_back(std::move(event));
    ends_.push_back(bytes_.size());
  }
  void message(std::uint64_t sid, const std::string& subject, const std::string& reply,
               const std::string& header, const std::string& payload) {
    std::string line = (header.empty() ? "MSG " : "HMSG ") + subject + ' ' + std::to_string(sid) + ' ';
    if (!reply.empty()) line += reply + ' ';
    if (!header.empty()) line += std::to_string(header.size()) + ' ';
    line += std::to_string(header.size() + payload.size()) + "\r\n";
    recorded_event event;
    event.kind = wire::event_kind::msg;
    event.sid = sid;
    event.subject = subject;
    event.reply = reply;
    event.header = header;
    event.payload = payload;
    add(line + header + payload + "\r\n", std::move(event));
  }
  /// An operation without a message.
  void say(std::string_view bytes, wire::event_kind kind, std::string_view text = {}) {
    recorded_event event;
    event.kind = kind;
    event.text = text;
    add(bytes, std::move(event));
  }

  const std::string& bytes() const noexcept { return bytes_; }
  const std::vector<recorded_event>& events() const noexcept { return events_; }
  /// How many events are complete in the first `size` bytes.
  std::size_t complete(std::size_t size) const {
    return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), size) - ends_.begin());
  }

 private:
  std::string bytes_;
  std::vector<recorded_event> events_;
  std::vector<std::size_t> ends_;
};

/// Every form of every operation, binary payloads, odd white space and case.
inline session_script mixed_session() {
  using enum wire::event_kind;
  using namespace std::string_literals;
  session_script s;
  s.say("INFO {\"server_id\":\"S\",\"max_payload\":1048576} \r\n", info,
        "{\"server_id\":\"S\",\"max_payload\":1048576}");
  s.say("+OK\r\n", ok);
  s.say("PONG\r\n", pong);
  s.message(1, "a", "", "", "");
  s.message(18446744073709551615u, "$KV.B.key", "$JS.ACK.x.1", "", "value");
  s.message(2, "bin", "", "", "\r\nMSG a 1 0\r\n\r\nPING\r\n\0\xff\r"s);
  s.message(2, "bin", "", "", "\r");
  s.message(2, "bin", "", "", "\n");
  s.message(3, "h", "", "NATS/1.0 503\r\n\r\n", "");
  s.message(3, "h", "r", "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 7\r\n\r\n", "");
  s.message(3, "h", "", "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n", "\0payload\r\n"s);
  s.message(3, "h", "", "no header block at all", "x");  // judged by wire::headers, not here
  s.say("PING\r\n", ping);
  s.say("ping \t x\r\n", ping);
  s.say("PoNg 1\r\n", pong);
  s.say("+ok\tfine\r\n", ok);
  s.say("-ERR 'Permissions Violation for Publish to \"x\"'\r\n", err,
        "Permissions Violation for Publish to \"x\"");
  s.say("-err  Stale Connection \r\n", err, "Stale Connection");
  s.say("-ERR\r\n", err, "");
  s.say("-ERR '\r\n", err, "'");
  s.say("info\t{}\r\n", info, "{}");
  s.add("msg  a\t \t7   3 \t\r\nabc\r\n", {msg, 7, "a", "", "", "abc", ""});
  s.add("Msg\ta\t7\tr\t3\r\nabc\r\n", {msg, 7, "a", "r", "", "abc", ""});
  s.add("hmsG a 07 r 2 03\r\nabc\r\n", {msg, 7, "a", "r", "ab", "c", ""});
  s.add("HMSG a 7 0 0\r\n\r\n", {msg, 7, "a", "", "", "", ""});
  s.message(9, "big", "", "", std::string(1000, '\n'));
  s.say("INFO {\"ldm\":true}\r\n", info, "{\"ldm\":true}");
  return s;
}

}  // namespace kvco::test

// The fake server: connections, subscriptions, publishes.
#include <kvco_test/support/fake/fake_server.hpp>

#include <algorithm>

namespace kvco::test {

std::string stream_of(std::string_view subject) {
  if (!subject.starts_with("$KV.")) return {};
  subject.remove_prefix(4);
  const auto end = subject.find('.');
  return end == subject.npos ? std::string() : "KV_" + std::string(subject.substr(0, end));
}

std::string fake_server::info_json() const {
  const auto flag = [](bool on) { return on ? "true" : "false"; };
  return R"({"server_id":"S","version":")" + version + R"(","headers":true,"jetstream":)" +
         flag(has_jetstream) + R"(,"max_payload":)" + std::to_string(max_payload) + "}";
}

void fake_server::accept(server_connection& conn) {
  conn.number = ++accepted_;
  conn.parser.set_max_payload(max_payload);
  connections_.push_back(&conn);
  if (says_info) say(conn, "INFO " + info_json() + " \r\n");
}

void fake_server::receive(server_connection& conn, std::string_view bytes) {
  if (!conn.open) return;
  using verb = client_frame::verb;
  for (const client_frame& frame : conn.parser.feed(bytes)) {
    ++frames;
    if (frame.what == verb::sub) conn.subscriptions[frame.sid] = frame.subject;
    if (frame.what == verb::unsub) conn.subscriptions.erase(frame.sid);
    if (script && script(conn, frame)) continue;
    carry_out(conn, frame);
    if (!conn.open) return;
  }
  if (!conn.parser.error().empty()) {
    malformed.push_back(conn.parser.error());
    close(conn);
  }
}

void fake_server::carry_out(server_connection& conn, const client_frame& frame) {
  if (frame.what == client_frame::verb::ping && says_pong) {
    conn.handshaken = true;
    say(conn, "PONG\r\n");
  }
  if (frame.what == client_frame::verb::pub && answers) on_publish(frame);
}

void fake_server::lost(server_connection& conn) {
  conn.open = false;
  std::erase(connections_, &conn);
}

void fake_server::close(server_connection& conn) {
  conn.finished = true;
  lost(conn);
  if (conn.wake) conn.wake();
}

void fake_server::say(server_connection& conn, std::string_view bytes) {
  if (!conn.open) return;
  conn.out += bytes;
  if (conn.wake) conn.wake();
}

bool fake_server::is_heard(std::string_view subject) const {
  return std::any_of(connections_.begin(), connections_.end(), [&](const server_connection* conn) {
    return std::any_of(conn->subscriptions.begin(), conn->subscriptions.end(),
                       [&](const auto& sub) { return subject_matches(sub.second, subject); });
  });
}

void fake_server::deliver(std::string_view subject, std::string_view reply, std::string_view header,
                          std::string_view payload) {
  for (server_connection* conn : std::vector(connections_)) {
    for (const auto& [sid, pattern] : conn->subscriptions) {
      if (!subject_matches(pattern, subject)) continue;
      std::string& out = conn->out;
      out += header.empty() ? "MSG " : "HMSG ";
      out.append(subject).append(" ").append(std::to_string(sid)).append(" ");
      if (!reply.empty()) out.append(reply).append(" ");
      if (!header.empty()) out.append(std::to_string(header.size())).append(" ");
      out.append(std::to_string(header.size() + payload.size())).append("\r\n");
      out.append(header).append(payload).append("\r\n");
      if (conn->wake) conn->wake();
    }
  }
}

void fake_server::answer(const client_frame& to, std::string_view payload, std::string_view header) {
  if (!to.reply.empty()) deliver(to.reply, {}, header, payload);
}

void fake_server::answer_error(const client_frame& to, int code, int err_code, std::string_view text) {
  answer(to, R"({"error":{"code":)" + std::to_string(code) + R"(,"err_code":)" + std::to_string(err_code) +
                 R"(,"description":")" + std::string(text) + R"("}})");
}

void fake_server::no_responders(const client_frame& to) { answer(to, {}, "NATS/1.0 503\r\n\r\n"); }

fake_stream* fake_server::find(const std::string& name) {
  const auto found = streams.find(name);
  return found == streams.end() ? nullptr : &found->second;
}

void fake_server::on_publish(const client_frame& frame) {
  constexpr std::string_view api = "$JS.API.";
  if (frame.subject.starts_with("$JS.FC.")) {
    ++flow_answers;
  } else if (frame.subject.starts_with(api)) {
    if (!has_jetstream) return no_responders(frame);
    on_api(std::string_view(frame.subject).substr(api.size()), frame);
  } else if (const std::string name = stream_of(frame.subject); !name.empty()) {
    on_key_write(find(name), frame);
  } else {
    no_responders(frame);
  }
}

void fake_server::on_key_write(fake_stream* stream, const client_frame& frame) {
  if (!has_jetstream || stream == nullptr || leaderless.contains(stream->name())) return no_responders(frame);
  const auto done = stream->store(frame.subject, frame.header, frame.payload, now_ns_);
  if (done.err_code != 0) {
    return answer(frame, R"({"error":{"code":400,"err_code":)" + std::to_string(done.err_code) +
                             R"(,"description":")" + done.text + R"("},"stream":")" + stream->name() +
                             R"(","seq":0})");
  }
  if (done.duplicate) {
    return answer(frame, R"({"stream":")" + stream->name() + R"(", "seq":)" + std::to_string(done.sequence) +
                             R"(, "duplicate": true})");
  }
  applied.push_back({label, frame.subject, frame.header, frame.payload, done.sequence});
  answer(frame, R"({"stream":")" + stream->name() + R"(","seq":)" + std::to_string(done.sequence) + "}");
  notify(*stream, done.sequence);
}

std::uint64_t fake_server::put(const std::string& bucket, const std::string& key, const std::string& value,
                               const std::string& header) {
  fake_stream& stream = streams.at("KV_" + bucket);
  const auto done = stream.store("$KV." + bucket + "." + key, header, value);
  notify(stream, done.sequence);
  return done.sequence;
}

std::size_t fake_server::consumers() const {
  std::size_t count = 0;
  for (const auto& [name, stream] : streams) count += stream.consumers.size();
  return count;
}

}  // namespace kvco::test

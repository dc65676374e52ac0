// A NATS server with JetStream in memory: handshake, subscriptions, buckets - and a test that may interfere anywhere.
#pragma once

#include <functional>
#include <kvco_test/support/fake/fake_stream.hpp>
#include <kvco_test/support/judges/client_frames.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

/// One connection as the server sees it.
struct server_connection {
  std::size_t number = 0;
  client_frame_parser parser;
  std::map<std::uint64_t, std::string> subscriptions;
  std::string out;             // bytes for the client
  std::size_t taken = 0;       // of them, by the client
  std::function<void()> wake;  // there are some
  bool open = true;
  bool finished = false;  // the server has closed: after `out` comes the end
  bool handshaken = false;
};

/// A write that was stored: when and as what.
struct applied_write {
  int label = 0;  // the test's: what it was doing then
  std::string subject, header, payload;
  std::uint64_t sequence = 0;
};

class fake_server {
 public:
  // How it behaves; a test changes this at any time.
  std::string version = "2.10.27";
  std::uint64_t max_payload = 1u << 20;
  bool has_jetstream = true;
  bool says_info = true, says_pong = true;
  bool answers = true;              // false: it reads, and says nothing any more (PONG excepted)
  std::size_t most_at_once = 1024;  // messages that multi_last may match, else 413
  std::size_t streams_per_page = 256, subjects_per_page = 100'000;
  std::string account_json = R"({"memory":0,"storage":0,"streams":0,"consumers":0,"api":{"total":1}})";
  std::set<std::string> leaderless;  // streams whose messages nobody serves: 503
  /// Streams as they were on a replica that lags behind: it answers direct gets.
  std::map<std::string, fake_stream> lagging;
  int label = 0;
  /// Sees each frame first. True: the script has dealt with it.
  std::function<bool(server_connection&, const client_frame&)> script;

  // What happened.
  std::vector<applied_write> applied;
  std::vector<std::string> malformed;  // what the strict parser has refused: must stay empty
  std::size_t frames = 0;
  std::uint64_t flow_answers = 0;
  std::map<std::string, fake_stream> streams;

  // The wire's side.
  void accept(server_connection& conn);
  void receive(server_connection& conn, std::string_view bytes);
  void lost(server_connection& conn);
  void on_time(std::int64_t now_ns);
  std::optional<std::int64_t> next_due_ns() const;

  // The script's side.
  void say(server_connection& conn, std::string_view bytes);
  void close(server_connection& conn);
  /// A message to whoever subscribed to the subject.
  void deliver(std::string_view subject, std::string_view reply, std::string_view header,
               std::string_view payload);
  void no_responders(const client_frame& to);
  /// Carries out a frame that the script had kept back.
  void carry_out(server_connection& conn, const client_frame& frame);
  /// The series that answers a multi_last request, or the 408 of a server before 2.11: to be cut and mixed by a script.
  struct series_reply {
    std::string header, payload;
  };
  std::vector<series_reply> answer_multi_get(const client_frame& frame);
  std::string info_json() const;
  /// As a client that is not seen here would do it.
  fake_stream& create_bucket(const std::string& name, int history = 64);
  std::uint64_t put(const std::string& bucket, const std::string& key, const std::string& value,
                    const std::string& header = {});
  /// From now on direct gets are answered by a replica that hears of nothing new.
  void let_lag(const std::string& stream) { lagging.insert_or_assign(stream, streams.at(stream)); }
  std::size_t consumers() const;
  server_connection* newest() { return connections_.empty() ? nullptr : connections_.back(); }

 private:
  void on_publish(const client_frame& frame);
  void on_key_write(fake_stream* stream, const client_frame& frame);
  // fake_jetstream.cpp
  void on_api(std::string_view call, const client_frame& frame);
  void create_stream(const std::string& name, const client_frame& frame, bool update);
  void list_streams(const client_frame& frame);
  std::string with_subjects(const fake_stream& stream, std::string_view asked) const;
  void get_message(fake_stream& stream, const client_frame& frame);
  void get_direct(const fake_stream& stream, std::string_view subject, const client_frame& frame);
  void create_consumer(fake_stream& stream, const client_frame& frame);
  void fill(const fake_stream& stream, fake_consumer& consumer, const std::string& policy,
            std::uint64_t start);
  void serve(fake_stream& stream, fake_consumer& consumer);
  void notify(fake_stream& stream, std::uint64_t sequence);
  void answer(const client_frame& to, std::string_view payload, std::string_view header = {});
  void answer_error(const client_frame& to, int code, int err_code, std::string_view text);
  bool is_heard(std::string_view subject) const;
  fake_stream* find(const std::string& name);
  const fake_stream& replica_of(const std::string& name) const;

  std::vector<server_connection*> connections_;
  std::int64_t now_ns_ = 0;
  std::size_t accepted_ = 0;
  int streams_made_ = 0;
};

/// "$KV.b.key" -> "KV_b"; empty if it is none.
std::string stream_of(std::string_view subject);

}  // namespace kvco::test

// The text format of Prometheus, compared with text that was written by hand from its specification (0.0.4).
#include <gtest/gtest.h>

#include <kvco/client.hpp>
#include <kvco/observe/prometheus.hpp>
#include <kvco/observe/prometheus_text.hpp>

#include <boost/asio/error.hpp>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace kvco {
namespace {

using namespace std::chrono_literals;

operation_end ended(operation_kind kind, std::string_view bucket, error_code code, duration elapsed,
                    std::size_t sent = 0, std::size_t received = 0) {
  operation_end end;
  end.kind = kind;
  end.bucket = bucket;
  end.key = "k";
  end.code = code;
  end.elapsed = elapsed;
  end.bytes_sent = sent;
  end.bytes_received = received;
  return end;
}

TEST(prometheus, writes_metrics_of_a_program) {
  prometheus_text page;
  page.family("orders_total", "counter", "Orders taken.");
  page.sample("orders_total", {{"region", "eu"}, {"by", "a \"b\"\\\n\xff"}}, 1'000'000);
  page.sample("orders_total", {{"region", "us"}}, 0.25);
  page.family("up", "gauge", "1: running.");
  page.sample("up", {}, 1);
  EXPECT_EQ(page.take(),
            "# HELP orders_total Orders taken.\n"
            "# TYPE orders_total counter\n"
            "orders_total{region=\"eu\",by=\"a \\\"b\\\"\\\\\\n\uFFFD\"} 1000000\n"
            "orders_total{region=\"us\"} 0.25\n"
            "# HELP up 1: running.\n"
            "# TYPE up gauge\n"
            "up 1\n");
  EXPECT_EQ(page.take(), "");
}

TEST(prometheus, renders_operations) {
  prometheus_metrics metrics({1ms, 10ms, 2500ms});
  metrics.on_end(ended(operation_kind::put, "B", {}, 500us, 3));
  metrics.on_end(ended(operation_kind::put, "B", {}, 1ms, 4));  // a bound belongs to its bucket
  metrics.on_end(ended(operation_kind::put, "B", {}, 2s, 5));
  metrics.on_end(ended(operation_kind::put, "B", client_error::timeout, 3s, 6));
  metrics.on_end(ended(operation_kind::put, "B", client_error::connect_failed, 4ms));
  metrics.on_end(ended(operation_kind::put, "B", client_error::connect_timeout, 4ms));  // the same meaning
  metrics.on_end(ended(operation_kind::get, "B", boost::asio::error::operation_aborted, 0s, 0, 7));
  EXPECT_EQ(metrics.render(),
            R"(# HELP kvco_operations_total Operations that have ended, by outcome.
# TYPE kvco_operations_total counter
kvco_operations_total{operation="put",bucket="B",outcome="connect_failed"} 2
kvco_operations_total{operation="put",bucket="B",outcome="ok"} 3
kvco_operations_total{operation="put",bucket="B",outcome="timeout"} 1
kvco_operations_total{operation="get",bucket="B",outcome="Operation_canceled"} 1
# HELP kvco_operation_duration_seconds Time from the start of an operation to its end.
# TYPE kvco_operation_duration_seconds histogram
kvco_operation_duration_seconds_bucket{operation="put",bucket="B",le="0.001"} 2
kvco_operation_duration_seconds_bucket{operation="put",bucket="B",le="0.01"} 4
kvco_operation_duration_seconds_bucket{operation="put",bucket="B",le="2.5"} 5
kvco_operation_duration_seconds_bucket{operation="put",bucket="B",le="+Inf"} 6
kvco_operation_duration_seconds_sum{operation="put",bucket="B"} 5.0095
kvco_operation_duration_seconds_count{operation="put",bucket="B"} 6
kvco_operation_duration_seconds_bucket{operation="get",bucket="B",le="0.001"} 1
kvco_operation_duration_seconds_bucket{operation="get",bucket="B",le="0.01"} 1
kvco_operation_duration_seconds_bucket{operation="get",bucket="B",le="2.5"} 1
kvco_operation_duration_seconds_bucket{operation="get",bucket="B",le="+Inf"} 1
kvco_operation_duration_seconds_sum{operation="get",bucket="B"} 0
kvco_operation_duration_seconds_count{operation="get",bucket="B"} 1
# HELP kvco_operation_bytes_total Bytes of values, by direction.
# TYPE kvco_operation_bytes_total counter
kvco_operation_bytes_total{operation="put",bucket="B",direction="received"} 0
kvco_operation_bytes_total{operation="put",bucket="B",direction="sent"} 18
kvco_operation_bytes_total{operation="get",bucket="B",direction="received"} 7
kvco_operation_bytes_total{operation="get",bucket="B",direction="sent"} 0
)");
}

TEST(prometheus, renders_a_client) {
  client_health health;
  health.state = connection_state::connected;
  health.round_trip = 1500us;
  health.pending_requests = 2;
  health.waiting_requests = 3;
  health.unsent_bytes = 4;
  for (const char* bucket : {"B", "A", "B"}) {
    watch_health w;
    w.bucket = bucket;
    w.live = bucket[0] == 'A';
    w.queued = 5;
    w.behind = 6;
    health.watches.push_back(w);
  }
  statistics counters;
  counters.reconnects = 1;
  counters.bytes_in = 18446744073709551615u;
  counters.bytes_out = 8;
  counters.messages_in = 9;
  counters.late_replies = 10;
  counters.repeated_reads = 16;
  counters.connect_attempts = 11;
  counters.failed_attempts = 12;
  counters.authentication_failures = 13;
  counters.watches_recreated = 14;
  counters.subscriptions = 15;
  EXPECT_EQ(render_prometheus(health, counters), R"(# HELP kvco_connected 1: there is a connection.
# TYPE kvco_connected gauge
kvco_connected 1
# HELP kvco_round_trip_seconds Of the last PING; 0: unknown.
# TYPE kvco_round_trip_seconds gauge
kvco_round_trip_seconds 0.0015
# HELP kvco_pending_requests Sent and not answered.
# TYPE kvco_pending_requests gauge
kvco_pending_requests 2
# HELP kvco_waiting_requests Waiting for a connection, or for room in the write buffer.
# TYPE kvco_waiting_requests gauge
kvco_waiting_requests 3
# HELP kvco_unsent_bytes Bytes that wait for the socket.
# TYPE kvco_unsent_bytes gauge
kvco_unsent_bytes 4
# HELP kvco_subscriptions Open on the server.
# TYPE kvco_subscriptions gauge
kvco_subscriptions 15
# HELP kvco_connect_attempts_total Attempts to connect.
# TYPE kvco_connect_attempts_total counter
kvco_connect_attempts_total 11
# HELP kvco_connect_failures_total Attempts that failed.
# TYPE kvco_connect_failures_total counter
kvco_connect_failures_total 12
# HELP kvco_reconnects_total Connections after the first.
# TYPE kvco_reconnects_total counter
kvco_reconnects_total 1
# HELP kvco_authentication_failures_total Refused or revoked credentials.
# TYPE kvco_authentication_failures_total counter
kvco_authentication_failures_total 13
# HELP kvco_watches_recreated_total Watches set up again.
# TYPE kvco_watches_recreated_total counter
kvco_watches_recreated_total 14
# HELP kvco_received_bytes_total From the server.
# TYPE kvco_received_bytes_total counter
kvco_received_bytes_total 18446744073709551615
# HELP kvco_sent_bytes_total To the server.
# TYPE kvco_sent_bytes_total counter
kvco_sent_bytes_total 8
# HELP kvco_received_messages_total From the server.
# TYPE kvco_received_messages_total counter
kvco_received_messages_total 9
# HELP kvco_late_replies_total Replies that nobody waited for any more.
# TYPE kvco_late_replies_total counter
kvco_late_replies_total 10
# HELP kvco_repeated_reads_total Requests of reads that were sent again.
# TYPE kvco_repeated_reads_total counter
kvco_repeated_reads_total 16
# HELP kvco_watches Watches that are open.
# TYPE kvco_watches gauge
kvco_watches{bucket="A"} 1
kvco_watches{bucket="B"} 2
# HELP kvco_watches_live Watches that the server delivers to.
# TYPE kvco_watches_live gauge
kvco_watches_live{bucket="A"} 1
kvco_watches_live{bucket="B"} 0
# HELP kvco_watch_queued_entries Entries received and not taken.
# TYPE kvco_watch_queued_entries gauge
kvco_watch_queued_entries{bucket="A"} 5
kvco_watch_queued_entries{bucket="B"} 10
# HELP kvco_watch_behind_entries Entries that the server has still to send.
# TYPE kvco_watch_behind_entries gauge
kvco_watch_behind_entries{bucket="A"} 6
kvco_watch_behind_entries{bucket="B"} 12
)");
}

// A bucket's name is checked before it is sent, but an operation on a wrong one is counted too.
TEST(prometheus, escapes_labels) {
  prometheus_metrics metrics({1s});
  metrics.on_end(ended(operation_kind::open_bucket, "a\\b\"c\nd", {}, 0s));
  EXPECT_NE(metrics.render().find("bucket=\"a\\\\b\\\"c\\nd\""), std::string::npos) << metrics.render();
}

std::size_t lines_with(const std::string& text, std::string_view part) {
  std::istringstream lines(text);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) count += line.find(part) != std::string::npos;
  return count;
}

// Names come from strangers: a thousand that were refused are one.
// field: L8
TEST(prometheus, refused_buckets_share_a_label) {
  prometheus_metrics metrics({1s});
  const error_code refusals[] = {client_error::bucket_name_has_invalid_character,
                                 client_error::bucket_name_too_long, error_code(10059, jetstream_category()),
                                 client_error::not_a_bucket, client_error::permission_denied};
  for (int i = 0; i < 1000; ++i) {
    for (const error_code& code : refusals)
      metrics.on_end(ended(operation_kind::open_bucket, "no such " + std::to_string(i) + "\xff", code, 0s));
  }
  const std::string text = metrics.render();
  EXPECT_LT(text.size(), 4000u);
  EXPECT_NE(
      text.find(
          "kvco_operation_duration_seconds_count{operation=\"open_bucket\",bucket=\"(refused)\"} 5000\n"),
      std::string::npos)
      << text;
}

TEST(prometheus, a_bucket_that_is_known_keeps_its_label_when_it_is_refused) {
  prometheus_metrics metrics({1s});
  metrics.on_end(ended(operation_kind::put, "B", {}, 0s));
  metrics.on_end(ended(operation_kind::put, "B", client_error::permission_denied, 0s));
  metrics.on_end(ended(operation_kind::open_bucket, "B", error_code(10059, jetstream_category()), 0s));
  metrics.on_end(ended(operation_kind::open_bucket, "C", client_error::timeout, 0s));
  const std::string text = metrics.render();
  EXPECT_EQ(text.find("(refused)"), std::string::npos) << text;
  EXPECT_EQ(lines_with(text, "_count{operation=\"put\",bucket=\"B\"} 2"), 1u);
  EXPECT_EQ(lines_with(text, "_count{operation=\"open_bucket\",bucket=\"B\"} 1"), 1u);
  EXPECT_EQ(lines_with(text, "_count{operation=\"open_bucket\",bucket=\"C\"} 1"), 1u);
}

// field: L8
TEST(prometheus, the_number_of_labels_is_bounded) {
  for (const std::size_t most : {std::size_t{256}, std::size_t{3}}) {
    prometheus_metrics metrics = most == 256 ? prometheus_metrics({1s}) : prometheus_metrics({1s}, most);
    for (int i = 0; i < 1000; ++i) {
      metrics.on_end(ended(operation_kind::put, "b" + std::to_string(i), {}, 0s));
      metrics.on_end(ended(operation_kind::get, "b" + std::to_string(i), client_error::timeout, 0s));
    }
    const std::string text = metrics.render();
    EXPECT_EQ(lines_with(text, "_count{"), 2 * (most + 1));
    EXPECT_EQ(lines_with(text, "_count{operation=\"put\",bucket=\"(other)\"} " + std::to_string(1000 - most)),
              1u);
    EXPECT_EQ(lines_with(text, "_count{operation=\"get\",bucket=\"b0\"} 1"), 1u);
  }
}

// The number of an error is the server's word, too.
TEST(prometheus, unknown_errors_of_the_server_are_one_outcome) {
  prometheus_metrics metrics({1s});
  for (int code = 20000; code < 21000; ++code)
    metrics.on_end(ended(operation_kind::put, "B", error_code(code, jetstream_category()), 0s));
  EXPECT_EQ(lines_with(metrics.render(), "kvco_operations_total{"), 1u);
}

// field: L8
TEST(prometheus, labels_are_utf_8) {
  const std::pair<std::string, std::string> table[] = {
      {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x8d\x8e", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8d\x8e"},
      {"a\xff", "a\xef\xbf\xbd"},
      {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                                    // longer than need be
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                    // half of UTF-16
      {"\xf4\x90\x80\x80z", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"},  // beyond the last
      {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},                                    // cut
  };
  for (const auto& [name, shown] : table) {
    prometheus_metrics metrics({1s});
    metrics.on_end(ended(operation_kind::put, name, {}, 0s));
    metrics.on_end(ended(operation_kind::put, name, {}, 0s));
    EXPECT_EQ(lines_with(metrics.render(), "_count{operation=\"put\",bucket=\"" + shown + "\"} 2"), 1u)
        << metrics.render();
    client_health health;
    health.watches.resize(1);
    health.watches[0].bucket = name;
    EXPECT_EQ(lines_with(render_prometheus(health, {}), "kvco_watches{bucket=\"" + shown + "\"} 1"), 1u);
  }
}

// Every line is a comment or a sample, and a family's samples stand together behind its TYPE.
TEST(prometheus, has_the_form_of_the_format) {
  prometheus_metrics metrics;
  metrics.on_end(ended(operation_kind::put, "B", {}, 3ms, 3));
  metrics.on_end(ended(operation_kind::keys, "", client_error::timeout, 100s));
  std::istringstream text(metrics.render() + render_prometheus({}, {}));
  const std::regex comment(R"(# (HELP|TYPE) [a-z_]+ .+)");
  const std::regex sample(R"(([a-z_]+)(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)");
  std::string family;
  int samples = 0;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("# TYPE ")) family = line.substr(7, line.find(' ', 7) - 7);
    if (line.starts_with('#')) {
      EXPECT_TRUE(std::regex_match(line, comment)) << line;
      continue;
    }
    EXPECT_TRUE(std::regex_match(line, sample)) << line;
    EXPECT_TRUE(line.starts_with(family)) << line << " in " << family;
    ++samples;
  }
  EXPECT_GT(samples, 40);
}

TEST(prometheus, bounds_ascend) {
  EXPECT_THROW(prometheus_metrics({1s, 1s}), std::invalid_argument);
  EXPECT_THROW(prometheus_metrics({2s, 1s}), std::invalid_argument);
  EXPECT_NO_THROW(prometheus_metrics(std::vector<duration>()));
}

}  // namespace
}  // namespace kvco

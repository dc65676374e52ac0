// The fault proxy does each thing that it promises, between a raw client and a real server.
#include <kvco_test/support/faults/fault_proxy.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <kvco_test/support/server/nats_server.hpp>
#include <kvco_test/support/server/raw_client.hpp>
#include <kvco_test/support/server/reactor_thread.hpp>
#include <optional>
#include <stdexcept>
#include <string>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string what_fails(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing";
}

class fault_proxy_test : public testing::Test {
 protected:
  template <class What>
  auto on(What what) {
    return thread.call(std::move(what));
  }
  fault_proxy_test() {
    on([this] { proxy.emplace(thread.reactor().get_executor(), server.port()); });
  }
  ~fault_proxy_test() override {
    on([this] { proxy.reset(); });
  }
  void set(direction way, flow_faults faults) {
    on([&] { proxy->set(way, faults); });
  }
  std::uint16_t port() {
    return on([this] { return proxy->port(); });
  }
  std::vector<std::string> malformed() {
    return on([this] { return proxy->malformed(); });
  }
  /// A client behind the proxy, subscribed to "a.*".
  struct listener {
    listener(std::uint16_t at, std::chrono::milliseconds patience = 10s)
        : raw(at, {}, patience), sid(raw.subscribe("a.*")) {
      raw.flush();
    }
    std::string next() { return raw.next(sid).payload; }
    raw_client raw;
    std::string sid;
  };

  nats_server server{{.jetstream = false}};
  reactor_thread thread;
  std::optional<fault_proxy> proxy;
};

TEST_F(fault_proxy_test, passes_on_what_it_is_not_told_to_touch) {
  listener client(port());
  const std::string large(300'000, 'x');
  client.raw.publish("a.1", large, {}, "K: v\r\n");
  const raw_message got = client.raw.next(client.sid);
  EXPECT_EQ(got.payload, large);
  EXPECT_EQ(got.header("K"), "v");
  EXPECT_THAT(malformed(), IsEmpty());
  EXPECT_EQ(on([this] { return proxy->open(); }), 1u);
  EXPECT_GT(on([this] { return proxy->bytes(direction::to_client); }), large.size());
}

TEST_F(fault_proxy_test, tells_each_side_that_the_other_has_gone) {
  { listener client(port()); }
  const auto none_left = [this] { return on([this] { return proxy->open(); }) == 0; };
  const auto deadline = steady_clock::now() + 10s;
  while (!none_left() && steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_TRUE(none_left()) << "the server closes, and so does the proxy";
  listener client(port());
  server.kill();
  EXPECT_NE(what_fails([&] { client.next(); }), "nothing");
}

TEST_F(fault_proxy_test, cuts_with_fin_or_reset) {
  for (const cut_with how : {cut_with::fin, cut_with::reset}) {
    listener client(port());
    on([&] { proxy->cut_all(how); });
    EXPECT_THAT(what_fails([&] { client.next(); }), HasSubstr("closed the connection"));
    listener(port()).raw.flush();
  }
}

TEST_F(fault_proxy_test, refuses_and_accepts_again) {
  on([this] { proxy->refuse(true); });
  EXPECT_THAT(what_fails([this] { raw_client{port()}; }), HasSubstr("refused"));
  on([this] { proxy->refuse(false); });
  raw_client(port()).flush();
  EXPECT_EQ(on([this] { return proxy->dials(); }), 1u);
  EXPECT_EQ(on([this] { return proxy->dial_times().size(); }), 1u);
}

TEST_F(fault_proxy_test, stalls_either_direction_and_loses_nothing) {
  for (const direction way : {direction::to_client, direction::to_server}) {
    listener client(port(), 1s);
    set(way, {.stalled = true});
    client.raw.publish("a.1", "waits");
    EXPECT_THAT(what_fails([&] { client.next(); }), HasSubstr("silent"));
    set(way, {});
    EXPECT_EQ(client.next(), "waits");
  }
}

TEST_F(fault_proxy_test, a_stalled_connection_can_be_cut) {
  listener client(port());
  set(direction::to_client, {.stalled = true});
  client.raw.publish("a.1", "never comes");
  on([this] { proxy->cut_all(cut_with::reset); });
  EXPECT_THAT(what_fails([&] { client.next(); }), HasSubstr("closed the connection"));
}

TEST_F(fault_proxy_test, throttles) {
  listener client(port());
  set(direction::to_client, {.bytes_per_second = 100'000});
  const auto begin = steady_clock::now();
  client.raw.publish("a.1", std::string(50'000, 'x'));
  EXPECT_EQ(client.next().size(), 50'000u);
  EXPECT_GE(steady_clock::now() - begin, 450ms);
}

TEST_F(fault_proxy_test, splits_and_joins_without_changing_a_byte) {
  listener client(port());
  for (const flow_faults& faults : {flow_faults{.piece = 1}, flow_faults{.piece = 7},
                                    flow_faults{.gather = 20ms}, flow_faults{.piece = 3, .gather = 5ms}}) {
    on([&] { proxy->set_both(faults); });
    for (int i = 0; i < 20; ++i) client.raw.publish("a.1", std::to_string(i) + std::string(100, 'x'));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client.next(), std::to_string(i) + std::string(100, 'x'));
  }
  EXPECT_THAT(malformed(), IsEmpty());
}

TEST_F(fault_proxy_test, garbles_by_seed) {
  const auto garbled = [this](std::uint64_t seed) {
    return on([&] {
      proxy.reset();
      proxy.emplace(thread.reactor().get_executor(), server.port(), proxy_options{.seed = seed});
      return 0;
    });
  };
  std::vector<std::string> seen;
  for (const std::uint64_t seed : {7u, 7u, 8u}) {
    garbled(seed);
    listener client(port(), 1s);
    set(direction::to_server, {.garble = 1});
    client.raw.publish("a.1", std::string(3000, 'x'));  // it will hit the payload most probably
    seen.push_back(client.next());
    set(direction::to_server, {});
    EXPECT_NE(seen.back(), std::string(3000, 'x'));
    EXPECT_EQ(on([this] { return proxy->lost(); }), 1u);
  }
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_NE(seen[0], seen[2]);
}

TEST_F(fault_proxy_test, loses_repeats_and_spoils_frames_by_what_they_are) {
  listener client(port());
  on([this] {
    proxy->filter([](const server_frame& frame) {
      if (frame.subject == "a.lose") return fate::lose;
      if (frame.subject == "a.repeat") return fate::repeat;
      return frame.payload == "spoil" && frame.header.empty() ? fate::spoil : fate::pass;
    });
  });
  client.raw.publish("a.lose", "1");
  client.raw.publish("a.repeat", "2");
  client.raw.publish("a.pass", "3");
  EXPECT_THAT((std::vector{client.next(), client.next(), client.next()}), ElementsAre("2", "2", "3"));
  EXPECT_EQ(on([this] { return proxy->lost(); }), 2u);
  client.raw.publish("a.pass", "spoil");
  EXPECT_THAT(what_fails([&] { client.next(); }), HasSubstr("?SG"));
}

TEST_F(fault_proxy_test, sees_what_a_client_must_not_send) {
  listener client(port());
  client.raw.send("pub a.1 2\r\nok\r\n");  // servers let that pass
  EXPECT_EQ(client.next(), "ok");
  EXPECT_THAT(malformed(), ElementsAre(HasSubstr("unknown operation")));
}

TEST_F(fault_proxy_test, a_frame_cut_short_is_no_fault_and_each_connection_begins_anew) {
  {
    listener client(port());
    client.raw.send("PUB a.1 10\r\nhal");
  }
  listener client(port());
  client.raw.send("f\r\n");  // the rest of the other connection's frame
  client.raw.send("PING\r\n");
  EXPECT_NE(what_fails([&] { client.raw.flush(); }), "nothing");
  EXPECT_EQ(malformed().size(), 1u);
}

TEST(server_frames, are_told_apart_however_they_arrive) {
  const std::string bytes =
      "INFO {}\r\nPING\r\nMSG a 1 3\r\nabc\r\nHMSG a 1 r 12 15\r\nNATS/1.0\r\n\r\nabc\r\n-ERR "
      "'x'\r\n+OK\r\nPONG\r\n";
  using verb = server_frame::verb;
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    server_frame_parser parser;
    std::string together;
    std::vector<verb> verbs;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      for (const server_frame& frame : parser.feed(std::string_view(bytes).substr(at, piece))) {
        together += frame.bytes;
        verbs.push_back(frame.what);
        EXPECT_EQ(frame.payload, frame.what == verb::msg ? "abc" : "");
        EXPECT_EQ(frame.reply, frame.header.empty() ? "" : "r");
      }
    }
    EXPECT_EQ(together, bytes);
    EXPECT_THAT(verbs,
                ElementsAre(verb::info, verb::ping, verb::msg, verb::msg, verb::err, verb::ok, verb::pong));
  }
  server_frame_parser parser;
  EXPECT_EQ(parser.feed("PONG\r\nMSG a 1 x\r\nabc\r\n").size(), 1u);
  EXPECT_TRUE(parser.broken());
  EXPECT_THAT(std::string(parser.unread()), HasSubstr("MSG a"));
}

}  // namespace
}  // namespace kvco::test

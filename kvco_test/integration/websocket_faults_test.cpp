// WebSocket frames split, joined, broken, closed, and upgrades that fail: by a relay that makes the frames of a real server's
// words by hand.
#include <gmock/gmock.h>
#include <kvco_test/integration/websocket_cases.hpp>
#include <kvco_test/support/server/connecting.hpp>

#include <memory>

#include <sys/resource.h>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class websocket_faults_test : public testing::Test {
 protected:
  /// With a relay on the test's reactor, which must find no fault with the client.
  void through_relay(const std::function<asio::awaitable<void>(websocket_relay&)>& what) {
    const auto whole = [&]() -> asio::awaitable<void> {
      websocket_relay relay(co_await asio::this_coro::executor, server.port());
      co_await what(relay);
      EXPECT_THAT(relay.malformed(), IsEmpty());
    };
    run(whole, 100s);
  }
  // A value in messages of one byte takes seconds on a busy machine.
  static config by(std::uint16_t port) {
    return config("ws://127.0.0.1:" + std::to_string(port))
        .reconnect([](auto& reconnect) { reconnect.initial_delay(2ms).max_delay(10ms); })
        .timeout(60s);
  }
  static config by(const websocket_relay& relay) { return by(relay.port()); }

  nats_server server;
};

// --- frames as they may be ------------------------------------------------------------------------------------------

asio::awaitable<void> use(config settings) {
  client nats = co_await connect(settings);
  bucket b = co_await nats.ensure_bucket(bucket_config("B").history(10));
  watcher updates = b.watch_all();
  EXPECT_EQ(co_await initial_of(updates), "");
  std::size_t bytes = 0;
  revision last = 0;
  for (const std::size_t size : {0, 1, 125, 126, 4096, 65536, 300'000}) {
    const std::string value = noise(size);
    EXPECT_EQ(co_await b.put("k", value), ++last);
    const std::optional<entry> got = co_await b.get("k");
    EXPECT_TRUE(got && got->value() == value && got->revision() == last) << size;
    const std::optional<entry> seen = co_await updates.next();
    EXPECT_TRUE(seen && seen->value() == value && seen->revision() == last) << size;
    bytes += size;
  }
  watcher all = b.watch_all({.include_history = true, .initial_only = true});
  while (const std::optional<entry> e = co_await all.next()) bytes -= e->value().size();
  EXPECT_EQ(bytes, 0U) << "the history in one go";
  EXPECT_EQ(nats.statistics().reconnects, 0U);
  co_await nats.close();
}

class reframed_test : public websocket_faults_test, public testing::WithParamInterface<framing> {};

// fault: 84
TEST_P(reframed_test, nothing_is_different) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    relay.frame_with(GetParam().make);
    co_await use(by(relay));
    EXPECT_GT(relay.messages(), 10U);
  });
}
INSTANTIATE_TEST_SUITE_P(as, reframed_test, testing::ValuesIn(framings()),
                         [](const auto& instance) { return std::string(instance.param.name); });

// fault: 84
TEST_F(websocket_faults_test, segments_of_tcp_may_cut_every_header) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    relay.frame_with([] { return messages_of(in_turn({1, 126, 127, 65536})); });
    fault_proxy line(co_await asio::this_coro::executor, relay.port(), {.reads_frames = false});
    line.set_both({.piece = 3});
    client nats = co_await connect(by(line.port()));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    const std::string value = noise(70'000);
    co_await b.put("k", value);
    EXPECT_EQ(co_await value_of(b, "k"), value);
    EXPECT_EQ(nats.statistics().reconnects, 0U);
  });
}

TEST_F(websocket_faults_test, many_replies_may_be_one_frame) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    client nats = co_await connect(by(relay));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    co_await b.put("k", "v");
    relay.hold(true);
    std::vector<heard<std::optional<entry>>> got(500);
    for (const auto& one : got) b.get("k", one);
    const auto all_answered = [&] {
      const std::string words = relay.held();
      std::size_t replies = 0;
      for (std::size_t at = 0; (at = words.find("HMSG ", at)) != std::string::npos; ++at) ++replies;
      return replies == got.size() && words.ends_with("\r\nv\r\n");
    };
    co_await until(all_answered);
    relay.hold(false);
    const auto done = [&] { return got.back().done(); };
    co_await until(done);
    for (const auto& one : got) EXPECT_TRUE(one.done() && show(one.value()) == "k@1=v");
  });
}

// fault: 84
TEST_F(websocket_faults_test, the_first_frames_may_be_joined_to_the_answer) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    for (const std::size_t size : {0, 500, 1000, 1400, 2000, 4000, 7000}) {
      SCOPED_TRACE(size);
      const std::string fields = "X-Fields: " + std::string(size, 'x') + "\r\n";
      relay.answer_next({.bytes = then_says(websocket_frame(opcode::ping, std::to_string(size)), fields),
                         .serves = true,
                         .joined = true});
      const auto [code, nats] = co_await connect(by(relay), nothrow);
      EXPECT_FALSE(code) << code << error_detail();
      const auto answered = [&] {
        return !relay.pongs().empty() && relay.pongs().back() == std::to_string(size);
      };
      co_await until(answered);
    }
  });
}

// --- the client's side ----------------------------------------------------------------------------------------------

// (That its frames are masked, each in another way, binary and well formed, the relay watches in every test.)
TEST_F(websocket_faults_test, a_ping_is_answered_with_what_it_carries) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    client nats = co_await connect(by(relay));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    heard<revision> put;
    b.put("k", noise(900'000), put);
    const std::string longest = noise(125);
    for (const std::string& payload : {std::string(), std::string("x"), longest})
      relay.say(websocket_frame(opcode::ping, payload));
    const auto answered = [&] { return relay.pongs().size() == 3 && put.done(); };
    co_await until(answered);
    EXPECT_THAT(relay.pongs(), ElementsAre("", "x", longest));
    EXPECT_FALSE(put.code()) << "written around them";
    EXPECT_EQ(nats.statistics().reconnects, 0U);
  });
}

TEST_F(websocket_faults_test, the_upgrade_is_asked_for_as_it_should_be) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    const config plain = config(relay.url() + "/a/path").websocket([](auto& websocket) {
      websocket.header("X-Tenant", "shop");
    });
    for (int i = 0; i < 2; ++i) co_await connect(plain);
    relay.answer_next({.bytes = says("HTTP/1.1 404 Not Found\r\n\r\n"), .then = cut_with::fin});
    co_await refused(by(relay).websocket([](auto& websocket) { websocket.compression(true); }));
    const std::vector<std::string>& asked = relay.requests();
    EXPECT_TRUE(asked.at(0).starts_with("GET /a/path HTTP/1.1\r\n")) << asked[0];
    EXPECT_TRUE(asked.at(2).starts_with("GET / HTTP/1.1\r\n")) << asked[2];
    const std::string host = "Host: 127.0.0.1:" + std::to_string(relay.port());
    for (const char* line : {host.c_str(), "Upgrade: websocket", "Connection: upgrade",
                             "Sec-WebSocket-Version: 13", "X-Tenant: shop"}) {
      EXPECT_THAT(asked[0], HasSubstr("\r\n" + std::string(line) + "\r\n"));
    }
    EXPECT_THAT(asked[0], testing::ContainsRegex("\r\nSec-WebSocket-Key: [A-Za-z0-9+/]{22}==\r\n"));
    EXPECT_NE(asked[0], asked[1]) << "a key for each";
    EXPECT_THAT(asked[0], Not(HasSubstr("Sec-WebSocket-Extensions")));
    EXPECT_THAT(asked[2], HasSubstr("Sec-WebSocket-Extensions: permessage-deflate"));
  });
}

// --- upgrades that fail ---------------------------------------------------------------------------------------------

// Which server it was, what was wrong, and in time.
// fault: 84
TEST_F(websocket_faults_test, an_upgrade_that_fails_is_told) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    const auto expect_failure = [&](bad_answer row, config settings,
                                    duration longest) -> asio::awaitable<void> {
      SCOPED_TRACE(row.name);
      relay.answer_next({.bytes = row.bytes, .then = row.then});
      const refusal how = co_await refused(
          settings.websocket([&](auto& websocket) { websocket.compression(row.compression); }));
      EXPECT_EQ(how.code, row.meaning) << how.code << " " << how.what;
      EXPECT_THAT(how.what, AllOf(HasSubstr(std::to_string(relay.port())), HasSubstr(row.words)));
      EXPECT_THAT(how.what, Not(HasSubstr("End of file")));
      EXPECT_LT(how.took, longest);
    };
    for (const bad_answer& row : bad_answers())
      co_await expect_failure(row, by(relay).connect_timeout(20s), 10s);
    for (const bad_answer& row : silent_answers())
      co_await expect_failure(row, by(relay).connect_timeout(1s), 5s);
    const client nats = co_await connect(by(relay));
    EXPECT_TRUE(nats.is_connected());
  });
}

// A client that was connected tries on, and its watch has missed nothing.
// fault: 84
TEST_F(websocket_faults_test, an_upgrade_that_fails_is_tried_again) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    raw_client raw(server.port());
    client nats = co_await connect(by(relay));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "");
    std::uint64_t times = 0;
    for (const bad_answer& row : bad_answers()) {
      SCOPED_TRACE(row.name);
      relay.answer_next({.bytes = row.bytes, .then = row.then});
      relay.spoil("", cut_with::reset);
      raw.request("$KV.B.k", row.name);
      EXPECT_EQ(co_await next_of(updates), "k@" + std::to_string(++times) + "=" + row.name);
      EXPECT_EQ(nats.statistics().reconnects, times);
      EXPECT_EQ(nats.statistics().failed_attempts, times);
    }
  });
}

class cut_upgrade_test : public websocket_faults_test, public testing::WithParamInterface<cut_with> {};

// Until so many bytes pass that the client connects: then the upgrade, INFO, CONNECT and PONG are behind it.
// fault: 84
TEST_P(cut_upgrade_test, after_each_byte) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    fault_proxy line(co_await asio::this_coro::executor, relay.port(), {.reads_frames = false});
    for (const direction way : {direction::to_client, direction::to_server}) {
      for (std::size_t bytes = 0;; ++bytes) {
        SCOPED_TRACE(bytes);
        line.set(way, {.cut_after = bytes, .cut = GetParam()});
        const auto begin = steady_clock::now();
        auto [code, nats] = co_await connect(by(line.port()).connect_timeout(20s), nothrow);
        EXPECT_LT(steady_clock::now() - begin, 10s);
        if (!code) {
          EXPECT_GT(bytes, 200U) << "without a handshake";
          break;
        }
        const std::string words = error_detail();
        EXPECT_EQ(code, errc::connect_failed) << code;
        EXPECT_THAT(words, AllOf(HasSubstr(std::to_string(line.port())), Not(EndsWith("End of file"))));
        EXPECT_LT(bytes, 2000U) << "it never connects";
        if (HasFailure()) break;
      }
      line.set(way, {});
    }
  });
}
INSTANTIATE_TEST_SUITE_P(with, cut_upgrade_test, testing::Values(cut_with::fin, cut_with::reset));

// --- sessions that are spoilt ---------------------------------------------------------------------------------------

long peak_memory() {  // in KiB
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// The connection is made anew; the watch goes on behind its last entry; a write that was not answered is unknown, or asked for
// again where it may be, and a read is asked again.
// fault: 84
TEST_F(websocket_faults_test, a_session_that_is_spoilt_comes_back) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    raw_client raw(server.port());
    std::vector<client_event> lost;
    client nats = co_await connect(by(relay).observe([&](auto& observe) {
      observe.on_event([&](const client_event& event) {
        if (event.kind == event_kind::disconnected) lost.push_back(event);
      });
    }));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "");
    const long memory = peak_memory();
    revision last = 0;
    for (const session_fault& fault : session_faults()) {
      SCOPED_TRACE(fault.name);
      const auto reconnects = nats.statistics().reconnects;
      const std::size_t closes = relay.closes().size(), losses = lost.size();
      relay.hold(true);
      heard<revision> put, stubborn;
      heard<std::optional<entry>> got;
      b.put("k", fault.name, put);
      b.put("again", "v", {.retry = retry::idempotent}, stubborn);
      b.get("k", got);
      const auto stored = [&] { return stream_field(raw, "B", "last_seq") == std::to_string(last + 2); };
      co_await until(stored);
      relay.spoil(fault.bytes, fault.then);
      const auto told = [&] { return lost.size() > losses; };
      co_await until(told);
      relay.hold(false);
      const auto over = [&] {
        return put.done() && stubborn.done() && got.done() &&
               (fault.answer == 0 || relay.closes().size() > closes);
      };
      co_await until(over);
      EXPECT_EQ(put.code(), errc::outcome_unknown) << put.code();
      EXPECT_TRUE(!stubborn.code() && stubborn.value() == last + 2) << stubborn.code();
      EXPECT_TRUE(!got.code() && show(got.value()).ends_with("=" + fault.name)) << got.code();
      EXPECT_EQ(co_await next_of(updates), "k@" + std::to_string(last + 1) + "=" + fault.name);
      EXPECT_EQ(co_await next_of(updates), "again@" + std::to_string(last + 2) + "=v");
      last += 2;
      EXPECT_EQ(nats.statistics().reconnects, reconnects + 1);
      EXPECT_THAT(lost.back().detail, HasSubstr(fault.words));
      if (fault.answer != 0) {
        EXPECT_EQ(websocket_frame(opcode::close, relay.closes().back()), websocket_close(fault.answer));
      }
      if (HasFailure()) break;
    }
    EXPECT_LT(peak_memory() - memory, 512 * 1024) << "a length is no reason to allocate";
  });
}

const std::string last_words[] = {websocket_close(1001), websocket_frame(opcode::text, "\xff")};

// One that never ends the connection, or does not read either, is left by the pings at the latest.
// fault: 84
TEST_F(websocket_faults_test, a_peer_that_does_not_end_is_left) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    relay.end_when_asked(false);
    fault_proxy line(co_await asio::this_coro::executor, relay.port(), {.reads_frames = false});
    client nats =
        co_await connect(by(line.port()).ping_interval(1s).max_pings_outstanding(1).write_buffer(64u << 20));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    const std::string large(900'000, 'x');
    for (const std::string& bytes : last_words) {
      auto before = nats.statistics().reconnects;
      const auto back = [&] { return nats.statistics().reconnects > before; };
      relay.spoil(bytes);
      co_await until(back);
      std::vector<heard<revision>> puts(30);  // more than the sockets take
      line.set(direction::to_server, {.stalled = true});
      for (const auto& put : puts) b.put("k", large, put);
      const auto full = [&] { return nats.health().unsent_bytes > large.size(); };
      co_await until(full);
      before = nats.statistics().reconnects;
      relay.spoil(bytes);
      const auto left = [&] { return !nats.is_connected(); };
      co_await until(left);
      line.set(direction::to_server, {});
      co_await until(back);
      for (const auto& put : puts) EXPECT_TRUE(put.done() && put.code() == errc::outcome_unknown);
      co_await b.put("k", "v");
    }
  });
}

// What is known to be the end is not waited for any longer: pings would tell of it in 30 to 90 s.
// fault: 84
TEST_F(websocket_faults_test, a_peer_that_does_not_end_holds_up_nothing) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    relay.end_when_asked(false);
    client nats = co_await connect(by(relay));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    for (const std::string& bytes : last_words) {
      const auto before = nats.statistics().reconnects;
      relay.spoil(bytes);
      const auto [code, none] = co_await b.get("k", {.timeout = 3s}, nothrow);
      EXPECT_FALSE(code) << code;
      EXPECT_EQ(nats.statistics().reconnects, before + 1);
    }
  });
}

// What its pings ask for is kept only so far.
TEST_F(websocket_faults_test, a_peer_that_pings_and_never_reads_is_left) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    fault_proxy line(co_await asio::this_coro::executor, relay.port(), {.reads_frames = false});
    bool lost = false;
    client nats = co_await connect(by(line.port()).observe([&](auto& observe) {
      observe.on_event(
          [&](const client_event& event) { lost = lost || event.kind == event_kind::disconnected; });
    }));
    line.set(direction::to_server, {.stalled = true});
    std::string pings;
    for (int i = 0; i < 400'000; ++i) pings += websocket_frame(opcode::ping, std::string(120, 'p'));
    relay.say(pings);
    const auto is_lost = [&] { return lost; };
    co_await until(is_lost);
    line.set(direction::to_server, {});
  });
}

TEST_F(websocket_faults_test, the_client_ends_with_a_close_frame) {
  through_relay([&](websocket_relay& relay) -> asio::awaitable<void> {
    client nats = co_await connect(by(relay));
    co_await nats.close();
    EXPECT_THAT(relay.closes(), ElementsAre(std::string("\x03\xe8")));
  });
}

// A server of 2026 takes no message that is larger than max_payload without its compression.
// fault: 84
TEST(websocket_compression_test, many_writes_at_once) {
  const reserved_port port;
  const std::string listens =
      "websocket { port: " + std::to_string(port.number()) + ", no_tls: true, compression: true }\n";
  const nats_server server({.extra_config = listens});
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(
        config("ws://127.0.0.1:" + std::to_string(port.number())).websocket([](auto& websocket) {
          websocket.compression(true);
        }));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    const std::string large(100'000, 'x'), largest(nats.server_info().max_payload, 'x');
    const auto [code, rev] = co_await b.put("k", largest, nothrow);
    EXPECT_FALSE(code) << code;
    const std::vector<put_item> items(20, put_item{"k", large});
    for (const put_outcome& one : co_await b.put_many(items)) EXPECT_TRUE(one.ok()) << one.code();
    EXPECT_EQ(nats.statistics().reconnects, 0U);
  });
}

}  // namespace
}  // namespace kvco::test

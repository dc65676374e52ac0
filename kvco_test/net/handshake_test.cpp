// From dialling to the first PONG: one deadline for all of it, and an error that says what was wrong.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/error.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

struct attempt {
  outcome result;
  duration took{};
};

attempt connect(lab& in) {
  attempt made;
  const core::time_point begin = in.world().now();
  detail::initiate(in.prepare_connect(), note{&made.result});
  EXPECT_TRUE(in.run_until([&] { return made.result.calls > 0; })) << "connect() hangs";
  made.took = in.world().now() - begin;
  in.forget_session();
  in.run_until([] { return false; });
  EXPECT_TRUE(in.reactor().stopped()) << "something is left on the reactor";
  return made;
}

// What a peer says in place of a server.
attempt connect_to(const std::string& says, bool then_closes = false) {
  lab in;
  in.server().says_info = false;
  in.world().on_dial = [&in, says, then_closes](const dial&) {
    // It speaks as soon as it was accepted.
    asio::post(in.executor(), [&in, says, then_closes] {
      asio::post(in.executor(), [&in, says, then_closes] {
        server_connection* peer = in.server().newest();
        if (peer == nullptr) return;
        in.server().say(*peer, says);
        if (then_closes) in.server().close(*peer);
      });
    });
    return answer::accept;
  };
  return connect(in);
}

// fault: 3, 4
TEST(handshake, each_phase_has_the_same_deadline) {
  const std::function<void(lab&)> silences[] = {
      [](lab& in) { in.world().on_dial = [](const dial&) { return answer::silence; }; },
      [](lab& in) { in.server().says_info = false; },
      [](lab& in) { in.server().says_pong = false; },
  };
  for (const auto& silence : silences) {
    lab in(config("nats://a:4222").connect_timeout(3s));
    silence(in);
    const attempt made = connect(in);
    EXPECT_TRUE(failed_with(made.result, errc::connect_failed));
    EXPECT_EQ(made.took, 3s);
  }
}

// Documented: TCP connect, INFO, CONNECT and PONG together.
// fault: 4
TEST(handshake, the_deadline_covers_all_phases_together) {
  lab in(config("nats://a:4222").connect_timeout(3s));
  in.server().says_info = false;
  in.world().on_dial = [&in](const dial&) {
    // The clock goes on while the connection is being made.
    asio::post(in.executor(), [&in] { in.world().set_clock(in.world().now() + 2s); });
    return answer::accept;
  };
  const attempt made = connect(in);
  EXPECT_TRUE(failed_with(made.result, errc::connect_failed));
  EXPECT_EQ(made.took, 3s);
}

// fault: 5, 25, 26, 34, 43
TEST(handshake, says_what_was_wrong) {
  const std::string good = R"({"server_id":"S","version":"2.10.0","headers":true,"max_payload":1000})";
  struct row {
    std::string says;
    errc expected;
    bool closes = false;
  };
  const row rows[] = {
      {"", errc::connect_failed, true},
      {"INFO {", errc::connect_failed, true},
      {"INFO " + good + "\r\n", errc::connect_failed, true},
      {"HTTP/1.1 400 Bad Request\r\n\r\n", errc::protocol_error},
      {std::string("\x15\x03\x01\x00\x02\x02\x46\r\n", 9), errc::protocol_error},
      {std::string(200'000, 'x'), errc::protocol_error},
      {"INFO " + std::string(2'000'000, 'x'), errc::protocol_error},
      {"PING\r\n", errc::protocol_error},
      {"+OK\r\n", errc::protocol_error},
      {"MSG a 1 0\r\n\r\n", errc::protocol_error},
      {"INFO no json\r\n", errc::protocol_error},
      {"INFO []\r\n", errc::protocol_error},
      {R"(INFO {"headers":"yes"})"
       "\r\n",
       errc::protocol_error},
      {R"(INFO {"headers":true,"tls_required":true})"
       "\r\n",
       errc::tls_failed},
      {R"(INFO {"version":"2.1.0","max_payload":1000})"
       "\r\n",
       errc::unsupported_by_server},
      {"INFO " + good + "\r\n-ERR 'Authorization Violation'\r\n", errc::authentication_failed},
      {"INFO " + good + "\r\n-ERR 'Authentication Timeout'\r\n", errc::connect_failed},
      {"INFO " + good + "\r\n-ERR 'maximum connections exceeded'\r\n", errc::connect_failed},
      {"-ERR 'maximum connections exceeded'\r\n", errc::connect_failed},
      {"INFO " + good + "\r\nFOO\r\n", errc::protocol_error},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.says.substr(0, 100));
    const attempt made = connect_to(r.says, r.closes);
    EXPECT_TRUE(failed_with(made.result, r.expected));
    EXPECT_EQ(made.took, 0s);
    EXPECT_FALSE(made.result.detail.empty());
  }
}

// fault: 2, 3
TEST(handshake, each_server_is_tried_once) {
  lab in(config("nats://a:1,b:2,c:3").connect_timeout(2s).shuffle_servers(false));
  in.world().on_dial = [](const dial& to) {
    return to.host == "a" ? answer::refuse : to.host == "b" ? answer::silence : answer::accept;
  };
  outcome result;
  const core::time_point begin = in.world().now();
  detail::initiate(in.prepare_connect(), [&](error_code code, client made) {
    note{&result}(code);
    in.nats = std::move(made);
  });
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_TRUE(succeeded(result));
  EXPECT_EQ(in.world().now() - begin, 2s);
  EXPECT_EQ(in.world().dials.size(), 3u);
  EXPECT_EQ(in.world().dials.back().port, 3);
}

// fault: 1
TEST(handshake, fails_when_no_server_can_be_reached) {
  lab in(config("nats://a:1,b:2,c:3"));
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  const attempt made = connect(in);
  EXPECT_TRUE(failed_with(made.result, errc::connect_failed));
  EXPECT_EQ(in.world().dials.size(), 3u);
  EXPECT_EQ(made.took, 0s) << "the first round does not wait";
}

// fault: 9
TEST(handshake, may_be_cut_at_each_byte) {
  for (std::size_t at = 1; at < 120; ++at) {
    lab in;
    in.world().planned_cut =
        cut{at % 2 == 0 ? direction::to_client : direction::to_server, at, asio::error::eof};
    const attempt made = connect(in);
    if (!made.result.code) break;  // behind the handshake
    EXPECT_TRUE(failed_with(made.result, errc::connect_failed)) << at;
  }
}

}  // namespace
}  // namespace kvco::test

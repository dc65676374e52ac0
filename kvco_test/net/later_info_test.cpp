// A server changes its mind in the middle of a session: headers, max_payload, connect_urls.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <set>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

const std::string without_headers = R"("headers":false,"jetstream":true,"version":"2.10.27")";

class later_info : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(in.connect_and_open()); }
  void say_info(const std::string& fields) {
    in.server().say(*in.server().newest(), "INFO {" + fields + "}\r\n");
    in.run();
  }
  void say_limit(const std::string& max_payload) {
    say_info(R"("headers":true,"jetstream":true,"version":"2.10.27","max_payload":)" + max_payload);
  }
  /// From now on the server does as one whose headers were taken away: it closes the connection that sends one.
  void take_headers_away() {
    in.server().says_info = false;
    in.server().script = [this](server_connection& conn, const client_frame& frame) {
      if (frame.header.empty()) return false;
      in.server().close(conn);
      return true;
    };
    in.world().on_dial = [this](const dial&) {
      asio::post(in.executor(), [this] { asio::post(in.executor(), [this] { say_info(without_headers); }); });
      return answer::accept;
    };
  }
  lab in;
};

// The later INFO itself changes nothing: a server that really means it refuses the next header, and then its first INFO tells.
// fault: 27
TEST_F(later_info, without_headers_ends_the_connection_when_one_is_sent) {
  say_info(without_headers);
  EXPECT_TRUE(in.nats.is_connected());
  EXPECT_FALSE(in.nats.server_info().headers);
  take_headers_away();
  outcome put, create, get;
  in.kv.put("k", "v", note{&put});
  in.run();
  EXPECT_TRUE(succeeded(put)) << "it has no header";
  in.kv.create("new", "v", note{&create});
  in.run();
  EXPECT_TRUE(failed_with(create, errc::outcome_unknown));
  in.kv.get("k", note{&get});
  in.pass(9s);
  EXPECT_EQ(get.calls, 0) << "it waits for a server that has headers";
  EXPECT_GT(in.world().dials.size(), 2u);
  EXPECT_FALSE(in.nats.is_connected());
  EXPECT_EQ(in.nats.health().last_error, client_error::unsupported_by_server);
  in.pass(1s);
  EXPECT_TRUE(failed_with(get, errc::timeout));
  in.expect_working();
}

// fault: 27
TEST_F(later_info, moves_the_limit_both_ways) {
  struct {
    std::string max_payload;
    std::size_t size;
    bool fits;
  } const table[] = {
      {"10", 10, true},
      {"10", 11, false},
      {"2097152", 2'097'152, true},  // more than the first INFO said
      {"2097152", 2'097'153, false},
      {"1", 2, false},
      {"0", 1'048'576, true},  // says nothing: the default
      {"0", 1'048'577, false},
      {"null", 1'048'577, false},
      {"18446744073709551615", 3'000'000, true},
  };
  in.server().newest()->parser.set_max_payload(4u << 20);
  in.server().put("B", "large", std::string(5'000'000, 'x'));
  for (const auto& [max_payload, size, fits] : table) {
    SCOPED_TRACE(max_payload + ", " + std::to_string(size));
    say_limit(max_payload);
    outcome put, get;
    in.kv.put("k", std::string(size, 'x'), note{&put});
    in.kv.get("large", note{&get});  // what servers send is not bound to it
    in.run();
    EXPECT_TRUE(fits ? succeeded(put) : failed_with(put, errc::value_too_large));
    EXPECT_TRUE(succeeded(get));
  }
  EXPECT_EQ(in.world().dials.size(), 1u);
  say_limit("1048576");
  in.expect_working();
}

// It is the server's word, and what follows from it is memory of ours.
// field: L4
TEST(later_info_beyond_the_setting, counts_up_to_it) {
  lab in(config("nats://a:4222").max_payload(2u << 20));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().newest()->parser.set_max_payload(8u << 20);
  in.server().say(*in.server().newest(),
                  R"(INFO {"headers":true,"version":"2.10.27","max_payload":9223372036854775808})"
                  "\r\n");
  in.run();
  EXPECT_EQ(in.nats.server_info().max_payload, 2u << 20);
  outcome fits, large;
  in.kv.put("k", std::string(2u << 20, 'x'), note{&fits});
  in.kv.put("k", std::string((2u << 20) + 1, 'x'), note{&large});
  in.run();
  EXPECT_TRUE(succeeded(fits));
  EXPECT_TRUE(failed_with(large, errc::value_too_large));
  in.server().say(*in.server().newest(), "MSG x 1 4194305\r\n");
  ASSERT_TRUE(in.run_until([&] { return in.nats.statistics().reconnects == 1; }));
  EXPECT_EQ(in.nats.health().last_error, client_error::payload_too_large);
  in.expect_working();
}

// What waits in line when the limit shrinks was small enough when it was asked for.
// fault: 27
TEST(later_info_in_line, refuses_what_has_become_too_large) {
  lab in(config("nats://a:4222").write_buffer(1000));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().server_reads = false;
  outcome first, large, small;
  in.kv.put("first", std::string(5000, 'x'), note{&first});
  in.run();
  in.kv.put("second", std::string(5000, 'x'), note{&large});
  in.kv.put("third", "x", note{&small});
  in.run();
  in.server().say(*in.server().newest(), R"(INFO {"headers":true,"version":"2.10.27","max_payload":1000})"
                                         "\r\n");
  in.run();
  EXPECT_EQ(first.calls + large.calls + small.calls, 0);
  in.world().server_reads = true;
  in.world().wake_all();
  in.run();
  EXPECT_TRUE(succeeded(first)) << "it was on its way";
  EXPECT_TRUE(failed_with(large, errc::value_too_large));
  EXPECT_TRUE(succeeded(small));
  in.expect_working();
}

// The servers that it names take the place of those that it named before.
// fault: 27
TEST_F(later_info, names_the_servers_to_come_back_to) {
  for (const char* urls : {R"("10.0.0.2:1","10.0.0.3:2")", R"("10.0.0.3:2","10.0.0.4:3","no address")", ""}) {
    say_info(R"("headers":true,"version":"2.10.27","connect_urls":[)" + std::string(urls) + "]");
  }
  in.world().on_dial = [](const dial& to) { return to.host == "a" ? answer::accept : answer::refuse; };
  std::set<std::string> dialled;
  for (int i = 0; i < 3; ++i) {
    in.world().dials.clear();
    in.world().end_connection(asio::error::eof);
    ASSERT_TRUE(in.run_until([&] { return !in.nats.is_connected(); }));
    ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
    for (const dial& each : in.world().dials) dialled.insert(each.host + ':' + std::to_string(each.port));
  }
  EXPECT_EQ(dialled, (std::set<std::string>{"10.0.0.3:2", "10.0.0.4:3", "a:4222"}));
  in.expect_working();
}

}  // namespace
}  // namespace kvco::test

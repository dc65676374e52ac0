// Servers that a cluster announces: how many are kept, how long they are tried, and none of them where that is not wanted.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/error.hpp>
#include <set>

namespace kvco::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

void announce(lab& in, const std::string& urls) {
  in.server().say(
      *in.server().newest(),
      R"(INFO {"headers":true,"jetstream":true,"version":"2.10.27","connect_urls":[)" + urls + "]}\r\n");
  in.run();
}

void lose(lab& in) {
  in.world().dials.clear();
  in.world().end_connection(asio::error::eof);
  ASSERT_TRUE(in.run_until([&] { return !in.nats.is_connected(); }));
}

std::set<std::string> dialled(lab& in) {
  std::set<std::string> hosts;
  for (const dial& each : in.world().dials) hosts.insert(each.host);
  return hosts;
}

/// Only "a" is there.
void only_a(lab& in, answer others) {
  in.world().on_dial = [others](const dial& to) { return to.host == "a" ? answer::accept : others; };
}

// Addresses of another network: packets to them vanish.
// fault: 3
// field: L7
TEST(discovered_servers, that_swallow_packets_share_the_time_of_an_attempt) {
  for (const int count : {3, 12}) {
    lab in(config("nats://a:4222").connect_timeout(5s));
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    std::string urls;
    for (int i = 1; i <= count; ++i)
      urls += (i > 1 ? "," : "") + ("\"10.0.0." + std::to_string(i) + ":4222\"");
    announce(in, urls);
    only_a(in, answer::silence);
    lose(in);
    const core::time_point begin = in.world().now();
    ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
    EXPECT_LE(in.world().now() - begin, 5100ms) << "with a pause of up to 50 ms";
    EXPECT_EQ(in.world().dials.size(), static_cast<std::size_t>(count) + 1) << "each was tried";
    in.expect_working();
  }
}

TEST(discovered_servers, have_more_time_after_a_round_in_vain) {
  lab in(config("nats://a:4222").connect_timeout(4s).reconnect([](auto& reconnect) {
    reconnect.initial_delay(1ms).max_delay(1ms);
  }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  announce(in, R"("x:1","y:1","z:1","w:1")");
  in.world().on_dial = [](const dial& to) { return to.host == "a" ? answer::refuse : answer::silence; };
  lose(in);
  in.pass(60s);
  std::vector<duration> longest;  // of each round, which begins or ends with a
  for (std::size_t i = 0; i + 1 < in.world().dials.size(); ++i) {
    if (in.world().dials[i].host == "a" || longest.empty()) longest.push_back({});
    longest.back() = std::max(longest.back(), in.world().dials[i + 1].at - in.world().dials[i].at);
  }
  ASSERT_GE(longest.size(), 4u);
  EXPECT_NEAR(std::chrono::duration<double>(longest[0]).count(), 1, 0.1);
  EXPECT_NEAR(std::chrono::duration<double>(longest.back()).count(), 4, 0.1);
  in.world().on_dial = nullptr;
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  in.expect_working();
}

// A server that was given has its time for itself: there are as many as somebody has written down.
TEST(discovered_servers, take_no_time_from_those_that_were_given) {
  lab in(config("nats://a:1,b:2").connect_timeout(5s).shuffle_servers(false));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  announce(in, R"("x:1","y:1")");
  only_a(in, answer::silence);
  lose(in);
  const core::time_point begin = in.world().now();
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  EXPECT_GE(in.world().now() - begin, 10s);
  EXPECT_LE(in.world().now() - begin, 10100ms);
  in.expect_working();
}

// field: L7
TEST(discovered_servers, are_ignored_where_that_is_set) {
  lab in(config("nats://a:4222").ignore_discovered_servers(true));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  announce(in, R"("x:1","y:1")");
  for (int i = 0; i < 3; ++i) {
    lose(in);
    ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
    EXPECT_EQ(dialled(in), (std::set<std::string>{"a"}));
  }
  in.expect_working();
}

// fault: 26
// field: L4
TEST(discovered_servers, are_kept_up_to_a_limit) {
  for (const std::size_t limit : {std::size_t{256}, std::size_t{3}}) {
    lab in(limit == 256 ? config("nats://a:4222") : config("nats://a:4222").max_discovered_servers(limit));
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    std::string urls = R"("x:1")";
    for (int i = 0; i < 3400; ++i) urls += ",\"h" + std::to_string(i) + ":1\"";
    for (int i = 0; i < 3; ++i) announce(in, urls);
    in.world().on_dial = [](const dial&) { return answer::refuse; };
    lose(in);
    in.pass(60s);
    EXPECT_EQ(dialled(in).size(), limit + 1);
    in.expect_working();
  }
}

// --- what Asio throws ---------------------------------------------------------------------------------------------------

// No thread for its resolver, no context of OpenSSL's: it does not complete with such an error, it throws.
// field: L3
TEST(an_attempt_that_throws, has_failed) {
  const error_code no_thread(boost::system::errc::resource_unavailable_try_again,
                             boost::system::generic_category());
  lab in(config("nats://a:4222").reconnect([](auto& reconnect) { reconnect.retry_first_connect(true); }));
  int left = 3;
  in.world().on_dial = [&](const dial&) {
    if (left-- > 0) throw boost::system::system_error(no_thread, "thread");
    return answer::accept;
  };
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  EXPECT_EQ(in.world().dials.size(), 4u);
  left = 2;
  lose(in);
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  EXPECT_EQ(in.nats.statistics().failed_attempts, 5u);
  EXPECT_EQ(in.nats.health().last_error, errc::connect_failed);
  in.world().on_dial = nullptr;
  in.expect_working();

  lab once(config("nats://a:4222"));
  once.world().on_dial = [&](const dial&) -> answer {
    throw boost::system::system_error(no_thread, "thread");
  };
  outcome result;
  detail::initiate(once.prepare_connect(), [&](error_code code, client) { note{&result}(code); });
  ASSERT_TRUE(once.run_until([&] { return result.calls > 0; }));
  EXPECT_TRUE(failed_with(result, errc::connect_failed));
  EXPECT_NE(result.detail.find(no_thread.message()), std::string::npos) << result.detail;
}

// In the middle of a connection it is lost.
// field: L3
TEST(a_connection_that_throws, is_lost) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  for (int i = 0; i < 2; ++i) {
    bool thrown = false;
    const auto throw_once = [&]() -> std::size_t {
      if (std::exchange(thrown, true)) return 1000;
      throw boost::system::system_error(error_code(asio::error::no_descriptors));
    };
    (i == 0 ? in.world().read_size : in.world().write_size) = throw_once;
    outcome get;
    in.kv.get("k", note{&get});
    ASSERT_TRUE(in.run_until([&] { return get.calls > 0; }));
    EXPECT_TRUE(thrown);
    EXPECT_TRUE(succeeded(get)) << "asked again on another connection";
    in.world().clear_faults();
    in.expect_working();
  }
  EXPECT_EQ(in.nats.statistics().reconnects, 2u);
}

}  // namespace
}  // namespace kvco::test

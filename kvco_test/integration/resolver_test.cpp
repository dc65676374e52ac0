// The names of servers: unknown, for a while or for ever, of many addresses, of dead ones, of others than before.
#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <kvco_test/support/faults/scripted_resolver.hpp>
#include <kvco_test/support/server/connecting.hpp>
#include <thread>

#include <netdb.h>

namespace kvco::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

const std::vector<std::string> loopback{"127.0.0.1"};

template <class... Ts>
asio::awaitable<void> until_told(heard<Ts...> what) {
  return until([what] { return what.done(); });
}

class resolver_test : public server_test {
 protected:
  ~resolver_test() override { EXPECT_EQ(unfreed_answers(), 0u); }

  std::string place() const { return host.text() + ":" + std::to_string(server.port()); }
  config at_host(duration connect_timeout = 10s) const {
    return config(host.url(server.port()))
        .reconnect([](auto& reconnect) { reconnect.initial_delay(5ms).max_delay(50ms); })
        .connect_timeout(connect_timeout);
  }
  asio::awaitable<void> until_asked(int n) {
    return until([this, n] { return host.asked() >= n; });
  }
  /// A client that has lost its server and asks for the name again, in vain for now; it has a bucket "B".
  void with_lost_client(config settings, const bucket_work& what) {
    run([&]() -> asio::awaitable<void> {
      host.resolves_to(loopback);
      client nats = co_await connect(std::move(settings));
      bucket b = co_await nats.create_bucket(bucket_config("B"));
      host.hangs();
      server.kill();
      co_await until_asked(2);
      co_await what(nats, b);
    });
  }
  asio::awaitable<void> expect_connected_by_the_name(const heard<client>& connecting) {
    EXPECT_FALSE(connecting.done());
    host.resolves_to(loopback);
    co_await until_told(connecting);
    EXPECT_TRUE(!connecting.code() && connecting.value().is_connected()) << connecting.code();
  }
  /// Addresses are tried in an order of chance: of several clients hardly any has the right one in front.
  void expect_found(const std::vector<std::string>& addresses, int clients, duration connect_timeout = 10s) {
    host.resolves_to(addresses);
    const int before = host.asked();
    run([&]() -> asio::awaitable<void> {
      for (int i = 1; i <= clients; ++i) {
        client nats = co_await connect(at_host(connect_timeout));
        EXPECT_EQ(nats.statistics().connect_attempts, 1u);
        EXPECT_EQ(host.asked(), before + i) << "one answer has all of them";
      }
    });
  }

  scripted_name host{"host.kvco.test"};
};

struct no_address {
  const char* name;
  int code;
  const char* words;
  friend void PrintTo(const no_address& one, std::ostream* out) { *out << one.name; }
};

class no_address_test : public resolver_test, public testing::WithParamInterface<no_address> {};

// fault: 6
TEST_P(no_address_test, fails_the_first_connect_at_once) {
  host.fails(GetParam().code);
  EXPECT_THAT(expect_refused(at_host(), errc::connect_failed, GetParam().words),
              HasSubstr(place() + ": resolving " + host.text()));
  EXPECT_EQ(host.asked(), 1) << "each server is tried once";
}

// fault: 6
TEST_P(no_address_test, is_asked_for_until_there_is_one) {
  with_lost_client(at_host(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    server.start();
    host.fails(GetParam().code);
    co_await until_asked(5);
    EXPECT_FALSE(nats.is_connected());
    const client_health now = nats.health();
    EXPECT_EQ(now.last_error, errc::connect_failed) << now.last_error;
    EXPECT_THAT(now.last_error_detail, HasSubstr(place() + ": resolving " + host.text()));
    EXPECT_THAT(now.last_error_detail, HasSubstr(GetParam().words));
    heard<revision> put;
    b.put("k", "v", put);
    host.resolves_to(loopback);
    co_await until_told(put);
    EXPECT_FALSE(put.code()) << put.code();
    EXPECT_EQ(nats.statistics().reconnects, 1u);
    EXPECT_EQ(nats.statistics().connect_attempts, host.asked()) << "each attempt asks anew";
  });
}

INSTANTIATE_TEST_SUITE_P(a_name_that, no_address_test,
                         testing::Values(no_address{"is_unknown", EAI_NONAME, "Host not found"},
                                         no_address{"fails_for_now", EAI_AGAIN, "try again later"},
                                         no_address{"fails_for_good", EAI_FAIL, "non-recoverable"},
                                         no_address{"has_no_data", EAI_NODATA, "Host not found"},
                                         no_address{"has_an_empty_list", 0, "Host not found"}),
                         [](const auto& instance) { return std::string(instance.param.name); });

// field: X16
TEST_F(resolver_test, needs_threads_and_addresses_need_none) {
  asio::io_context reactor(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE);
  heard<client> by_name, by_address;
  connect(reactor.get_executor(), at_host(), by_name);
  connect(reactor.get_executor(), config(server.url()), [&](error_code code, client nats) {
    by_address(code, nats);
    nats.close([](error_code) {});
  });
  reactor.run();
  EXPECT_FALSE(by_address.code()) << by_address.code();
  EXPECT_EQ(by_name.code(), errc::connect_failed) << by_name.code();
  EXPECT_THAT(by_name.detail(), HasSubstr("BOOST_ASIO_CONCURRENCY_HINT_UNSAFE"));
  EXPECT_EQ(host.asked(), 0);
}

TEST_F(resolver_test, a_first_connect_may_wait_for_the_name) {
  host.fails(EAI_AGAIN);
  run([&]() -> asio::awaitable<void> {
    heard<client> connected;
    connect(co_await asio::this_coro::executor,
            at_host().reconnect([](auto& reconnect) { reconnect.retry_first_connect(true); }), connected);
    co_await until_asked(3);
    co_await expect_connected_by_the_name(connected);
  });
}

// fault: 6
TEST_F(resolver_test, the_next_server_is_taken_where_a_name_has_no_address) {
  host.fails(EAI_AGAIN);
  scripted_name second("second.kvco.test");
  second.resolves_to(loopback);
  const config both(host.url(server.port()) + "," + second.url(server.port()));
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(both).shuffle_servers(false));
    EXPECT_EQ(nats.statistics().failed_attempts, 1u);
    EXPECT_EQ(host.asked(), 1);
    EXPECT_EQ(second.asked(), 1);
  });
}

// fault: 6
TEST_F(resolver_test, the_one_of_many_addresses_that_answers_is_found) {
  std::vector<std::string> addresses;
  for (int last = 2; last <= 9; ++last) addresses.push_back("127.0.0." + std::to_string(last));
  host.resolves_to(addresses);
  EXPECT_THAT(expect_refused(at_host(), errc::connect_failed, "refused"), HasSubstr(place()));
  addresses.push_back("127.0.0.1");
  expect_found(addresses, 5);
}

// With IPv6 nobody listens there, without it there is no way: either is told at once.
// fault: 6
TEST_F(resolver_test, a_dead_ipv6_address_does_not_stand_in_the_way) {
  host.resolves_to({"::1"});
  EXPECT_THAT(expect_refused(at_host(), errc::connect_failed), HasSubstr(place()));
  expect_found({"::1", "127.0.0.1"}, 8);
}

// They lead nowhere: a router says so at once, or drops what is sent there.
// fault: 6
TEST_F(resolver_test, unreachable_ipv6_addresses_have_their_share_of_the_time) {
  expect_found({"100::1", "2001:db8::1", "127.0.0.1"}, 2, 3s);
}

// fault: 6
TEST_F(resolver_test, a_client_follows_the_name_to_another_server) {
  host.resolves_to(loopback);
  server_options options;
  options.port = server.port();
  options.args = {"--addr", "127.0.0.2"};  // its fixture sees the first one answer
  nats_server another(options);
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(at_host());
    EXPECT_EQ(nats.server_info().host, "127.0.0.1");
    host.resolves_to({"127.0.0.2"});
    co_await nats.flush();
    EXPECT_EQ(host.asked(), 1) << "a connection that lasts asks nobody";
    server.kill();
    co_await nats.bucket_names();  // waits for the connection
    EXPECT_EQ(nats.server_info().host, "127.0.0.2");
  });
}

// A name that does not resolve in time: getaddrinfo() cannot be broken off, and nobody waits for it.
class hanging_name_test : public resolver_test {
 protected:
  hanging_name_test() { host.hangs(); }

  /// Nobody has waited for the name.
  void expect_unanswered() { EXPECT_EQ(host.waiting(), 1) << "it was waited for"; }
  /// The client ends by this, and what waits is given up.
  void expect_end(const std::function<asio::awaitable<void>(client&, bucket&)>& by) {
    with_lost_client(at_host(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
      heard<revision> put;
      b.put("k", "v", put);
      co_await by(nats, b);
      co_await until_told(put);
      EXPECT_EQ(put.code(), asio::error::operation_aborted) << put.code();
      expect_unanswered();
      host.resolves_to(loopback);
    });
  }
  /// So many have connected to the server, this one included: it numbers them.
  std::uint64_t connections() {
    std::uint64_t number = 0;
    run([&]() -> asio::awaitable<void> {
      number = (co_await connect(server.url())).server_info().client_id;
    });
    return number;
  }
};

TEST_F(hanging_name_test, is_waited_for_while_there_is_time) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    heard<client> connected;
    connect(co_await asio::this_coro::executor, at_host(), connected);
    co_await until_asked(1);
    EXPECT_EQ(co_await b.put("k", "v"), 1u) << "the others on the reactor go on";
    expect_unanswered();
    co_await expect_connected_by_the_name(connected);
  });
}

// fault: 6
TEST_F(hanging_name_test, fails_the_first_connect_in_time) {
  const std::uint64_t before = connections();
  run([&]() -> asio::awaitable<void> {
    const refusal how = co_await refused(at_host(200ms));
    expect_unanswered();
    EXPECT_EQ(how.code, client_error::connect_timeout) << how.code;
    EXPECT_THAT(how.what, HasSubstr(place()));
    host.resolves_to(loopback);
  });
  EXPECT_EQ(connections(), before + 1) << "it came too late";
}

// Which is given by its address: for that the resolver is not asked.
// fault: 6
TEST_F(hanging_name_test, leaves_the_turn_to_the_next_server) {
  run([&]() -> asio::awaitable<void> {
    const config both(host.url(server.port()) + "," + server.url());
    client nats = co_await connect(config(both).shuffle_servers(false).connect_timeout(1s));
    expect_unanswered();
    host.resolves_to(loopback);
  });
}

TEST_F(hanging_name_test, connect_is_cancelled_meanwhile) {
  const std::uint64_t before = connections();
  run([&]() -> asio::awaitable<void> {
    heard<client> connected;
    asio::cancellation_signal cancel;
    connect(co_await asio::this_coro::executor, at_host(),
            asio::bind_cancellation_slot(cancel.slot(), connected));
    co_await until_asked(1);
    cancel.emit(asio::cancellation_type::total);
    co_await until_told(connected);
    EXPECT_EQ(connected.code(), asio::error::operation_aborted) << connected.code();
    expect_unanswered();
    host.resolves_to(loopback);
  });
  EXPECT_EQ(connections(), before + 1) << "no connection is left behind";
}

// fault: 6
TEST_F(hanging_name_test, fails_each_attempt_to_come_back_in_time) {
  with_lost_client(at_host(500ms), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto failed = [&] { return nats.statistics().failed_attempts >= 2; };
    co_await until(failed);
    expect_unanswered();
    EXPECT_EQ(nats.health().last_error, client_error::connect_timeout) << nats.health().last_error;
    EXPECT_THAT(nats.health().last_error_detail, HasSubstr(place()));
    server.start();
    host.resolves_to(loopback);
    EXPECT_EQ(co_await b.put("k", "v"), 1u);
    EXPECT_EQ(nats.statistics().reconnects, 1u);
  });
}

// fault: 77
TEST_F(hanging_name_test, destroying_the_client_does_not_wait_for_it) {
  expect_end([](client& nats, bucket& b) -> asio::awaitable<void> {
    nats = client();
    b = bucket();
    co_return;
  });
}

// fault: 77
TEST_F(hanging_name_test, close_does_not_wait_for_it) {
  expect_end([](client& nats, bucket&) -> asio::awaitable<void> { co_await nats.close(); });
}

TEST_F(hanging_name_test, drain_ends_at_its_deadline) {
  expect_end([](client& nats, bucket&) -> asio::awaitable<void> {
    auto [drained] = co_await nats.drain({.timeout = 100ms}, nothrow);
    EXPECT_EQ(drained, errc::timeout) << drained;
    EXPECT_THAT(error_detail(), HasSubstr("1 operation was not answered"));
  });
}

// Its end waits for the resolver's thread: nobody can break off a call of getaddrinfo().
// fault: 77
TEST_F(hanging_name_test, the_reactor_may_go_first) {
  heard<client> connected;
  auto reactor = std::make_unique<asio::io_context>(1);
  connect(*reactor, at_host(), connected);
  drive(*reactor, [&] { return until_asked(1); });
  std::thread later([&] { host.resolves_to(loopback); });
  reactor.reset();
  later.join();
  EXPECT_FALSE(connected.done());
}

}  // namespace
}  // namespace kvco::test

// Connecting, and what can go wrong with it: each in time, with a meaning and in words.
#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <kvco_test/support/server/connecting.hpp>
#include <kvco_test/support/server/loopback.hpp>

namespace kvco::test {
namespace {

using asio::ip::tcp;
using std::chrono::steady_clock;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

using behaviour = std::function<asio::awaitable<void>(tcp::socket&)>;

asio::awaitable<void> serve(std::shared_ptr<tcp::acceptor> acceptor, behaviour peer) {
  tcp::socket accepted = co_await acceptor->async_accept(asio::deferred);
  co_await peer(accepted);
}

// Something that listens and is no NATS server.
asio::awaitable<refusal> connect_to(const behaviour& peer, duration connect_timeout) {
  const auto executor = co_await asio::this_coro::executor;
  const auto acceptor = std::make_shared<tcp::acceptor>(executor, loopback(0));
  asio::co_spawn(executor, serve(acceptor, peer), asio::detached);
  const std::string url = "nats://127.0.0.1:" + std::to_string(acceptor->local_endpoint().port());
  refusal how = co_await refused(config(url).connect_timeout(connect_timeout));
  acceptor->close();
  co_return how;
}

// Returns when the other side has closed.
asio::awaitable<void> wait_for_end(tcp::socket& socket) {
  std::array<char, 1024> ignored;
  for (error_code ec; !ec;) {
    auto [code, size] = co_await socket.async_read_some(asio::buffer(ignored), nothrow);
    ec = code;
  }
}

behaviour says(std::string text) {
  return [text](tcp::socket& socket) -> asio::awaitable<void> {
    co_await asio::async_write(socket, asio::buffer(text), asio::deferred);
    co_await wait_for_end(socket);
  };
}

asio::awaitable<void> closes(tcp::socket& socket) {
  socket.close();
  co_return;
}

struct stranger {
  const char* name;
  behaviour peer;
  errc meaning;
  const char* words;
};

std::vector<stranger> strangers() {
  const std::string info = R"(INFO {"server_id":"x","version":"2.10.0","headers":true,"max_payload":1048576})"
                           "\r\n";
  return {
      {"http", says("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), errc::protocol_error,
       "no NATS server"},
      {"ssh", says("SSH-2.0-OpenSSH_9.2p1\r\n"), errc::protocol_error, "no NATS server"},
      {"binary", says(std::string("\x16\x03\x01\0\0", 5) + std::string(100, '\xff')), errc::protocol_error,
       "no NATS server"},
      {"endless", says(std::string(2'000'000, 'x')), errc::protocol_error, "no NATS server"},
      {"pong first", says("PONG\r\n"), errc::protocol_error, "no NATS server"},
      {"broken info", says("INFO {\"server_id\":\r\n"), errc::protocol_error, "INFO"},
      {"silent", wait_for_end, errc::connect_failed, "in time"},
      {"half a line", says("INFO {"), errc::connect_failed, "in time"},
      {"no pong", says(info), errc::connect_failed, "in time"},
      {"closes", closes, errc::connect_failed, "closed the connection"},
      {"no headers", says("INFO {\"version\":\"2.1.0\",\"max_payload\":1048576}\r\n"),
       errc::unsupported_by_server, "headers"},
      {"wants tls", says("INFO {\"version\":\"2.10.0\",\"headers\":true,\"tls_required\":true}\r\n"),
       errc::connect_failed, "TLS"},
      {"kicks out", says(info + "-ERR 'Authorization Violation'\r\n"), errc::authentication_failed,
       "Authorization"},
      {"is full", says(info + "-ERR 'maximum connections exceeded'\r\n"), errc::connect_failed,
       "maximum connections"},
  };
}

class strangers_test : public testing::TestWithParam<stranger> {};

// fault: 4, 5, 25, 40, 43
TEST_P(strangers_test, are_named_in_time) {
  run([&]() -> asio::awaitable<void> {
    const std::string_view words = GetParam().words;
    const bool silent = words == "in time" || words == "TLS";  // one waits for the end of the time
    const refusal how = co_await connect_to(GetParam().peer, silent ? 200ms : 20s);
    EXPECT_EQ(how.code, GetParam().meaning) << how.code << " " << how.what;
    EXPECT_THAT(how.what, HasSubstr(GetParam().words));
    EXPECT_THAT(how.what, HasSubstr("127.0.0.1:")) << "which server it was";
    EXPECT_THAT(how.what, Not(HasSubstr("End of file")));
    EXPECT_LT(how.took, 5s);
  });
}

INSTANTIATE_TEST_SUITE_P(on, strangers_test, testing::ValuesIn(strangers()), [](const auto& instance) {
  std::string name = instance.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

// fault: 1
TEST(connect_test, nobody_listens) {
  const reserved_port port;
  expect_refused(config("nats://127.0.0.1:" + std::to_string(port.number())), errc::connect_failed,
                 "refused");
}

// fault: 6
TEST(connect_test, the_host_is_unknown) {
  expect_refused(config("nats://no-such-host.invalid").connect_timeout(5s), errc::connect_failed,
                 "no-such-host.invalid");
}

// fault: 2
TEST(connect_test, every_server_of_the_list_is_tried) {
  const reserved_port first, second;
  const std::string urls =
      "127.0.0.1:" + std::to_string(first.number()) + ",127.0.0.1:" + std::to_string(second.number());
  expect_refused(config(urls).shuffle_servers(false), errc::connect_failed, std::to_string(second.number()));
  nats_server server;
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(urls + "," + server.url());
    EXPECT_EQ(nats.server_info().port, server.port());
  });
}

// A server that takes no more clients is passed over.
// fault: 43
TEST(connect_test, a_full_server_is_left_for_the_next) {
  nats_server full({.extra_config = "max_connections: 1"}), other;
  const raw_client only(full.port());
  expect_refused(config(full.url()), errc::connect_failed, "maximum connections exceeded");
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(full.url() + "," + other.url()).shuffle_servers(false));
    EXPECT_EQ(nats.server_info().port, other.port());
    co_await nats.close();
  });
}

TEST(connect_test, malformed_urls_and_settings_are_refused) {
  for (const char* url :
       {"", "nats://", "nats://:4222", "nats://h:0", "nats://h:65536", "nats://h:x", "nats://h h", "h,,i",
        "http://h", "ws://h/a b", "tls://h/a", "://h", "nats://u:p@", "::1", "nats://%zz@h", "nats://a/b"}) {
    expect_refused(config(url), errc::invalid_url, "server URL");
  }
  expect_refused(config().timeout(0s), errc::invalid_argument, "timeout");
  expect_refused(config().connect_timeout(-1s), errc::invalid_argument, "connect_timeout");
  expect_refused(config().max_pings_outstanding(0), errc::invalid_argument, "max_pings_outstanding");
  expect_refused(config().inbox_prefix("a.*"), errc::invalid_argument, "inbox_prefix");
  expect_refused(config().domain("a.b"), errc::invalid_argument, "domain");
}

TEST(connect_test, a_refused_url_keeps_its_password) {
  run([&]() -> asio::awaitable<void> {
    const refusal how = co_await refused(config("nats://user:secret@h:0"));
    EXPECT_EQ(how.code, errc::invalid_url);
    EXPECT_THAT(how.what, Not(HasSubstr("secret")));
  });
}

// --- credentials ------------------------------------------------------------------------------------------------------

class credentials_test : public generations_test {
 protected:
  nats_server& guarded(const char* authorization) {
    server_options options{.version = GetParam()};
    options.extra_config = std::string("authorization { ") + authorization + " }";
    return *(guarded_ = std::make_unique<nats_server>(options));
  }
  config at(const std::string& user_info) const {
    return config("nats://" + user_info + "127.0.0.1:" + std::to_string(guarded_->port()));
  }
  void expect_no_way_in(const config& settings) {
    expect_refused(settings, errc::authentication_failed, "Authorization Violation");
  }
  std::unique_ptr<nats_server> guarded_;
};
KVCO_ALSO_ON_OLDER_GENERATIONS(credentials_test);

// fault: 35
TEST_P(credentials_test, user_and_password) {
  guarded("user: alice, password: \"s3cr:t@,%\"");
  expect_works(at("alice:s3cr%3At%40%2C%25@"));
  expect_works(at("").user("alice", "s3cr:t@,%"));
  expect_works(at("alice:s3cr%3At%40%2C%25@").user("bob", "loses against the URL"));
  expect_no_way_in(at(""));
  expect_no_way_in(at("alice:wrong@"));
  expect_no_way_in(at("").user("bob", "s3cr:t@,%"));
  expect_no_way_in(at("").token("s3cr:t@,%"));
}

TEST_P(credentials_test, token) {
  guarded("token: \"a-token\"");
  expect_works(at("a-token@"));
  expect_works(at("").token("a-token"));
  expect_no_way_in(at(""));
  expect_no_way_in(at("another@"));
}

// fault: 39
TEST_P(credentials_test, what_is_not_permitted_is_told_to_who_asked) {
  guarded(R"(users: [{user: a, password: p, permissions: {
      publish: {deny: ["$KV.B.secret.>", "$JS.API.STREAM.DELETE.>"]}}}])");
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(at("a:p@"));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    auto [ec, none] = co_await b.put("secret.x", "v", nothrow);
    EXPECT_EQ(ec, errc::permission_denied);
    EXPECT_THAT(error_detail(), HasSubstr("$KV.B.secret.x"));
    EXPECT_EQ(co_await b.put("open", "v"), 1u) << "the others go on";
    auto [deleted] = co_await nats.delete_bucket("B", nothrow);
    EXPECT_EQ(deleted, errc::permission_denied);
    EXPECT_EQ(nats.statistics().reconnects, 0u);
  });
}

// fault: 57
TEST_P(credentials_test, without_jetstream_it_is_said_at_once) {
  server_options options{.version = GetParam()};
  options.jetstream = false;
  nats_server plain(options);
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(plain.url());
    auto [created, none] = co_await nats.create_bucket(bucket_config("B"), nothrow);
    EXPECT_EQ(created, errc::jetstream_not_enabled);
    EXPECT_THAT(error_detail(), Not(testing::IsEmpty()));
    auto [opened, no_bucket] = co_await nats.open_bucket("B", nothrow);
    EXPECT_EQ(opened, errc::jetstream_not_enabled);
    auto [ensured, no_third] = co_await nats.ensure_bucket(bucket_config("B"), nothrow);
    EXPECT_EQ(ensured, errc::jetstream_not_enabled);
    auto [deleted] = co_await nats.delete_bucket("B", nothrow);
    EXPECT_EQ(deleted, errc::jetstream_not_enabled);
    auto [listed, no_names] = co_await nats.bucket_names(nothrow);
    EXPECT_EQ(listed, errc::jetstream_not_enabled);
    co_await nats.flush();
  });
}

// The account has no JetStream, though the server has.
TEST_P(credentials_test, an_account_without_jetstream_is_told_so) {
  server_options options{.version = GetParam()};
  options.extra_config = R"(accounts { A: {users: [{user: a, password: p}]}, B: {jetstream: enabled} })";
  guarded_ = std::make_unique<nats_server>(options);
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(at("a:p@"));
    auto [created, none] = co_await nats.create_bucket(bucket_config("B"), {.timeout = 5s}, nothrow);
    EXPECT_EQ(created, errc::jetstream_not_enabled) << created << error_detail();
  });
}

}  // namespace
}  // namespace kvco::test

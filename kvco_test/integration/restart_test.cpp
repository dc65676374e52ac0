// The server goes away and comes back.
#include <kvco_test/support/server/kv_test.hpp>

#include <memory>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class restart_test : public generations_test {
 protected:
  /// Connects with short pauses between attempts, and makes the bucket.
  void with_restless_client(const bucket_work& what) {
    run([&]() -> asio::awaitable<void> {
      client nats = co_await connect(config(server.url()).reconnect([](auto& reconnect) {
        reconnect.initial_delay(5ms).max_delay(50ms);
      }));
      bucket b = co_await nats.create_bucket(bucket_config("B").history(10));
      co_await what(nats, b);
    });
  }
  asio::awaitable<void> kill(client& nats) {
    server.kill();
    const auto lost = [&] { return !nats.is_connected(); };
    co_await until(lost);
  }
};
KVCO_ON_ALL_GENERATIONS(restart_test);

// fault: 34
TEST_P(restart_test, operations_wait_for_the_reconnect) {
  with_restless_client([&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "before");
    co_await kill(nats);
    heard<revision> put, updated;
    heard<std::optional<entry>> got;
    heard<std::vector<std::string>> keys;
    heard<bucket> opened;
    b.put("k", "meanwhile", put);
    b.update("k2", "meanwhile", 0, updated);
    b.get("k", got);
    b.keys(keys);
    nats.open_bucket("B", opened);
    server.start();
    const auto told = [&] {
      return put.done() && updated.done() && got.done() && keys.done() && opened.done();
    };
    co_await until(told);
    for (const error_code& ec : {put.code(), updated.code(), got.code(), keys.code(), opened.code()}) {
      EXPECT_FALSE(ec) << ec;
    }
    EXPECT_EQ(put.value(), 2u);
    EXPECT_EQ(updated.value(), 3u);
    EXPECT_TRUE(got.value().has_value());
    EXPECT_EQ(nats.statistics().reconnects, 1u);
    EXPECT_EQ(co_await value_of(b, "k"), "meanwhile");
  });
}

TEST_P(restart_test, an_operation_that_was_never_sent_fails_definitely) {
  with_restless_client([&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await kill(nats);
    auto [put, none] = co_await b.put("k", "v", {.timeout = 100ms}, nothrow);
    EXPECT_EQ(put, errc::timeout);
    auto [flushed] = co_await nats.flush({.timeout = 100ms}, nothrow);
    EXPECT_EQ(flushed, errc::connection_lost);
    server.start();
    EXPECT_EQ(co_await value_of(b, "k"), "none");
  });
}

// fault: 7
TEST_P(restart_test, a_write_that_was_on_its_way_is_unknown) {
  with_restless_client([&](client& nats, bucket& b) -> asio::awaitable<void> {
    server.pause();
    const auto before = nats.statistics().bytes_out;
    heard<revision> put;
    heard<std::optional<entry>> got;
    b.put("k", "v", put);
    b.get("k", got);
    const auto written = [&] { return nats.statistics().bytes_out > before; };
    co_await until(written);
    server.kill();
    server.start();
    const auto told = [&] { return put.done() && got.done(); };
    co_await until(told);
    EXPECT_EQ(put.code(), errc::outcome_unknown) << put.code();
    EXPECT_FALSE(got.code()) << "a read is asked again: " << got.code();
  });
}

TEST_P(restart_test, a_watch_goes_on) {
  with_restless_client([&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "1");
    watcher updates = b.watch("k", restless);
    EXPECT_EQ(co_await initial_of(updates), "k@1=1");
    heard<std::optional<entry>> waiting;
    updates.next(waiting);
    server.restart();
    raw_client(server.port()).request("$KV.B.k", "others were faster");
    const auto told = [&] { return waiting.done(); };
    co_await until(told);
    EXPECT_EQ(show(waiting.value()), "k@2=others were faster");
    co_await b.put("k", "3");
    EXPECT_EQ(co_await next_of(updates), "k@3=3");
    EXPECT_EQ(nats.statistics().reconnects, 1u);
  });
}

TEST_P(restart_test, a_watch_gets_every_revision_once_over_kills) {
  with_restless_client([&](client& nats, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch_all({.include_history = true, .heartbeat = 200ms});
    revision seen = 0;
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 3; ++i) co_await b.put("k", "v");
      co_await kill(nats);
      server.start();
      raw_client(server.port()).request("$KV.B.k", "", "KV-Operation: DEL\r\n");
      for (int i = 0; i < 4; ++i) {
        const std::optional<entry> e = co_await updates.next();
        EXPECT_EQ(e.value().revision(), ++seen);
        EXPECT_EQ(e->operation(), i < 3 ? operation::put : operation::erase);
      }
    }
    EXPECT_EQ(nats.statistics().reconnects, 3u);
  });
}

TEST_P(restart_test, a_watch_made_while_it_is_away_begins_later) {
  with_restless_client([&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    co_await kill(nats);
    watcher updates = b.watch_all();
    heard<std::optional<entry>> next;
    updates.next(next);
    server.start();
    const auto told = [&] { return next.done(); };
    co_await until(told);
    EXPECT_FALSE(next.code()) << next.code();
    EXPECT_EQ(show(next.value()), "k@1=v");
  });
}

// fault: 55
TEST_P(restart_test, an_empty_disk_ends_the_watch) {
  server_options forgetful{.version = GetParam()};
  forgetful.keep_store = false;
  nats_server other(forgetful);
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(
        config(other.url()).reconnect([](auto& reconnect) { reconnect.initial_delay(5ms).max_delay(50ms); }));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all(restless);
    co_await initial_of(updates);
    other.restart();
    auto [ec, none] = co_await updates.next(nothrow);
    EXPECT_EQ(ec, errc::bucket_deleted) << ec;
    auto [get, no_entry] = co_await b.get("k", nothrow);
    EXPECT_EQ(get, errc::bucket_not_found) << get;
  });
}

// A handle has seen JetStream: that there is none here says nothing of the others that may serve its bucket again.
// fault: 57
// field: M4
TEST_P(restart_test, a_server_that_comes_back_without_jetstream_is_no_end_of_a_bucket) {
  const reserved_port port;
  server_options options{.version = GetParam()};
  options.port = port.number();
  auto other = std::make_unique<nats_server>(options);
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(other->url()).reconnect([](auto& reconnect) {
      reconnect.initial_delay(5ms).max_delay(50ms);
    }));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    other.reset();
    options.jetstream = false;
    other = std::make_unique<nats_server>(options);
    const auto back = [&] { return nats.statistics().reconnects >= 1 && nats.is_connected(); };
    co_await until(back);
    auto [put, none] = co_await b.put("k", "v", {.timeout = 2s}, nothrow);
    EXPECT_EQ(put, errc::unavailable) << put;
    EXPECT_NE(error_detail().find("no JetStream"), std::string::npos) << error_detail();
    auto [status, no_status] = co_await b.status({.timeout = 2s}, nothrow);
    EXPECT_EQ(status, errc::unavailable) << status;
    auto [got, no_entry] = co_await b.get("k", {.timeout = 2s}, nothrow);
    EXPECT_EQ(got, errc::unavailable) << got;
    auto [opened, no_bucket] = co_await nats.open_bucket("B", nothrow);
    EXPECT_EQ(opened, errc::jetstream_not_enabled) << opened;
  });
}

TEST_P(restart_test, without_reconnect_the_client_is_closed) {
  run([&]() -> asio::awaitable<void> {
    client nats =
        co_await connect(config(server.url()).reconnect([](auto& reconnect) { reconnect.enabled(false); }));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all();
    co_await initial_of(updates);
    server.kill();
    auto [ended, none] = co_await updates.next(nothrow);
    EXPECT_EQ(ended, errc::connection_lost);
    auto [put, no_revision] = co_await b.put("k", "v", nothrow);
    EXPECT_EQ(put, errc::closed);
  });
}

// fault: 80
TEST_P(restart_test, close_and_destruction_do_not_wait_for_a_server) {
  with_restless_client([&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await kill(nats);
    heard<revision> put;
    b.put("k", "v", put);
    const auto begin = std::chrono::steady_clock::now();
    co_await nats.close(nothrow);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    const auto told = [&] { return put.done(); };
    co_await until(told);
    EXPECT_EQ(put.code(), asio::error::operation_aborted) << put.code();
  });
}

}  // namespace
}  // namespace kvco::test

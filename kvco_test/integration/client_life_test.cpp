// A client from connect() to its end, whichever way it ends.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using heard_entry = heard<std::optional<entry>>;

class client_life_test : public generations_test {};
KVCO_ALSO_ON_OLDER_GENERATIONS(client_life_test);

TEST_P(client_life_test, the_client_knows_its_server) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    EXPECT_TRUE(nats.is_connected());
    EXPECT_EQ(nats.server_info().version, server.version());
    EXPECT_EQ(nats.server_info().port, server.port());
    EXPECT_TRUE(nats.server_info().jetstream);
    EXPECT_TRUE(nats.server_info().headers);
    const auto here = co_await asio::this_coro::executor;
    EXPECT_TRUE(nats.get_executor() == here);
    co_await nats.flush();
    const duration trip = co_await nats.rtt();
    EXPECT_GT(trip, 0ns);
    EXPECT_LT(trip, 5s);
    EXPECT_EQ(nats.statistics().pending_requests, 0u);
  });
}

TEST_P(client_life_test, another_connection_on_request_loses_nothing) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    constexpr std::size_t rounds = 4, each = 100;
    auto other = co_await connect(server.url());
    subscription received = other.subscribe("messages");
    co_await other.flush();
    watcher updates = b.watch_all();
    co_await initial_of(updates);
    std::vector<heard<revision>> puts(rounds * each);
    for (std::size_t round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < each; ++i) {
        const std::string name = std::to_string(round * each + i);
        b.put("k." + name, "v", puts[round * each + i]);
        co_await nats.publish("messages", name);
      }
      co_await reconnect(nats);
    }
    co_await until([&] { return puts.back().done(); });
    for (std::size_t i = 0; i < rounds * each; ++i) {
      EXPECT_TRUE(puts[i].done() && !puts[i].code()) << i << ": " << puts[i].code().message();
      const std::optional<entry> change = co_await updates.next();
      const std::optional<message> heard_of = co_await received.next();
      EXPECT_EQ(change->key(), "k." + std::to_string(i));
      EXPECT_EQ(heard_of->payload(), std::to_string(i));
    }
    EXPECT_EQ(nats.statistics().reconnects, rounds);
    co_await other.close();
  });
}

TEST_P(client_life_test, close_ends_what_waits_and_refuses_what_comes) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch_all();
    co_await initial_of(updates);
    heard_entry next;
    updates.next(next);
    co_await nats.close();
    EXPECT_FALSE(nats.is_connected());
    const auto told = [&] { return next.done(); };
    co_await until(told);
    EXPECT_EQ(next.code(), asio::error::operation_aborted);
    auto [put, none] = co_await b.put("k", "v", nothrow);
    EXPECT_EQ(put, errc::closed);
    auto [opened, no_bucket] = co_await nats.open_bucket("B", nothrow);
    EXPECT_EQ(opened, errc::closed);
    co_await nats.close();
    auto [again] = co_await nats.close(nothrow);
    EXPECT_FALSE(again);
  });
}

// fault: 80
TEST_P(client_life_test, close_writes_what_was_asked_for_before) {
  raw_client raw(server.port());
  const bucket_config memory = bucket_config("B").storage(storage::memory);
  with_bucket(memory, [&](client& nats, bucket& b) -> asio::awaitable<void> {
    std::vector<heard<revision>> puts(1000);
    for (std::size_t i = 0; i < puts.size(); ++i)
      b.put("k." + std::to_string(i), std::string(1000, 'x'), puts[i]);
    co_await nats.close();
    const auto told = [&] { return std::all_of(puts.begin(), puts.end(), [](auto& h) { return h.done(); }); };
    co_await until(told);
    for (const auto& put : puts)
      EXPECT_TRUE(!put.code() || put.code() == asio::error::operation_aborted) << put.code();
    const auto stored = [&] { return stream_field(raw, "B", "messages") == "1000"; };
    co_await until(stored);
  });
}

// fault: 80
TEST_P(client_life_test, drain_waits_for_all_answers) {
  raw_client raw(server.port());
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    std::vector<heard<revision>> puts(1000);
    for (std::size_t i = 0; i < puts.size(); ++i) b.put("k." + std::to_string(i), "v", puts[i]);
    co_await nats.drain();
    for (const auto& put : puts) {
      EXPECT_EQ(put.times(), 1);
      EXPECT_FALSE(put.code()) << put.code();
    }
    EXPECT_EQ(stream_field(raw, "B", "messages"), "1000");
  });
}

// A server that does not answer: what was asked for is open when the client ends.
// fault: 15
TEST_P(client_life_test, close_gives_up_waiting_for_a_silent_server) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    server.pause();
    heard<revision> put;
    heard_entry get;
    heard<std::vector<std::string>> keys;
    heard<> flush;
    b.put("k", "v", put);
    b.get("k", get);
    b.keys(keys);
    nats.flush(flush);
    auto [ec] = co_await nats.close({.timeout = 200ms}, nothrow);
    EXPECT_EQ(ec, errc::timeout);
    const auto told = [&] { return put.done() && get.done() && keys.done() && flush.done(); };
    co_await until(told);
    EXPECT_EQ(put.code(), asio::error::operation_aborted) << put.code();
    EXPECT_EQ(get.code(), asio::error::operation_aborted) << get.code();
    EXPECT_EQ(keys.code(), asio::error::operation_aborted) << keys.code();
    EXPECT_EQ(flush.code(), asio::error::operation_aborted) << flush.code();
    server.resume();
  });
}

TEST_P(client_life_test, destroying_it_ends_what_waits) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch_all();
    co_await initial_of(updates);
    server.pause();
    const auto before = nats.statistics().bytes_out;
    heard<revision> put, create;
    heard<bucket> opened;
    heard<> flush;
    heard<duration> rtt;
    heard_entry next;
    b.put("k", "v", put);
    b.create("k", "v", create);
    nats.open_bucket("B", opened);
    nats.flush(flush);
    nats.rtt(rtt);
    updates.next(next);
    bucket copy = b;
    nats = client();
    b = bucket();
    const auto written = [&] { return copy.client().statistics().bytes_out > before; };
    co_await until(written);
    EXPECT_FALSE(put.done()) << "a copy of the bucket is left, and the watcher";
    copy = bucket();
    EXPECT_FALSE(next.done()) << "the watcher is left";
    updates = watcher();
    EXPECT_FALSE(put.done()) << "never inside the call";
    const auto told = [&] {
      return put.done() && create.done() && opened.done() && flush.done() && rtt.done() && next.done();
    };
    co_await until(told);
    for (const error_code& ec :
         {put.code(), create.code(), opened.code(), flush.code(), rtt.code(), next.code()}) {
      EXPECT_EQ(ec, asio::error::operation_aborted) << ec;
    }
    server.resume();
  });
}

// fault: 79
// contract: 5
TEST_P(client_life_test, operations_of_an_empty_handle_complete_with_closed) {
  run([&]() -> asio::awaitable<void> {
    const client no_client;
    const bucket no_bucket;
    watcher no_watch;
    EXPECT_FALSE(no_client || no_bucket || no_watch);
    EXPECT_FALSE(no_client.is_connected());
    EXPECT_FALSE(no_client.get_executor() || no_bucket.get_executor() || no_watch.get_executor());
    EXPECT_FALSE(no_bucket.client());
    EXPECT_EQ(no_client.statistics().bytes_in, 0u);
    EXPECT_EQ(no_client.health().state, connection_state::closed);
    EXPECT_EQ(no_client.server_info().version, "");
    EXPECT_EQ(no_bucket.name(), "");
    EXPECT_EQ(no_watch.cursor(), 0u);
    no_watch.stop();

    std::vector<error_code> codes;
    codes.push_back(std::get<0>(co_await no_client.flush(nothrow)));
    codes.push_back(std::get<0>(co_await no_client.connected(nothrow)));
    codes.push_back(std::get<0>(co_await no_client.open_bucket("B", nothrow)));
    codes.push_back(std::get<0>(co_await no_client.close(nothrow)));
    codes.push_back(std::get<0>(co_await no_bucket.put("k", "v", nothrow)));
    const std::vector<std::string> keys = {"k"};
    codes.push_back(std::get<0>(co_await no_bucket.get_many(keys, nothrow)));
    codes.push_back(std::get<0>(co_await no_bucket.status(nothrow)));
    codes.push_back(std::get<0>(co_await no_watch.next(nothrow)));
    watcher of_none = no_bucket.watch_all();
    codes.push_back(std::get<0>(co_await of_none.next_batch(nothrow)));
    EXPECT_EQ(codes, std::vector<error_code>(codes.size(), client_error::closed));

    std::string words;
    try {
      co_await no_bucket.erase("k");
    } catch (const boost::system::system_error& error) {
      EXPECT_EQ(error.code(), errc::closed);
      words = error.what();
    }
    EXPECT_NE(words.find("the handle is empty"), std::string::npos) << words;
    heard<revision> told;
    no_bucket.put("k", "v", asio::bind_executor(co_await asio::this_coro::executor, told));
    EXPECT_FALSE(told.done()) << "never inside the call";
    co_await until([&] { return told.done(); });
    EXPECT_EQ(told.code(), errc::closed);
  });
}

// contract: 6
TEST_P(client_life_test, a_bucket_or_a_watcher_alone_keeps_the_connection) {
  const std::string url = server.url();
  run([&]() -> asio::awaitable<void> {
    const auto make_bucket = [](std::string at) -> asio::awaitable<bucket> {
      client nats = co_await connect(at);
      co_return co_await nats.create_bucket(bucket_config("B"));
    };
    bucket b = co_await make_bucket(url);
    EXPECT_EQ(co_await b.put("k", "1"), 1u);
    EXPECT_EQ(b.get_executor(), co_await asio::this_coro::executor);
    EXPECT_TRUE(b.client().is_connected());
    watcher updates = b.watch_all();
    b = bucket();
    EXPECT_EQ(co_await next_of(updates), "k@1=1");
    bucket again = co_await make_bucket(url);
    co_await again.put("k", "2");
    EXPECT_EQ(co_await next_of(updates), "k@2=2");
    co_await again.client().close();
    EXPECT_EQ(std::get<0>(co_await again.put("k", "3", nothrow)), errc::closed);
  });
}

// contract: 7
TEST_P(client_life_test, a_client_exists_before_its_first_connection) {
  server.stop();
  run([&]() -> asio::awaitable<void> {
    client nats(co_await asio::this_coro::executor, config(server.url()).reconnect([](auto& reconnect) {
      reconnect.initial_delay(5ms).max_delay(50ms);
    }));
    EXPECT_EQ(nats.health().state, connection_state::connecting);
    heard<bucket> created;
    nats.create_bucket(bucket_config("B"), {.timeout = 30s}, created);
    auto [late] = co_await nats.connected({.timeout = 100ms}, nothrow);
    EXPECT_EQ(late, errc::timeout) << late;
    EXPECT_NE(error_detail().find("127.0.0.1"), std::string::npos) << error_detail();
    EXPECT_EQ(nats.health().last_error, errc::connect_failed);
    EXPECT_FALSE(created.done());
    heard<> connected;
    nats.connected({.timeout = 30s}, connected);
    server.start();
    co_await until([&] { return created.done() && connected.done(); });
    EXPECT_FALSE(created.code()) << created.code();
    EXPECT_FALSE(connected.code()) << connected.code();
    EXPECT_EQ(nats.health().state, connection_state::connected);
    co_await nats.connected();
    co_await nats.close();
  });
}

// What waits is told why there never was a connection.
TEST_P(client_life_test, a_client_that_gives_up_its_first_connection_says_why) {
  server.stop();
  run([&]() -> asio::awaitable<void> {
    client nats(co_await asio::this_coro::executor, config(server.url()).reconnect([](auto& reconnect) {
      reconnect.initial_delay(5ms).max_delay(5ms).max_attempts(3);
    }));
    heard<bucket> opened;
    heard<> connected;
    nats.open_bucket("B", opened);
    nats.connected(connected);
    co_await until([&] { return opened.done() && connected.done(); });
    EXPECT_EQ(opened.code(), errc::connect_failed) << opened.code();
    EXPECT_EQ(connected.code(), errc::connect_failed) << connected.code();
    EXPECT_EQ(nats.health().state, connection_state::closed);
  });
}

// contract: 7
TEST_P(client_life_test, a_client_whose_settings_are_refused_says_why) {
  run([&]() -> asio::awaitable<void> {
    client nats(co_await asio::this_coro::executor, config("ftp://127.0.0.1"));
    auto [refused] = co_await nats.connected(nothrow);
    EXPECT_EQ(refused, errc::invalid_url) << refused;
    EXPECT_NE(error_detail().find("ftp"), std::string::npos) << error_detail();
    EXPECT_EQ(std::get<0>(co_await nats.open_bucket("B", nothrow)), errc::closed);
    EXPECT_EQ(nats.health().state, connection_state::closed);
    co_await nats.close();
    client fails_at_once(co_await asio::this_coro::executor,
                         config("nats://127.0.0.1:1").wait_for_connection(false));
    EXPECT_EQ(std::get<0>(co_await fails_at_once.open_bucket("B", nothrow)), errc::connection_lost);
    heard<> waits;
    fails_at_once.connected({.timeout = 30s}, waits);
    co_await fails_at_once.close();
    co_await until([&] { return waits.done(); });
    EXPECT_EQ(waits.code(), asio::error::operation_aborted) << waits.code();
  });
}

// fault: 78
TEST_P(client_life_test, two_clients_share_a_reactor) {
  with_bucket(bucket_config("B"), [&](client& first, bucket& b) -> asio::awaitable<void> {
    client second = co_await connect(server.url());
    bucket same = co_await second.open_bucket("B");
    watcher updates = same.watch_all();
    co_await initial_of(updates);
    co_await b.put("k", "by the first");
    EXPECT_EQ(co_await next_of(updates), "k@1=by the first");
    co_await first.close();
    co_await same.put("k", "by the second");
    EXPECT_EQ(co_await next_of(updates), "k@2=by the second");
  });
}

// fault: 78
TEST_P(client_life_test, the_reactor_runs_out_when_clients_are_gone) {
  asio::io_context reactor(1);
  drive(reactor, [&]() -> asio::awaitable<void> {
    client nats = co_await connect(server.url());
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all();
    co_await initial_of(updates);
  });
  EXPECT_NO_THROW(drive_until(reactor, [&] { return reactor.stopped(); }));
}

// Nothing is run any more: everything is freed all the same, and no handler is called.
// fault: 78
TEST_P(client_life_test, the_reactor_may_go_first) {
  heard<revision> put;
  heard_entry next, get;
  heard<> flush, close;
  heard<std::vector<std::string>> keys;
  heard<client> connected;
  client nats;
  bucket b;
  watcher updates;
  {
    asio::io_context reactor(1);
    drive(reactor, [&]() -> asio::awaitable<void> {
      nats = co_await connect(server.url());
      b = co_await nats.create_bucket(bucket_config("B"));
      updates = b.watch_all();
      co_await initial_of(updates);
    });
    server.pause();
    b.put("k", "v", put);
    b.get("k", get);
    b.keys(keys);
    updates.next(next);
    nats.flush(flush);
    const auto waits = [&]() -> asio::awaitable<void> {
      watcher own = b.watch_all();
      co_await own.next();
    };
    asio::co_spawn(reactor, waits(), asio::detached);
    connect(reactor, server.url(), connected);
    reactor.poll();
    nats.close(close);
    reactor.poll();
  }
  const int all[] = {put.times(),   get.times(),   keys.times(),     next.times(),
                     flush.times(), close.times(), connected.times()};
  for (const int times : all) EXPECT_EQ(times, 0);
  EXPECT_FALSE(nats.is_connected());
}

bool is_ready(const auto& future) { return future.wait_for(0s) == std::future_status::ready; }

// fault: 78
TEST_P(client_life_test, the_reactor_may_be_stopped_behind_each_handler) {
  asio::io_context reactor(1);
  const auto work = [&]() -> asio::awaitable<void> {
    client nats = co_await connect(server.url());
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    watcher updates = b.watch_all();
    for (int i = 1; i <= 20; ++i) {
      const std::string text = std::to_string(i);
      EXPECT_EQ(co_await b.put("k", text), static_cast<revision>(i));
      EXPECT_EQ(co_await value_of(b, "k"), text);
      EXPECT_EQ(co_await next_of(updates), "k@" + text + "=" + text);
    }
    co_await nats.close();
  };
  auto done = asio::co_spawn(reactor, work(), asio::use_future);
  int stops = 0;
  for (; !is_ready(done); ++stops) {
    ASSERT_EQ(reactor.run_one_for(patience), 1u);
    reactor.stop();
    ASSERT_EQ(reactor.run(), 0u);
    reactor.restart();
  }
  done.get();
  EXPECT_GE(stops, 40);  // each put and each get waits for the server; an entry may come with the ack
}

// While it stands still, others write.
// fault: 78
TEST_P(client_life_test, the_reactor_may_be_stopped_by_handlers_and_run_again) {
  asio::io_context reactor(1);
  raw_client raw(server.port());
  bucket b;
  client nats;
  watcher updates;
  drive(reactor, [&]() -> asio::awaitable<void> {
    nats = co_await connect(server.url());
    b = co_await nats.create_bucket(bucket_config("B"));
    updates = b.watch_all();
    co_await initial_of(updates);
  });
  constexpr std::size_t count = 200, count_of_others = 20;
  std::size_t puts = 0, entries = 0, by_others = 0, stops = 0;
  std::function<void(error_code, revision)> put_next = [&](error_code ec, revision) {
    EXPECT_FALSE(ec) << ec;
    if (++puts % 10 == 0) reactor.stop();
    if (puts < count) b.put("mine." + std::to_string(puts), "v", put_next);
  };
  std::function<void(error_code, std::optional<entry>)> take = [&](error_code ec, std::optional<entry> e) {
    ASSERT_FALSE(ec) << ec;
    EXPECT_EQ(e->revision(), ++entries) << "lost, or twice";
    if (entries % 7 == 0 || entries >= count + by_others) reactor.stop();
    updates.next(take);
  };
  updates.next(take);
  b.put("mine.0", "v", put_next);
  for (; puts < count || entries < count + count_of_others; ++stops) {
    reactor.restart();
    reactor.run_for(patience);
    ASSERT_TRUE(reactor.stopped()) << "it waits for what never comes";
    if (by_others < count_of_others) raw.publish("$KV.B.theirs." + std::to_string(++by_others), "v");
  }
  EXPECT_GT(stops, count_of_others);
}

// Handlers that name no executor are called on the client's. Returns which were not.
template <class Strand>
asio::awaitable<std::string> live_on(Strand strand, std::string url) {
  struct record {
    int asked = 0, told = 0;
    std::string elsewhere;
  };
  const auto all = std::make_shared<record>();
  const auto here = [&](const char* what) {
    ++all->asked;
    return [all, strand, what](error_code ec, auto&&...) {
      ++all->told;
      if (ec || !strand.running_in_this_thread()) all->elsewhere += what + (": " + ec.message()) + '\n';
    };
  };
  const std::function<bool()> all_told = [all] { return all->told == all->asked; };
  connect(asio::any_io_executor(strand), url, here("connect"));
  client named = co_await connect(asio::any_io_executor(strand), url);
  client nats = co_await connect(url);  // on the executor of this coroutine
  EXPECT_TRUE(named.get_executor() == strand && nats.get_executor() == strand);
  bucket b = co_await nats.create_bucket(bucket_config("B"));
  watcher updates = b.watch_all();
  updates.next(here("next"));
  b.put("k", "v", here("put"));
  b.get("k", here("get"));
  named.open_bucket("B", here("open_bucket"));
  nats.flush(here("flush"));
  co_await until(all_told);
  nats.drain(here("drain"));
  co_await until(all_told);
  co_return all->elsewhere;
}

// fault: 79
TEST_P(client_life_test, on_a_strand_of_the_reactor_all_is_called_there) {
  asio::io_context reactor(1);
  const auto strand = asio::make_strand(reactor);
  auto elsewhere = asio::co_spawn(strand, live_on(strand, server.url()), asio::use_future);
  drive_until(reactor, [&] { return is_ready(elsewhere); });
  EXPECT_EQ(elsewhere.get(), "");
}

// A pool of one: a client belongs to one thread.
// fault: 79
TEST_P(client_life_test, on_a_strand_of_a_thread_pool_all_is_called_there) {
  asio::thread_pool pool(1);
  const auto strand = asio::make_strand(pool);
  auto elsewhere = asio::co_spawn(strand, live_on(strand, server.url()), asio::use_future);
  ASSERT_EQ(elsewhere.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(elsewhere.get(), "");
}

TEST_P(client_life_test, cancelled_operations_complete_and_harm_nobody) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    server.pause();
    heard<revision> cancelled, kept;
    asio::cancellation_signal signal;
    b.put("k", "v", asio::bind_cancellation_slot(signal.slot(), cancelled));
    b.put("k2", "v", kept);
    signal.emit(asio::cancellation_type::terminal);
    const auto told = [&] { return cancelled.done(); };
    co_await until(told);
    EXPECT_EQ(cancelled.code(), asio::error::operation_aborted);
    EXPECT_FALSE(kept.done());
    server.resume();
    const auto stored = [&] { return kept.done(); };
    co_await until(stored);
    EXPECT_FALSE(kept.code()) << kept.code();
    EXPECT_EQ(cancelled.times(), 1);
  });
}

TEST_P(client_life_test, deadlines_are_kept_by_a_silent_server) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    server.pause();
    auto [put, none] = co_await b.put("k", "v", {.timeout = 100ms}, nothrow);
    EXPECT_EQ(put, errc::outcome_unknown);
    auto [get, no_entry] = co_await b.get("k", {.timeout = 100ms}, nothrow);
    EXPECT_EQ(get, errc::timeout);
    auto [listed, no_keys] = co_await b.keys(">", {.timeout = 100ms}, nothrow);
    EXPECT_EQ(listed, errc::timeout);
    auto [status, no_status] = co_await b.status({.timeout = 100ms}, nothrow);
    EXPECT_EQ(status, errc::timeout);
    auto [flushed] = co_await nats.flush({.timeout = 100ms}, nothrow);
    EXPECT_EQ(flushed, errc::timeout);
    auto [created, no_bucket] = co_await nats.create_bucket(bucket_config("C"), {.timeout = 100ms}, nothrow);
    EXPECT_EQ(created, errc::outcome_unknown);
    server.resume();
    // Unknown: here it was stored. A read may overtake it, for the server stores on another goroutine than it reads.
    co_await nats.flush();
    std::string value = co_await value_of(b, "k");
    while (value == "none") value = co_await value_of(b, "k");
    EXPECT_EQ(value, "v");
    EXPECT_GT(nats.statistics().late_replies, 0u);
  });
}

}  // namespace
}  // namespace kvco::test

// The server falls silent (SIGSTOP) and goes on after a while: connections stay open, nothing comes.
#include <kvco_test/heavy/load.hpp>
#include <kvco_test/support/faults/fault_proxy.hpp>
#include <kvco_test/support/server/kv_test.hpp>
#include <set>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// P1: by its deadline, and this much for a machine that does other things, too.
constexpr auto slack = sanitized ? 1000ms : 250ms;

class pause_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(pause_test);

// fault: 12
TEST_P(pause_test, operations_end_at_their_deadlines_and_the_connection_survives) {
  with_bucket(bucket_config("B").history(10), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "before");
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "k@1=before");
    server.pause();
    constexpr std::size_t count = 50;
    const auto begin = steady_clock::now();
    std::vector<heard<revision>> puts(count);
    std::vector<heard<std::optional<entry>>> gets(count);
    for (std::size_t i = 0; i < count; ++i) {
      b.put("p." + std::to_string(i), "v", {.timeout = 500ms}, puts[i]);
      b.get("k", {.timeout = 500ms}, gets[i]);
    }
    const auto told = [&] {
      const auto done = [](const auto& one) { return one.done(); };
      return std::all_of(puts.begin(), puts.end(), done) && std::all_of(gets.begin(), gets.end(), done);
    };
    co_await until(told);
    const auto took = steady_clock::now() - begin;
    EXPECT_GE(took, 500ms);
    EXPECT_LT(took, 500ms + slack);
    for (const auto& put : puts) EXPECT_EQ(put.code(), errc::outcome_unknown) << put.code();
    for (const auto& get : gets) EXPECT_EQ(get.code(), errc::timeout) << get.code();

    server.resume();
    // They were in the server's socket: all were stored, each once.
    EXPECT_EQ(co_await b.put("k", "after"), count + 2);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(co_await next_of(updates), "p." + std::to_string(i) + "@" + std::to_string(i + 2) + "=v");
    }
    EXPECT_EQ(co_await next_of(updates), "k@" + std::to_string(count + 2) + "=after");
    EXPECT_EQ(nats.statistics().reconnects, 0u);
    EXPECT_EQ(nats.statistics().pending_requests, 0u);
    for (const auto& put : puts) EXPECT_EQ(put.times(), 1);
    for (const auto& get : gets) EXPECT_EQ(get.times(), 1);
  });
}

// fault: 10
TEST_P(pause_test, a_longer_silence_ends_the_connection_and_nothing_is_done_twice) {
  run([&]() -> asio::awaitable<void> {
    client nats =
        co_await connect(config(server.url())
                             .ping_interval(200ms)
                             .connect_timeout(300ms)
                             .reconnect([](auto& reconnect) { reconnect.initial_delay(5ms).max_delay(50ms); })
                             .timeout(20s));
    bucket b = co_await nats.create_bucket(bucket_config("B").history(10));
    watcher updates = b.watch_all({.heartbeat = 500ms});
    EXPECT_EQ(co_await initial_of(updates), "");
    co_await b.put("k", "before");
    server.pause();
    heard<revision> sent, waiting;
    heard<std::optional<entry>> get;
    b.put("k", "sent", sent);
    b.get("k", get);
    const auto silent = [&] { return !nats.is_connected(); };
    co_await until(silent);
    b.put("k", "waiting", waiting);
    const auto sent_told = [&] { return sent.done(); };
    co_await until(sent_told);
    EXPECT_EQ(sent.code(), errc::outcome_unknown) << sent.code();
    EXPECT_FALSE(waiting.done());
    EXPECT_FALSE(get.done());

    server.resume();
    const auto all_told = [&] { return waiting.done() && get.done(); };
    co_await until(all_told);
    EXPECT_FALSE(waiting.code()) << waiting.code();
    EXPECT_FALSE(get.code()) << get.code();
    // What had been sent was stored or not, and not more than once; the watch tells it the same way.
    std::string history = co_await history_of(b, "k");
    const bool stored = history == "k@1=before k@2=sent k@3=waiting";
    if (!stored) {
      EXPECT_EQ(history, "k@1=before k@2=waiting");
    }
    std::string seen = co_await next_of(updates);
    for (int i = stored ? 2 : 1; i > 0; --i) seen += " " + co_await next_of(updates);
    EXPECT_EQ(seen, history);
    EXPECT_GE(nats.statistics().reconnects, 1u);
  });
}

// 16 kbit/s and a long buffer. Much more is asked for than passes: all ends by its deadline, with a truth, and what waits
// for the line is bounded.
// fault: 14
TEST_P(pause_test, a_very_slow_line_is_not_filled_without_end) {
  constexpr std::size_t count = 3000;
  constexpr auto deadline = 3s;
  const std::string value(8'000, 'v');
  const auto work = [&]() -> asio::awaitable<void> {
    fault_proxy line(co_await asio::this_coro::executor, server.port());
    client nats = co_await connect(config(line.url()).write_buffer(64 * 1024));
    bucket b = co_await nats.create_bucket(bucket_config("B").history(1));
    co_await b.put("before", value);
    line.set_both({.bytes_per_second = 2'000, .gather = 400ms});

    memory_meter memory;
    const auto begin = steady_clock::now();
    std::vector<heard<revision>> puts(count);
    for (std::size_t i = 0; i < count; ++i)
      b.put("p." + std::to_string(i), value, {.timeout = deadline}, puts[i]);
    heard<std::optional<entry>> get;
    b.get("before", {.timeout = deadline}, get);
    std::size_t most_in_flight = 0;
    co_await until([&] {
      most_in_flight = std::max(most_in_flight, nats.statistics().pending_requests);
      memory.look();
      return get.done() && std::all_of(puts.begin(), puts.end(), [](const auto& one) { return one.done(); });
    });
    EXPECT_LT(steady_clock::now() - begin, deadline + slack);
    EXPECT_LT(most_in_flight, count / 4) << "they wait in the client, where they can be taken back";
    // Each waiting put has its value; nothing else.
    EXPECT_LT(memory.most(), sanitized ? 300 : 2.0 * static_cast<double>(count * value.size()) / 1e6);
    EXPECT_EQ(get.code(), errc::timeout) << get.code();
    std::set<std::string> may_be_stored{"before"};
    for (std::size_t i = 0; i < count; ++i) {
      if (puts[i].code() == errc::timeout) continue;
      EXPECT_TRUE(!puts[i].code() || puts[i].code() == errc::outcome_unknown) << puts[i].code();
      may_be_stored.insert("p." + std::to_string(i));
    }
    EXPECT_LT(may_be_stored.size(), count / 4);

    line.set_both({});
    co_await b.put("after", "v");
    may_be_stored.insert("after");
    for (const std::string& key : co_await b.keys()) {
      EXPECT_TRUE(may_be_stored.contains(key)) << key << " was told not to be stored";
    }
    EXPECT_EQ(nats.statistics().reconnects, 0u);
    EXPECT_TRUE(line.malformed().empty());
    co_await nats.close();
  };
  run(work, 60s);
}

}  // namespace
}  // namespace kvco::test

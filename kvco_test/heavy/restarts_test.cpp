// kill -9 of the server, again and again, while others write.
#include <kvco_test/heavy/load.hpp>
#include <kvco_test/support/server/kv_test.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <iostream>
#include <map>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t key_count = 1000;
constexpr std::size_t history = 64;
constexpr int kills = 4;
constexpr std::size_t writes_between_kills = 1500;

config restless_config(const nats_server& server) {
  return config(server.url())
      .reconnect([](auto& reconnect) { reconnect.initial_delay(5ms).max_delay(50ms); })
      .timeout(30s);
}

std::string key(std::size_t i) { return "k." + std::to_string(i); }

/// What is stored under a revision, as "key=value".
using revisions = std::map<revision, std::string>;

/// Writers that go on whatever happens, each on keys of its own; no key is written more often than the history is long.
class writers {
 public:
  explicit writers(const nats_server& server)
      : client_(restless_config(server), [this](client& nats) { return work(nats); }) {}
  ~writers() { stop_ = true; }

  std::size_t acknowledged() const { return count_; }
  void finish() {
    stop_ = true;
    client_.join();
  }
  const revisions& acked() const { return acked_; }
  std::size_t unknown() const { return unknown_; }

 private:
  static constexpr std::size_t copies = 20;

  asio::awaitable<void> work(client& nats) {
    bucket b = co_await nats.open_bucket("B");
    const auto reactor = co_await asio::this_coro::executor;
    open_ = copies;
    for (std::size_t i = 0; i < copies; ++i) {
      asio::co_spawn(reactor, write(b, i), [this](std::exception_ptr failure) {
        --open_;
        if (failure) std::rethrow_exception(failure);
      });
    }
    const auto all_done = [this] { return open_ == 0; };
    while (open_ > 0) {
      if (stop_)
        co_await until(all_done);
      else
        co_await pause();
    }
    co_await put(b, "end", "");
  }
  asio::awaitable<void> write(bucket b, std::size_t id) {
    for (std::size_t round = 1; round < history; ++round) {
      for (std::size_t i = id; i < key_count && !stop_; i += copies) {
        co_await put(b, key(i), std::to_string(id) + "." + std::to_string(round));
        co_await pause();
      }
    }
    EXPECT_TRUE(stop_) << "the history is full: further revisions would push out others";
  }
  asio::awaitable<void> put(bucket& b, std::string name, std::string value) {
    auto [ec, rev] = co_await b.put(name, value, nothrow);
    if (ec == errc::outcome_unknown) {
      ++unknown_;
    } else if (ec) {
      ADD_FAILURE() << "put: " << ec.message();
    } else {
      acked_[rev] = name + "=" + value;
      ++count_;
    }
  }
  asio::awaitable<void> pause() {  // 20 writers: some thousand writes per second
    asio::steady_timer timer(co_await asio::this_coro::executor, 4ms);
    co_await timer.async_wait(asio::deferred);
  }

  std::atomic<bool> stop_ = false;
  std::atomic<std::size_t> count_ = 0;
  std::size_t open_ = 0, unknown_ = 0;
  revisions acked_;
  other_client client_;  // the last one: its thread uses the others
};

/// Reads the live updates of a watch until the key "end".
struct reader {
  explicit reader(const nats_server& server)
      : client_(restless_config(server), [this](client& nats) { return work(nats); }) {}

  asio::awaitable<void> work(client& nats) {
    bucket b = co_await nats.open_bucket("B");
    watcher all = b.watch_all({.heartbeat = 1s});
    while (const std::optional<entry> e = co_await all.next_initial()) ++initial;
    stands = true;
    revision last = initial;
    while (const std::optional<entry> e = co_await all.next()) {
      EXPECT_GT(e->revision(), last) << "twice, or out of order";
      last = e->revision();
      live[last] = std::string(e->key()) + "=" + std::string(e->value());
      if (e->key() == "end") break;
    }
    reconnects = nats.statistics().reconnects;
  }

  std::atomic<bool> stands = false;
  std::size_t initial = 0;
  std::uint64_t reconnects = 0;
  revisions live;
  other_client client_;
};

/// All that the bucket holds behind `from`, read without kvco.
revisions read_everything(const nats_server& server, revision from) {
  raw_client raw(server.port());
  const std::string sid = raw.subscribe("oracle");
  const std::string created =
      api(raw, "CONSUMER.CREATE.KV_B",
          R"({"stream_name":"KV_B","config":{"deliver_subject":"oracle","deliver_policy":)"
          R"("all","ack_policy":"none","replay_policy":"instant"}})");
  revisions all;
  for (std::string pending; pending != "0";) {
    const raw_message m = raw.next(sid);
    std::vector<std::string> tokens{
        ""};  // $JS.ACK.<stream>.<consumer>.<delivered>.<sseq>.<cseq>.<time>.<pending>
    for (const char c : m.reply) {
      if (c == '.') {
        tokens.emplace_back();
      } else {
        tokens.back().push_back(c);
      }
    }
    const revision rev = std::stoull(tokens.at(5));
    if (rev > from) all[rev] = m.subject.substr(std::string("$KV.B.").size()) + "=" + m.payload;
    pending = tokens.at(8);
  }
  return all;
}

// The first difference, for a message that can be read.
std::string difference(const revisions& a, const revisions& b) {
  for (const auto& [rev, what] : a) {
    const auto other = b.find(rev);
    if (other == b.end()) return std::to_string(rev) + " " + what + " only in the first";
    if (other->second != what) return std::to_string(rev) + " " + what + " but " + other->second;
  }
  for (const auto& [rev, what] : b) {
    if (!a.contains(rev)) return std::to_string(rev) + " " + what + " only in the second";
  }
  return {};
}

class restarts_test : public generations_test {
 protected:
  /// Lets other threads go on until the condition holds.
  static void wait_until(const std::function<bool()>& condition) {
    run([&]() -> asio::awaitable<void> { co_await until(condition); });
  }
};
KVCO_ON_ALL_GENERATIONS(restarts_test);

// fault: 49
TEST_P(restarts_test, a_watch_gets_every_revision_once_and_in_order) {
  with_bucket(bucket_config("B").history(history),
              [&](client&, bucket&) -> asio::awaitable<void> { co_return; });
  preload(server.url(), "B", 0, key_count, key, 8);
  reader watching(server);
  wait_until([&] { return watching.stands.load() || watching.client_.done(); });
  writers writing(server);
  for (int i = 0; i < kills; ++i) {
    const std::size_t target = writing.acknowledged() + writes_between_kills;
    wait_until([&] { return writing.acknowledged() > target; });
    server.kill();
    server.start();
  }
  const std::size_t target = writing.acknowledged() + writes_between_kills;
  wait_until([&] { return writing.acknowledged() > target; });
  writing.finish();
  watching.client_.join();

  const revisions stored = read_everything(server, key_count);
  EXPECT_EQ(watching.initial, key_count);
  EXPECT_GE(watching.reconnects, static_cast<std::uint64_t>(kills));
  EXPECT_EQ(difference(watching.live, stored), "") << "what the watch gave, and what the server holds";
  std::size_t lost = 0;
  for (const auto& [rev, what] : writing.acked()) {
    const auto found = stored.find(rev);
    lost += found == stored.end() || found->second != what;
  }
  EXPECT_EQ(lost, 0u) << "acknowledged writes that the server does not hold";
  EXPECT_LE(stored.size(), writing.acked().size() + writing.unknown());
  std::cout << stored.size() << " revisions, " << writing.acked().size() << " acknowledged, "
            << writing.unknown() << " of unknown outcome, of these " << stored.size() - writing.acked().size()
            << " stored; " << watching.reconnects << " reconnects\n";
}

// nats.rs#1596: the recovery must not hang on somebody calling next().
// fault: 72
TEST_P(restarts_test, a_watch_that_nobody_reads_recovers_by_itself) {
  run(
      [&]() -> asio::awaitable<void> {
        client nats = co_await connect(restless_config(server));
        bucket b = co_await nats.create_bucket(bucket_config("B").history(history));
        co_await b.put("k.0", "0");
        watcher idle = b.watch_all({.heartbeat = 1s});
        EXPECT_EQ(co_await initial_of(idle), "k.0@1=0");
        std::size_t written = 0;
        for (int round = 1; round <= 3; ++round) {
          server.kill();
          server.start();
          preload(server.url(), "B", written, written + 100, key, 8);
          written += 100;
          const auto caught_up = [&] { return idle.queued() == written; };
          co_await until(caught_up);
          EXPECT_EQ(nats.statistics().reconnects, static_cast<std::uint64_t>(round));
        }
        for (std::size_t i = 0; i < written; ++i) {
          const std::optional<entry> e = co_await idle.next();
          EXPECT_EQ(e.value().key(), key(i));
          EXPECT_EQ(e->revision(), i + 2);
        }
      },
      60s);
}

}  // namespace
}  // namespace kvco::test

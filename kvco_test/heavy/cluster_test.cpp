// One client, or two hundred, on a cluster whose servers go and whose leaders change: what users see of it (20, 44, 45, 47).
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <kvco_test/support/server/kv_test.hpp>
#include <kvco_test/support/server/nats_cluster.hpp>
#include <kvco_test/support/server/reactor_thread.hpp>
#include <map>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view stream = "KV_B";

/// Users of a bucket with three replicas, on a thread of their own: each writes and reads a key of its own without a pause, and a
/// watch sees it all. Nothing may fail.
class users {
 public:
  explicit users(nats_cluster& cluster) : cluster_(cluster) {
    asio::co_spawn(thread_.reactor(), begin(cluster.urls()), asio::use_future).get();
  }

  /// Waits until each has written twenty times more.
  void go_on() {
    std::array<std::uint64_t, count> enough;
    std::transform(written_.begin(), written_.end(), enough.begin(),
                   [](const auto& has) { return has + 20; });
    const auto did = [&] {
      return std::equal(written_.begin(), written_.end(), enough.begin(),
                        std::greater_equal<std::uint64_t>());
    };
    const auto give_up = std::chrono::steady_clock::now() + 60s;
    while (!did() && std::chrono::steady_clock::now() < give_up) std::this_thread::sleep_for(5ms);
    EXPECT_TRUE(did()) << "they do not go on; the nodes say:" << told_by_nodes();
  }
  /// The watch must have ended with what was written last of each key.
  void finish() {
    stop_ = true;
    asio::co_spawn(thread_.reactor(), end(), asio::use_future).get();
  }

 private:
  static constexpr std::size_t count = 8;
  static constexpr duration deadline = 20s;

  asio::awaitable<void> begin(std::string urls) {
    nats_ = co_await connect(config(urls).timeout(deadline));
    bucket_ = co_await nats_.create_bucket(bucket_config("B").replicas(3).history(5));
    updates_ = bucket_.watch_all();
    co_await initial_of(updates_);
    const auto reactor = co_await asio::this_coro::executor;
    open_ = count + 1;
    asio::co_spawn(reactor, follow(), [this](std::exception_ptr failure) { note_end(failure); });
    for (std::size_t i = 0; i < count; ++i) {
      asio::co_spawn(reactor, work(i), [this](std::exception_ptr failure) { note_end(failure); });
    }
  }
  void note_end(std::exception_ptr failure) {
    --open_;
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what() << "\n" << state();
    }
  }
  std::string state() {
    std::string all = "they are in: ";
    for (const std::string_view what : doing_) all += std::string(what) + ", ";
    const kvco::statistics s = nats_.statistics();
    return all + "reads repeated: " + std::to_string(s.repeated_reads) +
           ", reconnects: " + std::to_string(s.reconnects) +
           (testing::Test::HasFailure() ? "" : "; the nodes say:" + told_by_nodes());
  }
  // A list inside of a coroutine is too much for g++ 12.
  static std::vector<std::string> with_nothing(const std::string& key) { return {key, "nothing"}; }
  asio::awaitable<void> work(std::size_t i) {
    bucket b = bucket_;
    const std::string key = "k." + std::to_string(i);
    const std::vector<std::string> two = with_nothing(key);
    revision last = 0;
    for (std::uint64_t round = 1; !stop_; ++round) {
      const std::string value = std::to_string(round);
      doing_[i] = "update";
      last = co_await b.update(key, value, last, {.retry = retry::idempotent});
      last_[key] = last;
      ++written_[i];
      doing_[i] = "get";
      const std::optional<entry> e = co_await b.get(key);
      EXPECT_TRUE(e && e->value() == value && e->revision() == last)
          << key << " " << value << ": " << show(e);
      if (round % 4 != 0) continue;
      doing_[i] = "get_many";
      const auto all = co_await b.get_many(two);
      EXPECT_TRUE(all.front() && all.front()->revision() == last && !all.back()) << key;
    }
    if (--working_ == 0) co_await b.put("end", "");
  }
  asio::awaitable<void> follow() {
    while (const std::optional<entry> e = co_await updates_.next()) {
      EXPECT_GT(e->revision(), seen_revision_);
      seen_revision_ = e->revision();
      if (e->key() == "end") break;
      seen_[std::string(e->key())] = e->revision();
    }
  }
  asio::awaitable<void> end() {
    co_await until([this] { return open_ == 0; });
    EXPECT_EQ(seen_, last_);
    updates_.stop();
    co_await nats_.close();
  }

  std::string told_by_nodes() {
    std::string all;
    for (std::size_t i = 0; i < nats_cluster::size; ++i) {
      all += "\nn" + std::to_string(i) + ": " +
             cluster_.ask_node(i, "$JS.API.STREAM.INFO." + std::string(stream)).value_or("nothing");
    }
    return all;
  }

  nats_cluster& cluster_;
  std::atomic<bool> stop_ = false;
  std::array<std::atomic<std::uint64_t>, count> written_{};
  std::size_t open_ = 0, working_ = count;
  std::map<std::string, revision> last_, seen_;
  std::array<std::string_view, count> doing_;
  revision seen_revision_ = 0;
  client nats_;
  bucket bucket_;
  watcher updates_;
  reactor_thread thread_;
};

class cluster_test : public testing::TestWithParam<std::string> {
 protected:
  void wait_until_healthy() { cluster.wait_until_healthy(stream); }
  nats_cluster cluster{nodes_of(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(on, cluster_test, testing::Values("2.10", "newest"), generation_name{});

// fault: 47
TEST_P(cluster_test, leaders_that_step_down_are_not_noticed) {
  users all(cluster);
  for (int i = 0; i < 20; ++i) {
    do wait_until_healthy();
    while (!cluster.step_down(stream));  // it may have gone by itself meanwhile
    if (i % 4 == 0) cluster.meta_step_down();
    all.go_on();
  }
  all.finish();
}

// fault: 44
TEST_P(cluster_test, lame_duck_mode_of_each_node_in_turn_is_not_noticed) {
  users all(cluster);
  for (std::size_t i = 0; i < nats_cluster::size; ++i) {
    wait_until_healthy();
    cluster.retire(i);
    all.go_on();
    cluster.node(i).start();
  }
  all.finish();
}

// fault: 45
TEST_P(cluster_test, kill_9_of_leaders_is_not_noticed) {
  users all(cluster);
  for (int i = 0; i < 3; ++i) {
    wait_until_healthy();
    const std::size_t leader = cluster.wait_for_leader(stream);
    cluster.node(leader).kill();
    all.go_on();
    cluster.node(leader).start();
  }
  all.finish();
}

// Two hundred clients lose the same node: they come back one after the other, to both of the others, and at the first attempt.
// fault: 20
TEST_P(cluster_test, two_hundred_clients_do_not_come_back_at_once) {
  constexpr std::size_t count = 200;
  constexpr duration window = 1s;
  std::vector<duration> pauses;  // before the first attempt
  std::vector<client> clients;
  const auto ports = [&] {  // of the nodes, with the clients that they have
    std::map<std::uint16_t, std::size_t> by_port;
    for (const client& nats : clients) ++by_port[nats.server_info().port];
    return by_port;
  };
  asio::io_context reactor;
  drive(reactor, [&]() -> asio::awaitable<void> {
    config settings = config(cluster.urls())
                          .reconnect([&](auto& reconnect) { reconnect.initial_delay(window).max_delay(5s); })
                          .observe([&](auto& observe) {
                            observe.on_event([&](const client_event& e) {
                              if (e.kind == event_kind::reconnecting && e.attempt == 1)
                                pauses.push_back(e.delay);
                            });
                          });
    for (std::size_t i = 0; i < count; ++i) clients.push_back(co_await connect(settings));
    bucket b = co_await clients.front().create_bucket(bucket_config("B").replicas(3));
    for (const auto& [port, has] : ports()) EXPECT_GT(has, count / 6) << port;

    const std::size_t lost = ports()[cluster.node(0).port()];
    cluster.node(0).kill();
    co_await until([&] { return pauses.size() >= lost; });
    co_await until([&] {
      return std::all_of(clients.begin(), clients.end(), [](const client& c) { return c.is_connected(); });
    });
    EXPECT_EQ(pauses.size(), lost);
    for (duration begin{}; begin < window; begin += window / 4) {
      const auto in_quarter = std::count_if(pauses.begin(), pauses.end(), [&](duration pause) {
        return begin <= pause && pause <= begin + window / 4;
      });
      EXPECT_GT(in_quarter, static_cast<std::ptrdiff_t>(lost / 12)) << "not spread over the window";
    }
    EXPECT_EQ(ports().size(), 2u);
    for (const auto& [port, has] : ports()) EXPECT_GT(has, count / 4) << "not balanced: " << port;
    std::uint64_t failed = 0;
    for (const client& nats : clients) failed += nats.statistics().failed_attempts;
    EXPECT_EQ(failed, 0u) << "they knew that this server was gone";
    for (client& nats : clients) {
      bucket own = co_await nats.open_bucket("B");
      co_await own.put("k", "v", {.retry = retry::idempotent});
    }
    for (client& nats : clients) co_await nats.close();
  });
}

// A bucket with one replica, on a node that is gone: no server can report its state (STREAM.LIST names it as missing), nor that it
// cannot (STREAM.INFO is not answered).
TEST_P(cluster_test, a_listing_goes_past_a_bucket_that_no_server_reports) {
  asio::io_context reactor;
  drive(
      reactor,
      [&]() -> asio::awaitable<void> {
        client nats = co_await connect(config(cluster.urls()).timeout(20s));
        co_await nats.create_bucket(bucket_config("LOST"));
        cluster.node(cluster.wait_for_leader("KV_LOST")).kill();
        std::string there;  // made by the others, once they know that one is gone
        for (int i = 0; there.empty(); ++i) {
          const std::string name = "THERE" + std::to_string(i);
          try {
            co_await nats.create_bucket(bucket_config(name), {.timeout = 5s});
            there = name;
          } catch (const boost::system::system_error&) {
          }
        }
        std::map<std::string, bool> reported;
        bucket_listing<bucket_status> all = list_bucket_statuses(nats);
        while (std::optional<bucket_status> each = co_await all.next()) {
          reported[each->config.name()] = is_reported(*each);
        }
        EXPECT_TRUE(reported.contains("LOST"));
        EXPECT_FALSE(reported["LOST"]);
        EXPECT_TRUE(reported[there]);
        const std::vector<std::string> names = co_await nats.bucket_names();
        EXPECT_EQ(std::count(names.begin(), names.end(), "LOST"), 1);
        co_await nats.close();
      },
      120s);
}

}  // namespace
}  // namespace kvco::test

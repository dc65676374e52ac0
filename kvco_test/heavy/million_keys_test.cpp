// A million keys, and somebody who writes all the time.
#include <kvco_test/heavy/load.hpp>
#include <kvco_test/support/server/kv_test.hpp>

#include <boost/asio/co_spawn.hpp>
#include <iostream>
#include <random>
#include <unordered_map>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t key_count = 1'000'000;

std::string old_key(std::size_t i) { return "old." + std::to_string(i); }
std::string new_key(std::size_t i) { return "new." + std::to_string(i); }

// The number in a key of the family, or nothing.
std::optional<std::size_t> number_in(std::string_view key, std::string_view family) {
  if (!key.starts_with(family) || key[family.size()] != '.') return std::nullopt;
  return std::stoul(std::string(key.substr(family.size() + 1)));
}

struct write {
  revision rev;
  std::string key;
};

/// "r1 r2 of 1000001 to 1005000"
std::string revisions_of(const std::string& key, const std::vector<write>& all) {
  std::string text;
  for (const write& each : all) {
    if (each.key == key) text += std::to_string(each.rev) + " ";
  }
  return text + "of " + std::to_string(all.front().rev) + " to " + std::to_string(all.back().rev);
}

/// Overwrites random keys and adds new ones until it is told to stop; then it writes the key "end".
class busy_writer {
 public:
  explicit busy_writer(const nats_server& server)
      : client_(config(server.url()), [this](client& nats) { return work(nats); }) {}
  ~busy_writer() { stop_ = true; }

  /// How many of the keys new.0, new.1 ... were acknowledged in one piece.
  std::size_t added() const { return added_; }
  void stop() { stop_ = true; }
  /// Its acknowledged writes, in the order of their revisions.
  std::vector<write> join() {
    client_.join();
    std::sort(writes_.begin(), writes_.end(), [](const write& a, const write& b) { return a.rev < b.rev; });
    return std::move(writes_);
  }

 private:
  static constexpr int overwriters = 16;

  asio::awaitable<void> work(client& nats) {
    bucket b = co_await nats.open_bucket("BIG");
    open_ = overwriters + 1;
    const auto count_down = [this](std::exception_ptr failure) {
      --open_;
      if (failure) std::rethrow_exception(failure);
    };
    const auto reactor = co_await asio::this_coro::executor;
    for (int i = 0; i < overwriters; ++i) asio::co_spawn(reactor, overwrite(b), count_down);
    asio::co_spawn(reactor, add(b), count_down);
    asio::steady_timer timer(reactor);
    while (open_ > 0) {
      timer.expires_after(1ms);
      co_await timer.async_wait(asio::deferred);
    }
    const revision last = co_await b.put("end", "");
    writes_.push_back({last, "end"});
  }
  asio::awaitable<void> overwrite(bucket b) {
    while (!stop_) co_await put(b, old_key(random_() % key_count));
  }
  asio::awaitable<void> add(bucket b) {
    while (!stop_) {
      co_await put(b, new_key(added_));
      ++added_;
    }
  }
  asio::awaitable<void> put(bucket& b, std::string key) {
    const revision rev = co_await b.put(key, "again");
    writes_.push_back({rev, std::move(key)});
  }

  std::atomic<bool> stop_ = false;
  std::atomic<std::size_t> added_ = 0;
  int open_ = 0;
  std::mt19937 random_{42};
  std::vector<write> writes_;
  other_client client_;  // the last one: its thread uses the others
};

class million_keys_test : public server_test {
 protected:
  void SetUp() override {
    with_client([&](client& nats) -> asio::awaitable<void> {
      co_await nats.create_bucket(bucket_config("BIG").storage(storage::memory));
    });
    preload(server.url(), "BIG", 0, key_count, old_key, 32);
  }
  /// A client and the bucket, with patience for a machine that does other things, too.
  void with_big_bucket(const bucket_work& what) {
    run(
        [&]() -> asio::awaitable<void> {
          client nats = co_await connect(config(server.url()).timeout(60s));
          bucket b = co_await nats.open_bucket("BIG");
          co_await what(nats, b);
          EXPECT_EQ(nats.statistics().reconnects, 0u);
        },
        4min);
    EXPECT_EQ(server.log().find("Slow Consumer"), std::string::npos);
  }
};

// fault: 70
TEST_F(million_keys_test, a_watch_gets_each_once_with_flat_memory) {
  with_big_bucket([&](client&, bucket& b) -> asio::awaitable<void> {
    std::vector<char> given(key_count, 0);
    memory_meter memory;
    std::size_t count = 0;
    revision last = 0;
    watcher all = b.watch_all();
    while (const std::optional<entry> e = co_await all.next_initial()) {
      EXPECT_GT(e->revision(), std::exchange(last, e->revision()));
      const auto number = number_in(e->key(), "old");
      if (!number || *number >= key_count || std::exchange(given[*number], 1) != 0) {
        ADD_FAILURE() << "unexpected: " << show(*e);
        co_return;
      }
      if (++count % 10'000 == 0) memory.look();
    }
    EXPECT_EQ(count, key_count);
    EXPECT_TRUE(all.initial_complete());
    EXPECT_LT(memory.most(), memory_limit_mb);
    std::cout << count << " keys; resident memory grew by " << memory.most() << " MB at most\n";

    co_await b.put("one.more", "v");
    EXPECT_EQ(co_await next_of(all), "one.more@" + std::to_string(key_count + 1) + "=v");
  });
}

// fault: 70
TEST_F(million_keys_test, a_watch_misses_none_while_they_are_overwritten) {
  with_big_bucket([&](client&, bucket& b) -> asio::awaitable<void> {
    std::vector<char> given(key_count, 0);
    std::unordered_map<std::string, revision> last_of_key;
    std::vector<write> live;
    busy_writer writer(server);
    const auto writing = [&] { return writer.added() > 100; };
    co_await until(writing);

    memory_meter memory;
    std::size_t count = 0, distinct = 0, added_before = writer.added();
    std::vector<char> given_new(added_before, 0);
    revision last = 0;
    watcher all = b.watch_all();
    while (const std::optional<entry> e = co_await all.next_initial()) {
      EXPECT_GT(e->revision(), std::exchange(last, e->revision()));
      if (const auto number = number_in(e->key(), "old")) distinct += std::exchange(given[*number], 1) == 0;
      const auto added = number_in(e->key(), "new");
      if (added && *added < added_before) given_new[*added] = 1;
      if (++count % 10'000 == 0) memory.look();
    }
    EXPECT_EQ(distinct, key_count) << "keys that were there from the beginning came too late";
    EXPECT_EQ(std::count(given_new.begin(), given_new.end(), 1), static_cast<std::ptrdiff_t>(added_before));
    EXPECT_LT(memory.most(), memory_limit_mb);
    const revision initial_end = last;

    const std::size_t added_then = writer.added();
    const auto more = [&] { return writer.added() > added_then + 500; };
    co_await until(more);
    writer.stop();
    while (const std::optional<entry> e = co_await all.next()) {
      EXPECT_GT(e->revision(), std::exchange(last, e->revision()));
      live.push_back({e->revision(), std::string(e->key())});
      if (e->key() == "end") break;
    }
    const std::vector<write> written = writer.join();
    std::cout << count << " initial entries of " << key_count << " keys, " << live.size() << " live ones, "
              << written.size() << " writes meanwhile; resident memory grew by " << memory.most()
              << " MB at most\n";

    // History 1: what was overwritten before it was read is gone. The last word on each key is not.
    for (const write& w : written) last_of_key[w.key] = w.rev;
    std::unordered_map<revision, std::string_view> key_of;
    for (const write& w : written) key_of[w.rev] = w.key;
    std::unordered_map<std::string, revision> seen;
    for (const write& w : live) {
      seen[w.key] = w.rev;
      EXPECT_EQ(key_of[w.rev], w.key) << "revision " << w.rev << " was not written like that";
    }
    for (const auto& [key, rev] : last_of_key) {
      if (rev > initial_end) {
        EXPECT_EQ(seen[key], rev) << key;
      }
    }
  });
}

// fault: 70
TEST_F(million_keys_test, a_list_of_keys_is_complete_while_they_are_overwritten) {
  with_big_bucket([&](client&, bucket& b) -> asio::awaitable<void> {
    busy_writer writer(server);
    const auto writing = [&] { return writer.added() > 100; };
    co_await until(writing);
    const std::size_t added_before = writer.added();
    const std::vector<std::string> keys = co_await b.keys();
    writer.stop();

    std::vector<char> given(key_count, 0), given_new(added_before, 0);
    std::size_t twice = 0;
    for (const std::string& key : keys) {
      if (const auto number = number_in(key, "old")) twice += std::exchange(given[*number], 1) != 0;
      const auto added = number_in(key, "new");
      if (added && *added < added_before) twice += std::exchange(given_new[*added], 1) != 0;
    }
    EXPECT_EQ(twice, 0u);
    EXPECT_EQ(std::count(given.begin(), given.end(), 1), static_cast<std::ptrdiff_t>(key_count));
    EXPECT_EQ(std::count(given_new.begin(), given_new.end(), 1), static_cast<std::ptrdiff_t>(added_before));
    const std::vector<write> written = writer.join();
    std::cout << keys.size() << " keys listed, " << written.size() << " writes meanwhile\n";
    for (std::size_t i = 0; i < key_count; ++i) {
      if (given[i] == 0)
        std::cout << old_key(i) << " is missing, written " << revisions_of(old_key(i), written) << '\n';
    }
  });
}

}  // namespace
}  // namespace kvco::test

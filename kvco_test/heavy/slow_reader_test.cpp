// Somebody takes an entry now and then while 50 000 a second are written: nothing is lost, nobody else notices.
#include <kvco_test/heavy/load.hpp>
#include <kvco_test/support/server/kv_test.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <iostream>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::size_t per_second = 50'000;
// The first ones are read at full speed: the server doubles its window up to 32 MB, the worst case for what comes then.
constexpr std::size_t before = 300'000;
constexpr std::size_t total = before + 8 * per_second;
// Of keys and values; what is queued has some overhead per entry.
constexpr double window_mb = 32;
// What an entry of 64 bytes takes beside its bytes: AddressSanitizer's red zones are larger than it is.
constexpr double per_entry_factor = sanitized ? 6 : 2;

std::string fast_key(std::size_t i) { return "fast." + std::to_string(i); }

class slow_reader_test : public server_test {};

/// Other work on the same connection: has to go on as if there were no watch.
struct others {
  bool stop = false, done = false;
  std::size_t operations = 0;
  steady_clock::duration longest{};
};

asio::awaitable<void> work_beside(bucket b, others& state) {
  while (!state.stop) {
    const auto begin = steady_clock::now();
    const revision put = co_await b.put("other", "v", {.timeout = 5s});
    const std::optional<entry> got = co_await b.get("other", {.timeout = 5s});
    EXPECT_EQ(got.value().revision(), put);
    state.operations += 2;
    state.longest = std::max(state.longest, (steady_clock::now() - begin) / 2);
  }
  state.done = true;
}

// 500 at a time, a hundred times a second, by a client that shares no code with kvco.
void write_fast(const std::string& url) {
  constexpr std::size_t batch = per_second / 100;
  auto next = steady_clock::now();
  for (std::size_t i = before; i < total; i += batch) {
    preload(url, "B", i, i + batch, fast_key, 64);
    std::this_thread::sleep_until(next += 10ms);
  }
}

// fault: 71
TEST_F(slow_reader_test, loses_nothing_and_disturbs_nobody) {
  with_bucket(
      bucket_config("B").storage(storage::memory), [&](client& nats, bucket& b) -> asio::awaitable<void> {
        preload(server.url(), "B", 0, before, fast_key, 64);
        std::size_t taken = 0, most_queued = 0;
        revision last = 0;
        bool in_order = true;
        const auto take = [&](const std::optional<entry>& e) {
          in_order = in_order && e.value().key() == fast_key(taken) && e->revision() > last;
          last = e->revision();
          ++taken;
        };
        memory_meter memory;
        watcher updates = b.watch("fast.*");
        while (const std::optional<entry> e = co_await updates.next_initial()) take(e);
        EXPECT_EQ(taken, before);

        others beside;
        const auto reactor = co_await asio::this_coro::executor;
        asio::co_spawn(reactor, work_beside(b, beside), [](std::exception_ptr failure) {
          if (failure) std::rethrow_exception(failure);
        });
        std::atomic<bool> written = false;
        const auto begin = steady_clock::now();
        std::thread writer([&] {
          write_fast(server.url());
          written = true;
        });
        struct join_at_end {
          std::thread& thread;
          ~join_at_end() { thread.join(); }
        } joining{writer};

        asio::steady_timer pause(reactor);
        while (!written) {
          take(co_await updates.next());
          most_queued = std::max(most_queued, updates.queued());
          memory.look();
          pause.expires_after(50ms);
          co_await pause.async_wait(asio::deferred);
        }
        const double seconds = std::chrono::duration<double>(steady_clock::now() - begin).count();
        const std::size_t slowly = taken - before;
        while (taken < total && in_order) {
          take(co_await updates.next());
          if (taken % 1000 == 0) memory.look();
        }
        beside.stop = true;
        const auto ended = [&] { return beside.done; };
        co_await until(ended);

        EXPECT_TRUE(in_order) << "around number " << taken;
        EXPECT_EQ(taken, total);
        EXPECT_EQ(updates.queued(), 0u);
        EXPECT_EQ(nats.statistics().reconnects, 0u);
        EXPECT_EQ(server.log().find("Slow Consumer"), std::string::npos);
        EXPECT_LT(memory.most(), memory_limit_mb + per_entry_factor * window_mb);
        std::cout << (total - before) / seconds << " written per second, " << slowly << " taken meanwhile, "
                  << most_queued << " waiting at most; resident memory grew by " << memory.most()
                  << " MB at most; " << beside.operations << " other operations, the longest took "
                  << std::chrono::duration<double, std::milli>(beside.longest).count() << " ms\n";
      });
}

// The same for a long time: what was taken already must not be kept, however long the queue never runs dry.
// fault: 71
TEST_F(slow_reader_test, a_queue_that_never_runs_dry_stays_small) {
  with_bucket(bucket_config("B").storage(storage::memory), [&](client&, bucket& b) -> asio::awaitable<void> {
    preload(server.url(), "B", 0, before, fast_key, 64);
    watcher updates = b.watch("fast.*");
    std::size_t taken = 0;
    memory_meter memory;
    const auto some = [&] { return updates.queued() > 100; };
    while (taken < before - 1000) {
      if (updates.queued() <= 100) co_await until(some);
      const std::optional<entry> e = co_await updates.next();
      EXPECT_EQ(e.value().key(), fast_key(taken));
      if (++taken % 1000 == 0) memory.look();
    }
    EXPECT_LT(memory.most(), memory_limit_mb);
    std::cout << "resident memory grew by " << memory.most() << " MB at most\n";
  });
}

}  // namespace
}  // namespace kvco::test

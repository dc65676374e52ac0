// Clients on strands of a thread pool: they share one execution context, its threads, and what users give to all of them.
// `kvco_test/run threads --preset tsan` looks at it with ThreadSanitizer.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <kvco/kvco.hpp>
#include <kvco_test/support/server/nats_server.hpp>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace kvco::test {
namespace {

namespace asio = boost::asio;

constexpr int threads = 4, strands = 12, rounds = 5, writes = 40;

/// What all clients share.
class shared_place {
 public:
  explicit shared_place(std::string url) : settings(std::move(url)) {
    settings.observe().operations(metrics);
    settings.observe().on_event([this](const client_event&) { ++events; });
  }
  void complain(std::string of) {
    const std::lock_guard lock(guard_);
    complaints_.push_back(std::move(of));
  }
  void hand_over(std::vector<entry> some) {
    const std::lock_guard lock(guard_);
    for (entry& each : some) entries_.push_back(std::move(each));
  }
  std::vector<entry> take_entries() {
    const std::lock_guard lock(guard_);
    return std::exchange(entries_, {});
  }
  std::vector<std::string> complaints() {
    const std::lock_guard lock(guard_);
    return complaints_;
  }

  const std::shared_ptr<prometheus_metrics> metrics = std::make_shared<prometheus_metrics>();
  std::atomic<int> events = 0;
  config settings;

 private:
  std::mutex guard_;
  std::vector<entry> entries_;
  std::vector<std::string> complaints_;
};
using place = std::shared_ptr<shared_place>;

struct write_count {
  int stored = 0, failed = 0, aborted = 0;
};

std::string key_of(int number, int i) { return "k" + std::to_string(number) + "." + std::to_string(i); }

auto note_write(const std::shared_ptr<write_count>& count) {
  return [count](error_code code, revision) {
    ++(code == asio::error::operation_aborted ? count->aborted : code ? count->failed : count->stored);
  };
}

/// Writes as many at once as there are, and takes them from a watch in each way there is.
asio::awaitable<void> load(place at, bucket kv, int number) {
  watcher updates = kv.watch("k" + std::to_string(number) + ".*", {.updates_only = true});
  co_await updates.ready();
  const auto count = std::make_shared<write_count>();
  for (int i = 0; i < writes; ++i) kv.put(key_of(number, i), std::string(100, 'x'), note_write(count));
  for (int taken = 0; taken < writes;) {
    auto first = co_await updates.next(nothrow);
    auto& [code, one] = first;
    if (code || !one) co_return at->complain("next(): " + code.message());
    std::vector<entry> some;
    some.push_back(std::move(*one));
    if (updates.queued() > 0) {
      auto batch = co_await updates.next_batch(5);
      for (entry& each : *batch) some.push_back(std::move(each));
    }
    taken += static_cast<int>(some.size());
    at->hand_over(std::move(some));
  }
  // An entry may come before the reply to its write.
  while (count->stored + count->failed < writes) co_await kv.get(key_of(number, 0));
  if (count->failed != 0) at->complain("writes failed: " + std::to_string(count->failed));
}

/// Reads and lists, and cancels what it has begun.
asio::awaitable<void> read(place at, bucket kv, int number) {
  const std::vector<std::string> keys = {key_of(number, 0), key_of(number, 1), "none"};
  for (int i = 0; i < 5; ++i) {
    const auto of_get = std::make_shared<asio::cancellation_signal>();
    const auto of_next = std::make_shared<asio::cancellation_signal>();
    kv.get(keys[0], asio::bind_cancellation_slot(of_get->slot(), [at, of_get](error_code code, auto&&) {
             if (code != asio::error::operation_aborted) at->complain("get(): " + code.message());
           }));
    watcher all = kv.watch_all();
    all.next(asio::bind_cancellation_slot(of_next->slot(), [of_next](error_code, auto&&) {}));
    of_get->emit(asio::cancellation_type::terminal);
    of_next->emit(asio::cancellation_type::terminal);
    co_await kv.get_many(keys);
    co_await kv.keys("k" + std::to_string(number) + ".*");
  }
}

/// Leaves with all that a client can have pending.
void leave_in_the_middle(client nats, bucket kv, int number) {
  const auto count = std::make_shared<write_count>();
  for (int i = 0; i < 5; ++i) kv.put(key_of(number, i), "last", note_write(count));
  watcher updates = kv.watch_all();
  updates.ready([](error_code) {});
  updates.next([](error_code, auto&&) {});
  nats.rtt([](error_code, duration) {});
}

asio::awaitable<void> come_and_go(place at, int number) {
  for (int round = 0; round < rounds; ++round) {
    client nats = co_await connect(at->settings);
    bucket kv = co_await nats.ensure_bucket(bucket_config("B"));
    co_await load(at, kv, number);
    co_await read(at, kv, number);
    static_cast<void>(nats.health());
    if (round % 2 == 0) {
      co_await nats.close();
    } else {
      leave_in_the_middle(std::move(nats), std::move(kv), number);
    }
  }
}

// What it throws ends here: other threads hear of it by words.
asio::awaitable<void> complain_of_errors(place at, asio::awaitable<void> work) {
  try {
    co_await std::move(work);
  } catch (const std::exception& thrown) {
    at->complain(thrown.what());
  }
}

class strands_of_a_pool : public testing::Test {
 protected:
  void expect_no_complaints() {
    for (const std::string& each : at->complaints()) ADD_FAILURE() << each;
  }

  nats_server server;
  place at = std::make_shared<shared_place>(server.url());
  asio::thread_pool pool{threads};
};

// contract: 8
TEST_F(strands_of_a_pool, clients_come_and_go_under_load) {
  std::vector<std::future<void>> ends;
  for (int i = 0; i < strands; ++i) {
    ends.push_back(asio::co_spawn(asio::make_strand(pool), complain_of_errors(at, come_and_go(at, i)),
                                  asio::use_future));
  }
  // Beside them this thread has the results, and looks at the metrics.
  std::size_t entries = 0;
  for (std::future<void>& end : ends) {
    while (end.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
      static_cast<void>(at->metrics->render());
      entries += at->take_entries().size();
    }
    end.get();
  }
  pool.join();
  entries += at->take_entries().size();
  expect_no_complaints();
  EXPECT_EQ(entries, static_cast<std::size_t>(strands * rounds * writes));
  EXPECT_GE(at->events, strands * rounds);
  EXPECT_NE(at->metrics->render().find("operation=\"get_many\""), std::string::npos) << at->metrics->render();
}

asio::awaitable<void> use(place at, client nats, int number) {
  co_await nats.connected();
  bucket kv = co_await nats.ensure_bucket(bucket_config("B"));
  co_await load(at, kv, number);
}

// A client is made and connected from outside of its strand, as long as everything else happens there.
// contract: 8
TEST_F(strands_of_a_pool, clients_are_made_on_another_thread) {
  std::vector<std::future<void>> ends;
  for (int i = 0; i < strands; ++i) {
    const auto strand = asio::make_strand(pool);
    client made(strand, at->settings);
    ends.push_back(
        asio::co_spawn(strand, complain_of_errors(at, use(at, std::move(made), i)), asio::use_future));
    const auto other = asio::make_strand(pool);
    client connected = connect(other, at->settings, asio::use_future).get();
    ends.push_back(
        asio::co_spawn(other, complain_of_errors(at, use(at, std::move(connected), i)), asio::use_future));
  }
  for (std::future<void>& end : ends) end.get();
  pool.join();
  expect_no_complaints();
}

asio::awaitable<void> work_until_the_end(place at, int number, std::shared_ptr<std::promise<void>> begun) {
  client nats = co_await connect(at->settings);
  bucket kv = co_await nats.ensure_bucket(bucket_config("B"));
  watcher updates = kv.watch_all();
  co_await updates.ready();
  begun->set_value();
  while (true) {
    kv.put(key_of(number, 0), "again", [](error_code, revision) {});
    co_await updates.next();
  }
}

// contract: 8
TEST_F(strands_of_a_pool, the_pool_ends_under_them) {
  std::vector<std::future<void>> begun;
  {
    asio::thread_pool short_lived(threads);
    for (int i = 0; i < strands; ++i) {
      const auto promise = std::make_shared<std::promise<void>>();
      begun.push_back(promise->get_future());
      asio::co_spawn(asio::make_strand(short_lived), work_until_the_end(at, i, promise), asio::detached);
    }
    for (std::future<void>& each : begun) each.get();
  }
  expect_no_complaints();
}

asio::awaitable<bucket> open_bucket(place at) {
  client nats = co_await connect(at->settings);
  co_return co_await nats.ensure_bucket(bucket_config("B"));
}
asio::awaitable<watcher> watch(bucket kv) {
  watcher updates = kv.watch_all();
  co_await updates.ready();
  co_return updates;
}

// A strand must not outlive its pool: the handles leave theirs.
// contract: 8
TEST_F(strands_of_a_pool, handles_outlive_it) {
  watcher updates;
  bucket kv;
  {
    asio::thread_pool short_lived(threads);
    const auto strand = asio::make_strand(short_lived);
    kv = asio::co_spawn(strand, open_bucket(at), asio::use_future).get();
    updates = asio::co_spawn(strand, watch(kv), asio::use_future).get();
  }
  EXPECT_FALSE(kv.client().is_connected());
}

}  // namespace
}  // namespace kvco::test

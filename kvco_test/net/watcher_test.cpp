// What a watcher offers beside next(): the moment from which it misses nothing, batches of a size, and what has come at once.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class watcher_of : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(in.connect_and_open()); }
  void put_many(int count) {
    for (int i = 0; i < count; ++i) in.server().put("B", "k" + std::to_string(i), "v");
  }
  /// A watch that has received these.
  void watch(int count, watch_options options = {}) {
    put_many(count);
    in.updates = in.kv.watch_all(options);
    in.run();
    ASSERT_EQ(in.updates.queued(), static_cast<std::size_t>(count));
  }
  std::string batch_of(std::size_t max) {
    outcome taken;
    in.updates.next_batch(max, note{&taken});
    EXPECT_EQ(taken.calls, 0) << "never inside the call";
    in.run();
    return in_words(taken);
  }

  lab in;
};

class watcher_ready : public watcher_of {};

// contract: 9
TEST_F(watcher_ready, without_any_entry_and_beside_a_next) {
  in.updates = in.kv.watch_all();
  outcome first, second, next;
  in.updates.next(note{&next});
  in.updates.ready(note{&first});
  in.updates.ready(note{&second});
  in.run();
  EXPECT_TRUE(succeeded(first));
  EXPECT_TRUE(succeeded(second));
  EXPECT_EQ(next.calls, 0);
  in.server().put("B", "k", "later");
  in.run();
  EXPECT_EQ(next.value, "ok k@1=later");
}

// contract: 9
TEST_F(watcher_ready, is_not_before_the_server_delivers) {
  in.world().to_client_lost = true;
  in.updates = in.kv.watch_all({.updates_only = true});
  outcome ready;
  in.updates.ready(note{&ready});
  in.run();
  EXPECT_EQ(ready.calls, 0);
  in.world().to_client_lost = false;
  in.world().wake_all();
  in.run();
  EXPECT_TRUE(succeeded(ready));
}

// contract: 9
TEST_F(watcher_ready, fails_with_the_error_of_its_watch_and_its_words) {
  diagnostics why;
  in.updates = in.kv.watch("a..b", {.diag = &why});
  outcome refused;
  in.updates.ready(note{&refused});
  in.run();
  EXPECT_TRUE(failed_with(refused, errc::invalid_filter));
  EXPECT_EQ(refused.detail, why.text);
  EXPECT_FALSE(why.text.empty());

  in.world().to_client_lost = true;
  in.updates = in.kv.watch_all({.diag = &why});
  outcome silent;
  in.updates.ready(note{&silent});
  EXPECT_TRUE(in.run_until([&] { return silent.calls > 0; }));
  EXPECT_TRUE(failed_with(silent, errc::timeout));
  EXPECT_EQ(silent.detail, why.text);
}

// contract: 9
TEST_F(watcher_ready, ends_with_its_watch) {
  outcome stopped, destroyed, after;
  in.updates = in.kv.watch_all();
  in.updates.ready(note{&stopped});
  in.step();
  in.updates.stop();
  in.run();
  EXPECT_EQ(stopped.code, asio::error::operation_aborted);
  in.updates = in.kv.watch_all();
  in.updates.ready(note{&destroyed});
  in.step();
  in.updates = {};
  in.run();
  EXPECT_EQ(destroyed.code, asio::error::operation_aborted);
  EXPECT_EQ(stopped.calls + destroyed.calls, 2);

  put_many(1);
  in.updates = in.kv.watch_all({.initial_only = true});
  in.run();
  EXPECT_EQ(batch_of(7), "ok [k0@1=v ]");
  EXPECT_EQ(batch_of(7), "ok none");
  in.updates.ready(note{&after});
  in.run();
  EXPECT_TRUE(succeeded(after)) << "it was established, and has come to its end";
}

class watcher_batch : public watcher_of {};

// contract: 9
TEST_F(watcher_batch, has_a_largest_size) {
  watch(5);
  EXPECT_EQ(batch_of(2), "ok [k0@1=v k1@2=v ]");
  EXPECT_EQ(in.updates.cursor(), 2u);
  EXPECT_EQ(in.updates.queued(), 3u);
  EXPECT_EQ(batch_of(3), "ok [k2@3=v k3@4=v k4@5=v ]");
  EXPECT_EQ(in.updates.queued(), 0u);
  in.server().put("B", "k", "6");
  in.run();
  EXPECT_EQ(batch_of(100), "ok [k@6=6 ]");
}

// contract: 9
TEST_F(watcher_batch, of_nothing_is_refused_and_takes_nothing) {
  watch(1);
  EXPECT_EQ(batch_of(0), error_code(client_error::setting_out_of_range).default_error_condition().message());
  EXPECT_EQ(in.updates.queued(), 1u);
  EXPECT_EQ(batch_of(1), "ok [k0@1=v ]");
}

// contract: 9
TEST_F(watcher_batch, ends_with_the_initial_data) {
  watch(4, {.initial_only = true});
  EXPECT_EQ(batch_of(3), "ok [k0@1=v k1@2=v k2@3=v ]");
  EXPECT_FALSE(in.updates.initial_complete());
  EXPECT_EQ(batch_of(3), "ok [k3@4=v ]");
  EXPECT_EQ(batch_of(3), "ok none");
}

class watcher_nothrow : public watcher_of {
 protected:
  /// What the operation takes to give this many times what has come.
  struct cost {
    std::uint64_t allocations = 0;
    bool has_suspended = false, is_over = false;
  };
  template <class Operation>
  asio::awaitable<void> repeat(Operation next, int times, cost& spent) {
    for (int i = 0; i < 5; ++i) co_await next(in.updates);  // memory is kept from now on
    asio::post(in.executor(), [&spent] { spent.has_suspended = !spent.is_over; });
    const std::uint64_t before = allocations();
    for (int i = 0; i < times; ++i) {
      auto taken = co_await next(in.updates);
      EXPECT_FALSE(std::get<0>(taken)) << std::get<0>(taken);
      EXPECT_TRUE(std::get<1>(taken));
    }
    spent.allocations = allocations() - before;
    spent.is_over = true;
  }
  template <class Operation>
  cost cost_of(Operation next, int times) {
    cost spent;
    asio::co_spawn(in.executor(), repeat(next, times, spent), asio::detached);
    in.run();
    EXPECT_TRUE(spent.is_over);
    return spent;
  }
};

// contract: 9
TEST_F(watcher_nothrow, takes_what_has_come_at_once_and_without_memory) {
  watch(100);
  const cost of_next = cost_of([](watcher& from) { return from.next(nothrow); }, 40);
  EXPECT_FALSE(of_next.has_suspended);
  EXPECT_EQ(of_next.allocations, 0u);
  const cost of_initial = cost_of([](watcher& from) { return from.next_initial(nothrow); }, 30);
  EXPECT_FALSE(of_initial.has_suspended);
  EXPECT_EQ(of_initial.allocations, 0u);
  const cost of_batch = cost_of([](watcher& from) { return from.next_batch(1, nothrow); }, 10);
  EXPECT_FALSE(of_batch.has_suspended);
  EXPECT_EQ(of_batch.allocations, 10u) << "the vectors";
  EXPECT_EQ(in.updates.queued(), 5u);
}

}  // namespace
}  // namespace kvco::test

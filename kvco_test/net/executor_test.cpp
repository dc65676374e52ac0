// The client on a strand: all that it calls runs there; and threads, of which one at a time may use it.
#include <gtest/gtest.h>

#include <kvco/core/server_url.hpp>
#include <kvco/net/session.hpp>
#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>
#include <set>
#include <thread>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

// A world of its own beside the lab's: there the client lives on the strand.
class on_a_strand : public testing::Test, public operation_observer {
 protected:
  void SetUp() override {
    world = std::make_shared<scripted_world>(in.executor());
    world->server.version = "2.15.1";  // knows everything
    world->server.create_bucket("B");
    world->server.put("B", "k", "old");
    config settings("nats://a:4222");
    settings.observe().on_event([this](const client_event&) { here("event"); });
    settings.observe().log(log_level::debug, [this](const log_record&) { here("log"); });
    settings.observe().operations(std::shared_ptr<operation_observer>(std::shared_ptr<void>(), this));
    settings.credentials([this](credentials_request) -> asio::awaitable<credentials> {
      here("credentials");
      co_return credentials();
    });
    auto session = net::session::create(strand, settings, make_scripted_environment(world));
    in.nats = client(session);
    session->open(core::parse_server_urls(settings.urls()).servers);
    session.reset();
    in.run();
    ASSERT_TRUE(in.nats.is_connected());
    in.nats.open_bucket("B", [this](error_code code, bucket opened) {
      here("open_bucket");
      EXPECT_FALSE(code);
      in.kv = std::move(opened);
    });
    in.run();
  }
  void TearDown() override { in.kv = in.other = {}; }

  std::uintptr_t on_start(const operation_start&) override { return 0; }
  void on_end(const operation_end&) override { here("end of an operation"); }

  void here(const std::string& what) { (strand.running_in_this_thread() ? inside : outside).insert(what); }
  /// A handler that names no executor.
  auto told(std::string what) {
    return [this, what = std::move(what)](error_code code, auto&&...) {
      EXPECT_FALSE(code) << what << ": " << code.message();
      here(what);
    };
  }
  std::string names(const std::set<std::string>& all) {
    std::string text;
    for (const std::string& each : all) text += each + ' ';
    return text;
  }

  std::shared_ptr<scripted_world> world;
  lab in;
  asio::strand<asio::io_context::executor_type> strand{in.reactor().get_executor()};
  std::set<std::string> inside, outside;
};

// fault: 79
TEST_F(on_a_strand, everything_is_called) {
  EXPECT_TRUE(in.nats.get_executor() == strand);
  in.kv.put("k", "1", told("put"));
  in.kv.put("large", std::string(100'000, 'x'), told("put large"));
  in.kv.create("new", "1", told("create"));
  in.kv.update("k", "2", 2, told("update"));
  in.kv.get("k", told("get"));
  in.kv.get_revision("k", 1, told("get_revision"));
  in.kv.get_many({"k", "new"}, told("get_many"));
  in.kv.put_many({{"a", "1"}, {"b", "2"}}, told("put_many"));
  in.kv.erase("a", told("erase"));
  in.kv.purge("b", told("purge"));
  in.kv.keys(told("keys"));
  in.kv.history("k", told("history"));
  in.kv.status(told("status"));
  in.kv.purge_deletes(told("purge_deletes"));
  in.nats.create_bucket(bucket_config("N"), told("create_bucket"));
  in.nats.ensure_bucket(bucket_config("E"), told("ensure_bucket"));
  in.nats.bucket_names(told("bucket_names"));
  in.nats.flush(told("flush"));
  in.nats.rtt(told("rtt"));
  in.updates = in.kv.watch_all();
  in.updates.ready(told("ready"));
  in.updates.next(told("next"));
  in.run();
  in.updates.next_initial(told("next_initial"));
  in.run();
  in.updates.next_batch(told("next_batch"));
  in.nats.delete_bucket("N", told("delete_bucket"));
  in.run();
  world->end_connection(asio::error::eof);
  in.kv.get("k", told("get after a loss"));
  const core::time_point deadline = world->now() + 10s;
  while (in.step() || world->turn_clock(deadline)) {
  }
  in.updates = {};
  in.nats.drain(told("drain"));
  in.run();
  EXPECT_EQ(names(outside), "");
  EXPECT_EQ(inside.size(), 31u) << names(inside);
}

// A handler's own executor comes first.
// fault: 79
TEST_F(on_a_strand, a_handler_may_name_another_one) {
  auto other = asio::make_strand(in.executor());
  bool there = false;
  in.kv.put("k", "1", asio::bind_executor(other, [&](error_code, revision) {
              there = other.running_in_this_thread();
            }));
  in.run();
  EXPECT_TRUE(there);
}

// field: X16
TEST(one_thread_after_another, may_use_a_client) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  for (int i = 0; i < 3; ++i) {
    std::thread([&] {
      outcome result;
      in.kv.put("k", "v", note{&result});
      in.run();
      EXPECT_TRUE(succeeded(result));
      EXPECT_TRUE(in.nats.is_connected());
    }).join();
  }
}

#ifndef NDEBUG
// What the other thread does while this one is inside the client, in one of its handlers.
// fault: 79
// field: X16
TEST(two_threads_at_once, are_refused_by_an_assertion) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.updates = in.kv.watch_all();
  in.run();
  const auto on_another_thread = [&](const std::function<void()>& call) {
    in.kv.get("k", [&](error_code, const std::optional<entry>&) { std::thread(call).join(); });
    in.run();
  };
  const auto ignore = [](auto&&...) {};
  const std::string words = "is used by two threads at the same time";
  EXPECT_DEATH(on_another_thread([&] { in.kv.put("k", "v", ignore); }), words);
  EXPECT_DEATH(on_another_thread([&] { in.kv.keys(ignore); }), words);
  EXPECT_DEATH(on_another_thread([&] { in.updates.next(ignore); }), words);
  EXPECT_DEATH(on_another_thread([&] { in.updates = in.kv.watch_all(); }), words);
  EXPECT_DEATH(on_another_thread([&] { in.updates = {}; }), words);
  EXPECT_DEATH(on_another_thread([&] { in.kv = {}; }), words);
  EXPECT_DEATH(on_another_thread([&] { in.nats = {}; }), words);
  EXPECT_DEATH(on_another_thread([&] { in.nats.health(); }), words);
  EXPECT_DEATH(on_another_thread([&] { in.nats.statistics(); }), words);
  EXPECT_DEATH(on_another_thread([&] { in.nats.flush(ignore); }), words);
}
#endif

}  // namespace
}  // namespace kvco::test

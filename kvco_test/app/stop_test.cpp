// A stop while the app starts, and hooks that wait: what is awaited is cancelled, and the run ends within its deadline.
#include <kvco_test/app/app_fixture.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <csignal>
#include <stdexcept>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class stop_test : public generations_test {};
KVCO_ALSO_ON_OLDER_GENERATIONS(stop_test);

/// Hooks of the shutdown that note that they were called, and that the client can be used.
void note_shutdown(app& one, client nats, std::shared_ptr<seen_list> seen) {
  one.on_shutdown([seen, own = std::make_unique<int>(1)] { seen->push_back("on_shutdown"); });
  one.after_shutdown([seen, nats]() -> asio::awaitable<void> {
    co_await nats.flush();
    seen->push_back("after_shutdown");
  });
}

// Nothing further of the start is done, and the hooks of the shutdown can release what the start has made.
TEST_P(stop_test, ends_a_hook_of_the_start_that_waits) {
  with_bucket(with_history(), [&](client& nats, bucket&) -> asio::awaitable<void> {
    const auto seen = std::make_shared<seen_list>();
    const auto cancelled = std::make_shared<bool>(false);
    app one(nats);
    one.watch("B", ">", [](entry) {});
    one.on_startup([&]() -> asio::awaitable<void> {
      seen->push_back("on_startup 1");
      ::raise(SIGTERM);
      co_await never_end(cancelled);
    });
    one.on_startup([&] { seen->push_back("on_startup 2"); });
    one.after_startup([&] { seen->push_back("after_startup"); });
    note_shutdown(one, nats, seen);
    running_app running(one, nats, {.drain_timeout = 1h});
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "") << "it was asked to stop";
    EXPECT_TRUE(*cancelled);
    EXPECT_THAT(*seen, ElementsAre("on_startup 1", "on_shutdown", "after_shutdown"));
    EXPECT_EQ(one.health()[0].state, handler_state::ended);
  });
}

TEST_P(stop_test, ends_a_hook_after_the_start_and_drains) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto seen = std::make_shared<seen_list>();
    co_await b.put("k", "v");
    app one(nats);
    one.watch<std::string>("B", ">", [&](std::string v) -> asio::awaitable<void> {
      co_await until([&] { return one.phase() == app_phase::draining; });
      seen->push_back("handled " + v);
    });
    one.after_startup([]() -> asio::awaitable<void> { co_await never_end(); });
    note_shutdown(one, nats, seen);
    running_app running(one, nats, {.signals = false, .drain_timeout = 1h});
    co_await until([&] { return one.health()[0].in_flight == 1; });
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "");
    EXPECT_THAT(*seen, UnorderedElementsAre("on_shutdown", "handled v", "after_shutdown"));
    EXPECT_EQ(seen->back(), "after_shutdown");
  });
}

// The server does not answer, and the operations of the start would wait for an hour.
TEST_P(stop_test, ends_a_start_that_waits_for_the_server) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(server.url()).timeout(1h));
    server.kill();
    app one(nats);
    bool after_shutdown = false;
    one.watch("B", ">", [](entry) {});
    one.after_shutdown([&] { after_shutdown = true; });
    running_app running(one, nats, {.signals = false, .drain_timeout = 1h});
    co_await until([&] { return one.health()[0].state == handler_state::starting; });
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "");
    EXPECT_TRUE(after_shutdown);
    EXPECT_EQ(one.health()[0].state, handler_state::ended) << one.health()[0].last_error;
    EXPECT_EQ(one.health()[0].last_error, "");
  });
}

TEST_P(stop_test, ends_the_load_of_a_position) {
  with_bucket(with_history(), [&](client& nats, bucket&) -> asio::awaitable<void> {
    bool is_loading = false;
    app one(nats);
    one.watch("B", ">", [](entry) {})
        .position(
            [&]() -> asio::awaitable<std::string> {
              is_loading = true;
              co_await never_end();
              co_return std::string();
            },
            [](std::string) -> asio::awaitable<void> { co_return; });
    running_app running(one, nats, {.signals = false, .drain_timeout = 1h});
    co_await until([&] { return is_loading; });
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "");
  });
}

TEST_P(stop_test, reports_what_the_start_throws_instead) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    app one(nats);
    one.on_startup([&]() -> asio::awaitable<void> {
      one.stop();
      try {
        co_await never_end();
      } catch (const boost::system::system_error&) {
      }
      throw std::runtime_error("a table is half made");
    });
    running_app running(one, nats, {.signals = false, .drain_timeout = 1h});
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "a table is half made");
  });
}

// It is left alone at the deadline, and nothing follows it when it ends at last.
TEST_P(stop_test, does_not_wait_longer_than_its_deadline_for_a_start_that_cannot_be_cancelled) {
  with_bucket(with_history(), [&](client& nats, bucket&) -> asio::awaitable<void> {
    const auto seen = std::make_shared<seen_list>();
    bool may_go_on = false, has_gone_on = false;
    app one(nats);
    one.watch("B", ">", [](entry) {});
    one.on_startup([&]() -> asio::awaitable<void> {
      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
      co_await until([&] { return may_go_on; });
      has_gone_on = true;
    });
    one.on_startup([seen] { seen->push_back("on_startup 2"); });
    one.after_startup([seen] { seen->push_back("after_startup"); });
    note_shutdown(one, nats, seen);
    running_app running(one, nats, {.signals = false, .drain_timeout = 50ms});
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.code(), app_error::drain_timeout) << running.failure();
    EXPECT_THAT(running.failure(), HasSubstr("start"));
    may_go_on = true;
    co_await until([&] { return has_gone_on; });
    co_await nats.flush();
    EXPECT_THAT(*seen, ElementsAre("on_shutdown", "after_shutdown"));
    EXPECT_EQ(one.health()[0].counters.received, 0u);
  });
}

// --- hooks of the shutdown --------------------------------------------------------------------------------

TEST_P(stop_test, ends_a_hook_of_the_shutdown_at_the_deadline) {
  with_bucket(with_history(), [&](client& nats, bucket&) -> asio::awaitable<void> {
    const auto seen = std::make_shared<seen_list>();
    const auto cancelled = std::make_shared<bool>(false);
    app one(nats);
    one.watch("B", ">", [](entry) {});
    one.on_shutdown([cancelled]() -> asio::awaitable<void> { co_await never_end(cancelled); });
    note_shutdown(one, nats, seen);
    running_app running(one, nats, {.signals = false, .drain_timeout = 50ms});
    co_await until([&] { return one.phase() == app_phase::running; });
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.code(), app_error::drain_timeout) << running.failure();
    EXPECT_THAT(running.failure(), HasSubstr("on_shutdown"));
    EXPECT_TRUE(*cancelled);
    EXPECT_THAT(*seen, ElementsAre("on_shutdown", "after_shutdown"));
  });
}

TEST_P(stop_test, ends_a_hook_of_the_shutdown_at_a_second_signal) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    const auto seen = std::make_shared<seen_list>();
    bool is_waiting = false;
    app one(nats);
    one.after_startup([] { ::raise(SIGTERM); });
    one.on_shutdown([&]() -> asio::awaitable<void> {
      is_waiting = true;
      co_await never_end();
    });
    note_shutdown(one, nats, seen);
    running_app running(one, nats, {.drain_timeout = 1h});
    co_await until([&] { return is_waiting; });
    ::raise(SIGTERM);
    co_await until(running.done());
    EXPECT_EQ(running.code(), app_error::drain_timeout) << running.failure();
    EXPECT_THAT(*seen, ElementsAre("on_shutdown", "after_shutdown"));
  });
}

// As a second signal: what drains is not waited for any longer.
TEST_P(stop_test, goes_on_without_its_handlers_when_the_run_is_cancelled) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a", "v");
    const auto seen = std::make_shared<seen_list>();
    app one(nats);
    one.watch("B", ">", [](entry) -> asio::awaitable<void> { co_await never_end(); });
    note_shutdown(one, nats, seen);
    asio::cancellation_signal cancel;
    bool is_done = false;
    asio::co_spawn(nats.get_executor(), one.run({.signals = false, .drain_timeout = 1h}),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr) { is_done = true; }));
    co_await until([&] { return one.health()[0].in_flight == 1; });
    one.stop();
    co_await until([&] { return one.health()[0].state == handler_state::draining; });
    cancel.emit(asio::cancellation_type::terminal);
    co_await until([&] { return is_done; });
    EXPECT_THAT(*seen, ElementsAre("on_shutdown", "after_shutdown"));
  });
}

// What a handler sets for its own coroutine is not that of the next one.
TEST_P(stop_test, cancels_a_handler_after_one_that_cannot_be_cancelled) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("first", "v");
    co_await b.put("second", "v");
    const auto cancelled = std::make_shared<bool>(false);
    bool is_waiting = false;
    app one(nats);
    one.watch("B", "{key}", [&](entry, std::string key) -> asio::awaitable<void> {
      if (key == "first") {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_return;
      }
      is_waiting = true;
      co_await never_end(cancelled);
    });
    running_app running(one, nats, {.signals = false, .drain_timeout = 50ms});
    co_await until([&] { return is_waiting; });
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.code(), app_error::drain_timeout);
    EXPECT_TRUE(*cancelled);
  });
}

}  // namespace
}  // namespace kvco::test

// When an app is ready: each handler has handled its initial data.
#include <kvco_test/app/app_fixture.hpp>

#include <stdexcept>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class ready_test : public generations_test {
 protected:
  /// How ready() has ended: "" if it has not.
  static std::shared_ptr<std::string> watched_ready(const app& one, client& nats) {
    auto end = std::make_shared<std::string>();
    asio::co_spawn(nats.get_executor(), one.ready(), [end](std::exception_ptr failure) {
      try {
        if (failure) std::rethrow_exception(failure);
        *end = "ready";
      } catch (const boost::system::system_error& error) {
        *end = error.code() == asio::error::operation_aborted ? "aborted" : error.what();
      } catch (const std::exception& error) {
        *end = error.what();
      }
    });
    return end;
  }
};
KVCO_ALSO_ON_OLDER_GENERATIONS(ready_test);

TEST_P(ready_test, when_the_initial_data_was_handled) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"a", "b", "c"}) co_await b.put(key, "v");
    co_await b.erase("c");
    bool may_go_on = false;
    app one(nats);
    one.watch<std::string>(
        "B", ">", [&](std::string) -> asio::awaitable<void> { co_await until([&] { return may_go_on; }); });
    one.watch("B", "none.>", [](entry) {});
    one.subscribe("subject", [](message) {});
    const auto ready = watched_ready(one, nats);
    running_app running(one, nats);
    co_await until([&] { return one.health()[0].initial_complete && one.phase() == app_phase::running; });
    co_await nats.flush();
    EXPECT_FALSE(one.is_ready());
    EXPECT_EQ(*ready, "");
    may_go_on = true;
    co_await until([&] { return !ready->empty(); });
    EXPECT_EQ(*ready, "ready");
    EXPECT_TRUE(one.is_ready());
    EXPECT_EQ(one.health()[0].counters.handled, 2u);
    one.stop();
    EXPECT_FALSE(one.is_ready());
    co_await until(running.done());
    EXPECT_FALSE(one.is_ready());
  });
}

TEST_P(ready_test, can_be_awaited_after_the_start) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    for (int i = 0; i < 20; ++i) co_await b.put("k" + std::to_string(i), "v");
    std::size_t handled = 0, when_ready = 0;
    app one(nats);
    one.watch("B", ">", [&](entry) { ++handled; });
    one.after_startup([&]() -> asio::awaitable<void> {
      co_await one.ready();
      when_ready = handled;
      one.stop();
    });
    co_await one.run({.signals = false});
    EXPECT_EQ(when_ready, 20u);
  });
}

TEST_P(ready_test, does_not_wait_for_a_handler_that_has_failed) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "no number");
    app one(nats);
    one.watch<int>("B", ">", [](int) {}, {.on_error = {.then = after_failure::stop_handler}});
    running_app running(one, nats);
    co_await one.ready();
    EXPECT_EQ(one.health()[0].state, handler_state::failed);
    one.stop();
    co_await until(running.done());
  });
}

TEST_P(ready_test, never_is_an_error) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    app stopped(nats), failing(nats);
    stopped.on_startup([&] { stopped.stop(); });
    failing.on_startup([] { throw std::runtime_error("no database"); });
    const auto one = watched_ready(stopped, nats), other = watched_ready(failing, nats);
    running_app first(stopped, nats), second(failing, nats);
    co_await until([&] { return !one->empty() && !other->empty() && first.is_done() && second.is_done(); });
    EXPECT_EQ(*one, "aborted");
    EXPECT_EQ(*other, "no database");
    const auto late = watched_ready(stopped, nats);
    co_await until([&] { return !late->empty(); });
    EXPECT_EQ(*late, "aborted");
  });
}

}  // namespace
}  // namespace kvco::test

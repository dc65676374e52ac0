// The end of an app: what was taken is handled, within the deadline; and where a later run continues.
#include <kvco_test/app/app_fixture.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <csignal>
#include <map>
#include <stdexcept>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class drain_test : public generations_test {};
KVCO_ALSO_ON_OLDER_GENERATIONS(drain_test);

TEST_P(drain_test, what_was_taken_is_handled) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    for (int i = 0; i < 10; ++i) co_await b.put("k" + std::to_string(i), "v");
    std::size_t begun = 0, ended = 0;
    app one(nats);
    one.watch("B", ">", [&](entry) -> asio::awaitable<void> {
      ++begun;
      co_await until([&] { return one.phase() == app_phase::draining; });
      ++ended;
    });
    one.after_shutdown([&] { EXPECT_EQ(ended, 10u) << "the handlers end before this hook"; });
    running_app running(one, nats);
    co_await until([&] { return one.health()[0].counters.received == 10 && begun == 1; });
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "");
    EXPECT_EQ(ended, 10u);
  });
}

// SIGTERM: handlers that do not end are cancelled at the deadline, and the run reports them.
TEST_P(drain_test, ends_at_its_deadline) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a", "v");
    co_await b.put("b", "v");
    bool cancelled = false;
    app one(nats);
    one.watch("B", ">", [&](entry) -> asio::awaitable<void> {
      try {
        co_await never_end();
      } catch (const boost::system::system_error&) {
        cancelled = true;
        throw;
      }
    });
    one.after_startup([&]() -> asio::awaitable<void> {
      co_await until(
          [&] { return one.health()[0].counters.received == 2 && one.health()[0].in_flight == 1; });
      ::raise(SIGTERM);
    });
    const auto begin = std::chrono::steady_clock::now();
    running_app running(one, nats, {.drain_timeout = 50ms});
    co_await until(running.done());
    EXPECT_EQ(running.code(), app_error::drain_timeout) << running.failure();
    EXPECT_EQ(running.code(), errc::timeout);
    EXPECT_THAT(running.failure(), HasSubstr("2 entries"));
    EXPECT_TRUE(cancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
  });
}

TEST_P(drain_test, is_cut_short_by_a_second_signal) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a", "v");
    app one(nats);
    one.watch("B", ">", [](entry) -> asio::awaitable<void> { co_await never_end(); });
    one.after_startup([&]() -> asio::awaitable<void> {
      co_await until([&] { return one.health()[0].in_flight == 1; });
      ::raise(SIGINT);
    });
    running_app running(one, nats, {.drain_timeout = 1h});
    co_await until([&] { return one.phase() == app_phase::draining; });
    ::raise(SIGTERM);
    co_await until(running.done());
    EXPECT_EQ(running.code(), app_error::drain_timeout);
  });
}

TEST_P(drain_test, a_cancelled_run_does_not_wait) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a", "v");
    bool after_shutdown = false, is_done = false;
    error_code code;
    app one(nats);
    one.watch("B", ">", [](entry) -> asio::awaitable<void> { co_await never_end(); });
    one.after_shutdown([&]() -> asio::awaitable<void> {
      co_await nats.flush();
      after_shutdown = true;
    });
    asio::cancellation_signal cancel;
    asio::co_spawn(nats.get_executor(), one.run({.signals = false, .drain_timeout = 1h}),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr failure) {
                     is_done = true;
                     try {
                       std::rethrow_exception(failure);
                     } catch (const boost::system::system_error& error) {
                       code = error.code();
                     }
                   }));
    co_await until([&] { return one.health()[0].in_flight == 1; });
    cancel.emit(asio::cancellation_type::terminal);
    co_await until([&] { return is_done; });
    EXPECT_TRUE(after_shutdown) << "hooks of the shutdown can use the client";
    EXPECT_EQ(code, asio::error::operation_aborted);
  });
}

TEST_P(drain_test, a_hook_that_throws_ends_the_run) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    seen_list seen;
    app one(nats);
    one.on_startup([] { throw std::runtime_error("no database"); });
    one.after_startup([&] { seen.push_back("after_startup"); });
    one.on_shutdown([&] { throw std::runtime_error("another one"); });
    one.on_shutdown([&] { seen.push_back("on_shutdown"); });
    running_app running(one, nats);
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "no database");
    EXPECT_THAT(seen, ElementsAre("on_shutdown"));
  });
}

// A handler may hold the app that it belongs to.
TEST_P(drain_test, an_app_that_its_handlers_hold_is_released) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto held = std::make_shared<int>(0);
    {
      app one(nats);
      one.watch("B", ">", [one, held](entry) { one.stop(); });
      one.on_startup([one, held] {});
      co_await b.put("k", "v");
      co_await one.run({.signals = false});
    }
    EXPECT_EQ(held.use_count(), 1);
  });
}

// --- positions --------------------------------------------------------------------------------------------

/// Handles everything there is up to the key "end", and returns the values.
asio::awaitable<seen_list> values_of_a_run(client nats, std::size_t concurrency = 1) {
  seen_list seen;
  app one(nats);
  one.watch<std::string>(
      "B", ">",
      [&](std::string v) {
        seen.push_back(v);
        if (v == "end") one.stop();
      },
      {.include_history = true, .concurrency = concurrency, .position = {"POSITIONS", "mailer"}});
  co_await one.run({.signals = false});
  co_return seen;
}

TEST_P(drain_test, a_later_run_continues_at_the_stored_position) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    for (const char* each : {"1", "2", "end"}) co_await b.put("k", each);
    EXPECT_THAT(co_await values_of_a_run(nats), ElementsAre("1", "2", "end"));
    for (const char* each : {"3", "4", "end"}) co_await b.put("k", each);
    EXPECT_THAT(co_await values_of_a_run(nats, 8), ElementsAre("3", "4", "end"));
  });
}

// What a drain handles in one turn is stored, too, by a function that does not suspend.
TEST_P(drain_test, the_last_position_is_stored) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    for (int i = 1; i <= 50; ++i) co_await b.put("k" + std::to_string(i), "v");
    app one(nats);
    revision last = 0;
    std::string position;
    registered_handler mailer = one.watch("B", ">", [&](entry e) {
      last = e.revision();
      if (last == 20) one.stop();
    });
    const auto save = [&](std::string text) -> asio::awaitable<void> {
      position = text;
      co_return;
    };
    mailer.position([]() -> asio::awaitable<std::string> { co_return std::string(); }, save);
    co_await one.run({.signals = false});
    EXPECT_GE(last, 20u);
    EXPECT_EQ(resume_token::parse(position).value().revision(), last);
  });
}

// The position stays below what was not handled, although later entries were.
TEST_P(drain_test, a_position_does_not_pass_what_was_not_handled) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    std::string position;
    std::vector<std::string> saved;
    std::map<std::string, int> calls;
    const auto load = [&]() -> asio::awaitable<std::string> { co_return position; };
    const auto save = [&](std::string text) -> asio::awaitable<void> {
      saved.push_back(text);
      if (saved.size() == 1) throw std::runtime_error("the first one fails");
      position = text;
      co_return;
    };
    for (const char* each : {"a", "stuck", "c", "d"}) co_await b.put(each, each);
    for (const bool is_stuck : {true, false}) {
      app one(nats);
      std::size_t handled = 0;
      registered_handler mailer =
          one.watch<std::string>("B", ">",
                                 [&, is_stuck](std::string v) -> asio::awaitable<void> {
                                   ++calls[v];
                                   if (v == "stuck" && is_stuck) co_await never_end();
                                   ++handled;
                                 },
                                 {.concurrency = 4, .position = {.interval = 1ms}});
      mailer.position(load, save);
      running_app running(one, nats, {.signals = false, .drain_timeout = 300ms});
      co_await until([&] { return handled == 3 && (!is_stuck || !position.empty()); });
      if (is_stuck) {
        EXPECT_EQ(mailer.health().handled_to, 1u);
        EXPECT_THAT(mailer.health().last_error, HasSubstr("the first one fails"));
      }
      one.stop();
      co_await until(running.done());
      EXPECT_EQ(running.failure().empty(), !is_stuck) << running.failure();
    }
    EXPECT_EQ(calls["a"], 1);
    EXPECT_EQ(calls["stuck"], 2);
    EXPECT_EQ(calls["c"], 2) << "at least once";
    EXPECT_EQ(calls["d"], 2);
  });
}

TEST_P(drain_test, a_position_that_is_none_ends_the_start) {
  with_bucket(with_history(), [&](client& nats, bucket&) -> asio::awaitable<void> {
    bucket positions = co_await nats.create_bucket(bucket_config("POSITIONS"));
    co_await positions.put("mailer", "no position");
    app one(nats);
    one.watch("B", ">", [](entry) {}, {.position = {"POSITIONS", "mailer"}});
    running_app running(one, nats);
    co_await until(running.done());
    EXPECT_EQ(running.code(), app_error::position_malformed) << running.failure();
  });
}

TEST_P(drain_test, a_position_in_a_bucket_that_was_made_again_is_refused) {
  const bucket_config made = with_history().storage(storage::memory);
  with_bucket(made, [&](client& nats, bucket& b) -> asio::awaitable<void> {
    for (const char* each : {"1", "2", "end"}) co_await b.put("k", each);
    EXPECT_THAT(co_await values_of_a_run(nats), ElementsAre("1", "2", "end"));
    co_await nats.delete_bucket("B");
    bucket again = co_await nats.create_bucket(made);
    for (int i = 0; i < 5; ++i) co_await again.put("k", "it has the revision of the position");
    app one(nats);
    one.watch("B", ">", [](entry) {}, {.position = {"POSITIONS", "mailer"}});
    running_app running(one, nats);
    co_await until(running.done());
    EXPECT_EQ(running.code(), errc::bucket_recreated) << running.failure();
  });
}

}  // namespace
}  // namespace kvco::test

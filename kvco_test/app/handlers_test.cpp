// Handlers beside a real server: order, concurrency, backpressure, deletions, failures and what follows them.
#include <kvco_test/app/app_fixture.hpp>

#include <set>
#include <stdexcept>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class handlers_test : public generations_test {
 protected:
  /// Runs the app until `done` holds, and stops it.
  static asio::awaitable<void> run_until(app one, client nats, std::function<bool()> done) {
    running_app running(one, nats);
    co_await until(std::move(done));
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "");
  }
};
KVCO_ALSO_ON_OLDER_GENERATIONS(handlers_test);

TEST_P(handlers_test, see_deletions_that_they_can_distinguish) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    seen_list values, others, entries;
    app one(nats);
    one.watch<std::string>("B", "k", [&](std::string v) { values.push_back(v); }, {.include_history = true});
    one.watch<std::string>("B", "k", [&](std::string v) { others.push_back(v); }, {.include_history = true})
        .on_delete([&](entry e) { others.push_back(std::string(to_string(e.operation()))); });
    one.watch("B", "k", [&](entry e) { entries.push_back(show(e)); }, {.include_history = true});
    co_await b.put("k", "1");
    co_await b.erase("k");
    co_await b.put("k", "2");
    const auto done = [&] { return values.size() == 2 && others.size() == 3 && entries.size() == 3; };
    co_await run_until(one, nats, done);
    EXPECT_THAT(values, ElementsAre("1", "2"));
    EXPECT_THAT(others, ElementsAre("1", "DEL", "2"));
    EXPECT_THAT(entries, ElementsAre("k@1=1", "k@2 DEL", "k@3=2"));
    EXPECT_EQ(one.health()[0].counters.ignored, 1u);
    EXPECT_EQ(one.health()[0].name, "B k");
    EXPECT_EQ(one.health()[2].name, "B k #3");
  });
}

// While a key is being handled the others go on, and its own next entry waits.
TEST_P(handlers_test, keep_the_order_of_each_key_and_work_on_several) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    seen_list seen;
    bool may_go_on = false;
    app one(nats);
    one.watch<std::string>("B", "{key}",
                           [&](std::string v, std::string key) -> asio::awaitable<void> {
                             const auto released = [&] { return may_go_on; };
                             if (key == "a") co_await until(released);
                             seen.push_back(key + v);
                           },
                           {.include_history = true, .concurrency = 3});
    for (const char* each : {"1", "2"}) {
      for (const char* key : {"a", "b", "c"}) co_await b.put(key, each);
    }
    running_app running(one, nats);
    co_await until([&] { return seen.size() == 4; });
    EXPECT_THAT(seen, UnorderedElementsAre("b1", "c1", "b2", "c2"));
    EXPECT_EQ(one.health()[0].in_flight, 1u);
    EXPECT_EQ(one.health()[0].queued, 1u);
    may_go_on = true;
    co_await until([&] { return seen.size() == 6; });
    EXPECT_EQ(seen[4] + seen[5], "a1a2");
    one.stop();
    co_await until(running.done());
  });
}

TEST_P(handlers_test, with_a_concurrency_of_one_keep_the_order_of_all) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    std::vector<revision> seen;
    app one(nats);
    one.watch("B", ">",
              [&](entry e) -> asio::awaitable<void> {
                co_await nats.flush();
                seen.push_back(e.revision());
              },
              {.include_history = true});
    for (int i = 0; i < 30; ++i) co_await b.put("k" + std::to_string(i % 4), "v");
    co_await run_until(one, nats, [&] { return seen.size() == 30; });
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  });
}

TEST_P(handlers_test, leave_at_the_server_what_is_too_much) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    bool may_go_on = false;
    std::size_t handled = 0;
    app one(nats);
    one.watch("B", ">",
              [&](entry) -> asio::awaitable<void> {
                co_await until([&] { return may_go_on; });
                ++handled;
              },
              {.concurrency = 2, .max_queued = 5});
    for (int i = 0; i < 40; ++i) co_await b.put("k" + std::to_string(i), "v");
    running_app running(one, nats);
    co_await until([&] { return one.health()[0].counters.received == 5; });
    co_await nats.flush();
    EXPECT_EQ(one.health()[0].counters.received, 5u);
    EXPECT_EQ(one.health()[0].in_flight, 2u);
    may_go_on = true;
    co_await until([&] { return handled == 40; });
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(to_string(one.health()[0].state), "ended");
  });
}

// --- failures ---------------------------------------------------------------------------------------------

TEST_P(handlers_test, are_called_again_and_then_skip) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    seen_list seen, log;
    app one(nats);
    one.log(log_level::error, [&](const log_record& record) { log.push_back(to_string(record)); });
    one.watch<std::string>("B", ">",
                           [&](std::string v, handler_context about) {
                             seen.push_back(v + std::to_string(about.attempt));
                             if (v == "std") throw std::runtime_error("no luck");
                             if (v == "other") throw 7;
                           },
                           {.on_error = {.retries = 2, .first_delay = 1ms}});
    co_await b.put("1", "std");
    co_await b.put("2", "other");
    co_await b.put("3", "good");
    co_await run_until(one, nats, [&] { return seen.size() == 7; });
    EXPECT_THAT(seen, ElementsAre("std1", "std2", "std3", "other1", "other2", "other3", "good1"));
    const handler_health health = one.health()[0];
    EXPECT_EQ(health.counters.failures, 6u);
    EXPECT_EQ(health.counters.retries, 4u);
    EXPECT_EQ(health.counters.skipped, 2u);
    EXPECT_EQ(health.counters.handled, 1u);
    EXPECT_EQ(health.last_error, "an exception that is no std::exception");
    EXPECT_EQ(log.size(), 6u);
    EXPECT_THAT(log[2], HasSubstr("no luck"));
    EXPECT_THAT(log[2], HasSubstr("it is skipped"));
  });
}

TEST_P(handlers_test, that_are_stopped_leave_the_others_alone) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    seen_list seen;
    app one(nats);
    one.watch<int>("B", ">", [](int) {}, {.on_error = {.then = after_failure::stop_handler}});
    one.watch<std::string>("B", ">", [&](std::string v) { seen.push_back(v); });
    co_await b.put("k", "no number");
    running_app running(one, nats);
    co_await until([&] { return one.health()[0].state == handler_state::failed; });
    co_await b.put("k", "more");
    co_await until([&] { return !seen.empty() && seen.back() == "more"; });
    EXPECT_EQ(one.health()[0].counters.received, 1u);
    EXPECT_EQ(one.health()[1].state, handler_state::running);
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "");
  });
}

TEST_P(handlers_test, may_end_the_app_with_their_exception) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    app one(nats);
    one.watch<std::string>("B", ">",
                           [](std::string) -> asio::awaitable<void> {
                             throw std::runtime_error("the disk is full");
                             co_return;
                           },
                           {.on_error = {.then = after_failure::stop_app}});
    co_await b.put("k", "v");
    running_app running(one, nats);
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "the disk is full");
    EXPECT_EQ(one.phase(), app_phase::ended);
  });
}

TEST_P(handlers_test, leave_dead_letters) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    app one(nats);
    int calls = 0;
    const auto fail = [&](int) {
      ++calls;
      throw std::runtime_error("line one\r\nline two");
    };
    one.watch<int>("B", "k.{id}", fail,
                   {.on_error = {.then = after_failure::dead_letter_key, .dead_letter = "DEAD"}});
    one.watch<int>("B", "k.{id}", fail,
                   {.name = "second",
                    .on_error = {.then = after_failure::dead_letter_subject, .dead_letter = "dead.letters"}});
    co_await b.put("k.1", "1");
    co_await b.put("k.2", "no number");
    subscription letters = nats.subscribe("dead.letters");
    const auto done = [&] {
      return one.health()[0].counters.dead_letters == 2 && one.health()[1].counters.dead_letters == 2;
    };
    co_await run_until(one, nats, done);
    EXPECT_EQ(calls, 2) << "only for the number";
    bucket dead = co_await nats.open_bucket("DEAD");
    EXPECT_EQ(co_await value_of(dead, "B.k.1"), "1");
    EXPECT_EQ(co_await value_of(dead, "B.k.2"), "no number");
    const std::optional<message> letter = co_await letters.next();
    EXPECT_EQ(letter->payload(), "1");
    EXPECT_EQ(letter->header("Kvco-Handler"), "second");
    EXPECT_EQ(letter->header("Kvco-Bucket"), "B");
    EXPECT_EQ(letter->header("Kvco-Key"), "k.1");
    EXPECT_EQ(letter->header("Kvco-Revision"), "1");
    EXPECT_EQ(letter->header("Kvco-Error"), "line one  line two");
  });
}

// Fields of a message that instruct a stream are not those of its dead letter.
TEST_P(handlers_test, leave_dead_letters_of_messages_without_instructions) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    app one(nats);
    one.subscribe("work", [](message) { throw std::runtime_error("no"); },
                  {.on_error = {.then = after_failure::dead_letter_subject, .dead_letter = "dead"}});
    subscription letters = nats.subscribe("dead");
    one.after_startup([&]() -> asio::awaitable<void> {
      const headers fields = {{"Nats-Rollup", "all"}, {"nats-ttl", "1s"}, {"Trace", "7"}};
      co_await nats.publish("work", "lost", {.headers = &fields});
    });
    const auto done = [&] { return one.health()[0].counters.dead_letters == 1; };
    co_await run_until(one, nats, done);
    const std::optional<message> letter = co_await letters.next();
    EXPECT_EQ(letter->payload(), "lost");
    EXPECT_EQ(letter->header("Trace"), "7");
    EXPECT_EQ(letter->header("Kvco-Subject"), "work");
    EXPECT_FALSE(letter->headers().contains("Nats-Rollup"));
    EXPECT_FALSE(letter->headers().contains("Nats-TTL"));
  });
}

TEST_P(handlers_test, of_a_bucket_that_is_deleted_end_the_app) {
  with_bucket(with_history(), [&](client& nats, bucket&) -> asio::awaitable<void> {
    app one(nats);
    one.watch("B", ">", [](entry) {}, {.name = "mailer", .heartbeat = 100ms});
    one.after_startup([&]() -> asio::awaitable<void> { co_await nats.delete_bucket("B"); });
    running_app running(one, nats);
    co_await until(running.done());
    EXPECT_EQ(running.code(), errc::bucket_deleted) << running.failure();
    EXPECT_THAT(running.failure(), HasSubstr("mailer"));
  });
}

TEST_P(handlers_test, that_are_not_required_end_alone) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await nats.create_bucket(bucket_config("GONE"));
    app one(nats);
    one.watch("GONE", ">", [](entry) {}, {.heartbeat = 100ms, .required = false});
    one.watch("B", ">", [](entry) {});
    one.after_startup([&]() -> asio::awaitable<void> { co_await nats.delete_bucket("GONE"); });
    const auto done = [&] { return one.health()[0].state == handler_state::failed; };
    co_await run_until(one, nats, done);
    EXPECT_TRUE(b);
  });
}

// --- what is refused ----------------------------------------------------------------------------------------------

template <class Register>
error_code refusal_of(Register&& what) {
  try {
    what();
    return {};
  } catch (const boost::system::system_error& error) {
    return error.code();
  }
}

TEST_P(handlers_test, are_refused_before_anything_is_sent) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    const auto before = nats.statistics().bytes_out;
    app one(nats);
    const auto refused = [&](auto handler, watch_handler_options options = {},
                             const char* pattern = "a.{x}") {
      return refusal_of([&] { one.watch<std::string>("B", pattern, handler, options); });
    };
    const auto any = [](std::string) {};
    EXPECT_EQ(refused(any, {}, "{a}.{a}"), app_error::capture_twice);
    EXPECT_EQ(refused(any, {}, "{a"), app_error::capture_unclosed);
    EXPECT_EQ(refused(any, {}, "a*"), app_error::wildcard_inside_token);
    EXPECT_EQ(refused(any, {}, "{}"), app_error::capture_unnamed);
    EXPECT_EQ(refused([](std::string, int, int) {}), app_error::captures_mismatch);
    EXPECT_EQ(refused(any, {.concurrency = 0}), app_error::options_conflict);
    EXPECT_EQ(refused(any, {.concurrency = 9, .max_queued = 8}), app_error::options_conflict);
    EXPECT_EQ(refused(any, {.meta_only = true}), app_error::options_conflict);
    EXPECT_EQ(refused(any, {.include_history = true, .updates_only = true}), app_error::options_conflict);
    EXPECT_EQ(refused(any, {.position = {"P", ""}}), app_error::options_conflict);
    EXPECT_EQ(refused(any, {.position = {"B", "mine"}}), app_error::options_conflict);
    EXPECT_EQ(refused(any, {.on_error = {.dead_letter = "D"}}), app_error::options_conflict);
    EXPECT_EQ(refused(any, {.on_error = {.then = after_failure::dead_letter_key, .dead_letter = "B"}}),
              app_error::options_conflict)
        << "it would come back";
    const auto letters_of = [&](after_failure then, const char* to) {
      return refusal_of(
          [&] { one.subscribe("s.>", [](message) {}, {.on_error = {.then = then, .dead_letter = to}}); });
    };
    EXPECT_EQ(letters_of(after_failure::dead_letter_subject, "s.dead"), app_error::options_conflict);
    EXPECT_EQ(letters_of(after_failure::dead_letter_key, "DEAD"), app_error::options_conflict)
        << "messages of one subject would replace each other";
    EXPECT_EQ(refusal_of([&] { one.watch("no name", "k", [](entry) {}); }), app_error::options_conflict);
    EXPECT_EQ(refusal_of([&] { one.subscribe("s", [](message, bucket) {}); }),
              app_error::handler_without_bucket);
    EXPECT_EQ(refusal_of([&] { one.watch("B", "k", [](entry) {}).on_delete([](entry, int) {}); }),
              app_error::captures_mismatch);
    registered_handler messages = one.subscribe("s", [](message) {});
    EXPECT_EQ(refusal_of([&] { messages.on_delete([](entry) {}); }), app_error::options_conflict);
    EXPECT_EQ(refusal_of([&] { messages.position({}, {}); }), app_error::options_conflict);
    EXPECT_EQ(refusal_of([] { app empty{client()}; }), errc::closed);
    one.watch(bucket_config("C"), "k", [](entry) {});
    EXPECT_EQ(refusal_of([&] { one.watch(bucket_config("C"), "k", [](entry) {}); }),
              app_error::options_conflict);
    EXPECT_EQ(nats.statistics().bytes_out, before);
    EXPECT_EQ(one.health().size(), 3u) << "those that were not refused";
    co_return;
  });
}

TEST_P(handlers_test, are_registered_before_a_run_that_is_the_only_one) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    app one(nats);
    error_code late, later;
    registered_handler first = one.watch("B", "k", [](entry) {});
    one.on_startup([&] {
      later = refusal_of([&] { first.on_delete([](entry) {}); });
      late = refusal_of([&] { one.watch("B", "k", [](entry) {}); });
      one.stop();
    });
    co_await one.run({.signals = false});
    EXPECT_EQ(late, app_error::already_running);
    EXPECT_EQ(later, app_error::already_running);
    running_app again(one, nats);
    co_await until(again.done());
    EXPECT_EQ(again.code(), app_error::already_running);
  });
}

}  // namespace
}  // namespace kvco::test

// Dead letters that cannot be stored: those that never can be stop their handler, for others it tries again.
#include <kvco_test/app/app_fixture.hpp>

#include <stdexcept>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class dead_letters_test : public generations_test {
 protected:
  /// Its handler fails, and leaves dead letters in this bucket.
  static registered_handler failing(app& one, std::string_view name, bool& is_failing) {
    return one.watch<std::string>(
        "B", ">",
        [&is_failing](std::string) {
          if (is_failing) throw std::runtime_error("no luck");
        },
        {.name = name,
         .on_error = {.then = after_failure::dead_letter_key, .dead_letter = "DEAD"},
         .position = {"POSITIONS", name, 1ms}});
  }
};
KVCO_ALSO_ON_OLDER_GENERATIONS(dead_letters_test);

// Its handler ends as with stop_handler: the others go on, and the next run begins with the entry.
TEST_P(dead_letters_test, that_are_too_large_stop_their_handler) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await nats.create_bucket(bucket_config("DEAD").max_value_size(100));
    bool is_failing = false;
    seen_list others;
    app one(nats);
    registered_handler mailer = failing(one, "mailer", is_failing);
    one.watch<std::string>("B", ">", [&](std::string v) { others.push_back(v); });
    running_app running(one, nats);
    co_await b.put("k", "good");
    co_await until([&] { return mailer.health().stored_to == 1; });
    is_failing = true;
    co_await b.put("k", std::string(1000, 'x'));
    co_await until([&] { return mailer.health().state == handler_state::failed; });
    EXPECT_THAT(mailer.health().last_error, HasSubstr("a dead letter was not stored"));
    co_await b.put("k", "more");
    co_await until([&] { return !others.empty() && others.back() == "more"; });
    EXPECT_EQ(mailer.health().counters.dead_letters, 0u);
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "");
    EXPECT_EQ(mailer.health().state, handler_state::failed);
    EXPECT_EQ(mailer.health().stored_to, 1u);

    is_failing = false;
    app again(nats);
    registered_handler same = failing(again, "mailer", is_failing);
    running_app once_more(again, nats);
    co_await until([&] { return same.health().stored_to == 3; });
    EXPECT_EQ(same.health().counters.handled, 2u);
    again.stop();
    co_await until(once_more.done());
    EXPECT_EQ(once_more.failure(), "");
  });
}

TEST_P(dead_letters_test, that_are_not_permitted_stop_their_handler) {
  nats_server strict({.version = GetParam(),
                      .extra_config = "authorization { users: [ { user: a, password: p, permissions: { "
                                      "publish: { deny: \"dead\" } } } ] }"});
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(strict.url()).user("a", "p"));
    app one(nats);
    registered_handler worker =
        one.subscribe("work", [](message) { throw std::runtime_error("no luck"); },
                      {.on_error = {.then = after_failure::dead_letter_subject, .dead_letter = "dead"}});
    one.after_startup([&]() -> asio::awaitable<void> { co_await nats.publish("work", "x"); });
    running_app running(one, nats);
    co_await until([&] { return worker.health().state == handler_state::failed; });
    EXPECT_THAT(worker.health().last_error, HasSubstr("ermission"));
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "");
  });
}

// A full bucket may be emptied.
TEST_P(dead_letters_test, are_sent_again_until_there_is_room_for_them) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await nats.create_bucket(bucket_config("DEAD").max_bytes(500));
    bool is_failing = true;
    app one(nats);
    registered_handler mailer = failing(one, "mailer", is_failing);
    std::size_t sent_again = 0;
    one.log(log_level::error, [&](const log_record& record) {
      if (to_string(record).find("it is sent again") != std::string::npos) ++sent_again;
    });
    running_app running(one, nats);
    co_await b.put("k", std::string(1000, 'x'));
    co_await until([&] { return sent_again >= 2; });
    EXPECT_EQ(mailer.health().state, handler_state::running);
    EXPECT_THAT(mailer.health().last_error, HasSubstr("a dead letter was not stored"));
    co_await nats.update_bucket(bucket_config("DEAD").max_bytes(5000));
    co_await until([&] { return mailer.health().counters.dead_letters == 1; });
    one.stop();
    co_await until(running.done());
    EXPECT_EQ(running.failure(), "");
    EXPECT_EQ(mailer.health().stored_to, 1u);
  });
}

}  // namespace
}  // namespace kvco::test

// Handlers with `.conflate`: of the updates of a key that wait, only the newest is handled, and the position is right.
#include <kvco_test/app/app_fixture.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class conflated_handlers_test : public generations_test {};
KVCO_ALSO_ON_OLDER_GENERATIONS(conflated_handlers_test);

/// A position in memory.
struct memory_position {
  std::string text;
  void keep_for(registered_handler which) {
    const auto load = [this]() -> asio::awaitable<std::string> { co_return text; };
    const auto save = [this](std::string newest) -> asio::awaitable<void> {
      text = newest;
      co_return;
    };
    which.position(load, save);
  }
  revision at() const { return text.empty() ? 0 : resume_token::parse(text).value().revision(); }
};

/// Four values of one key and one of another, while the handler is busy with the first: two of them are replaced.
asio::awaitable<void> put_burst(bucket b, const seen_list& seen, registered_handler slow) {
  co_await b.put("k", "1");
  co_await until([&] { return seen.size() == 1; });
  co_await b.put("k", "2");
  co_await b.put("other", "");
  for (const char* each : {"3", "4"}) co_await b.put("k", each);
  co_await until([&] { return slow.health().counters.conflated == 2; });
}

// Those that the handler has taken wait in the app, the others in the watch.
TEST_P(conflated_handlers_test, get_the_last_value_of_each_key) {
  for (const std::size_t max_queued : {1, 9}) {
    const std::string name = "B" + std::to_string(max_queued);
    with_client([&](client& nats) -> asio::awaitable<void> {
      bucket b = co_await nats.create_bucket(bucket_config(name).history(10));
      seen_list seen;
      bool may_go_on = false;
      memory_position position;
      app one(nats);
      registered_handler slow =
          one.watch<std::string>(name, "{key}",
                                 [&](std::string v, std::string key) -> asio::awaitable<void> {
                                   seen.push_back(key + v);
                                   co_await until([&] { return may_go_on; });
                                 },
                                 {.conflate = true, .max_queued = max_queued});
      position.keep_for(slow);
      running_app running(one, nats);
      co_await one.ready();
      co_await put_burst(b, seen, slow);
      may_go_on = true;
      co_await until([&] { return slow.health().counters.handled == 3; });
      EXPECT_THAT(seen, ElementsAre("k1", "k4", "other"));
      one.stop();
      co_await until(running.done());
      EXPECT_EQ(running.failure(), "");
      EXPECT_EQ(position.at(), 5u);
    });
  }
}

// Revision 5 of one key is handled before revision 3 of another one.
TEST_P(conflated_handlers_test, have_a_position_that_does_not_pass_what_waits) {
  for (const std::size_t max_queued : {1, 9}) {
    const std::string name = "B" + std::to_string(max_queued);
    with_client([&](client& nats) -> asio::awaitable<void> {
      bucket b = co_await nats.create_bucket(bucket_config(name).history(10));
      seen_list seen;
      bool may_go_on = false;
      memory_position position;
      app one(nats);
      registered_handler slow =
          one.watch<std::string>(name, "{key}",
                                 [&](std::string v, std::string key) -> asio::awaitable<void> {
                                   seen.push_back(key + v);
                                   if (key == "other") co_await never_end();
                                   co_await until([&] { return may_go_on; });
                                 },
                                 {.conflate = true, .max_queued = max_queued});
      position.keep_for(slow);
      running_app running(one, nats, {.signals = false, .drain_timeout = 50ms});
      co_await one.ready();
      co_await put_burst(b, seen, slow);
      may_go_on = true;
      co_await until([&] { return seen.size() == 3; });
      one.stop();
      co_await until(running.done());
      EXPECT_THAT(seen, ElementsAre("k1", "k4", "other"));
      EXPECT_EQ(running.code(), app_error::drain_timeout);
      EXPECT_EQ(position.at(), 2u);
    });
  }
}

TEST_P(conflated_handlers_test, get_all_initial_data) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    for (const char* each : {"1", "2", "3"}) co_await b.put("k", each);
    seen_list seen;
    app one(nats);
    one.watch<std::string>("B", ">", [&](std::string v) { seen.push_back(v); },
                           {.include_history = true, .conflate = true});
    running_app running(one, nats);
    co_await one.ready();
    EXPECT_THAT(seen, ElementsAre("1", "2", "3"));
    one.stop();
    co_await until(running.done());
  });
}

}  // namespace
}  // namespace kvco::test

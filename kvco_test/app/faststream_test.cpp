// FastStream's documents of Key-Value handlers, sentence by sentence, against real servers.
#include <kvco_test/app/app_fixture.hpp>

#include <kvco/typed/typed_bucket.hpp>

namespace kvco::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class faststream_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(faststream_test);

// The handler's bucket is created by its registration; a value that a hook puts after the start reaches it, decoded, once.
// seed: S0.6, S0.8, S0.11, S0.12
TEST_P(faststream_test, a_put_after_the_start_reaches_the_handler) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    seen_list seen;
    app one(nats);
    one.watch<std::string>("bucket", "key", [&](std::string text) {
      seen.push_back(text);
      one.stop();
    });
    one.after_startup([&]() -> asio::awaitable<void> {
      bucket kv = co_await one.key_value("bucket");
      co_await kv.put("key", "Hello!");
    });
    co_await one.run({.signals = false});
    EXPECT_THAT(seen, ElementsAre("Hello!"));
  });
}

// The second call for a bucket makes no request.
// seed: S0.7
TEST_P(faststream_test, a_bucket_is_requested_once) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    app one(nats);
    one.watch<std::string>("bucket", "key", [](std::string) {});
    std::uint64_t before = 1, after = 2;
    one.after_startup([&]() -> asio::awaitable<void> {
      before = nats.statistics().bytes_out;
      bucket kv = co_await one.key_value("bucket");
      bucket again = co_await one.key_value("bucket");
      after = nats.statistics().bytes_out;
      EXPECT_EQ(again.name(), "bucket");
      EXPECT_TRUE(kv);
      one.stop();
    });
    co_await one.run({.signals = false});
    EXPECT_EQ(before, after);
  });
}

// With declare = false a missing bucket is an error of the start, and is not created.
// seed: S0.10
TEST_P(faststream_test, a_bucket_that_is_not_declared_has_to_exist) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    bool after_startup = false, after_shutdown = false;
    app one(nats);
    one.watch<std::string>("missing", "key", [](std::string) {}, {.name = "reader", .declare = false});
    one.after_startup([&] { after_startup = true; });
    one.after_shutdown([&] { after_shutdown = true; });
    const auto running = std::make_shared<running_app>(one, nats);
    co_await until(running->done());
    EXPECT_EQ(running->code(), errc::bucket_not_found) << running->failure();
    EXPECT_THAT(running->failure(), HasSubstr("reader"));
    EXPECT_FALSE(after_startup);
    EXPECT_TRUE(after_shutdown) << "what on_startup has made can be released";
    EXPECT_EQ(co_await nats.bucket_names(), std::vector<std::string>());
  });
}

// A value that was stored before is delivered at the start.
// seed: S0.13
TEST_P(faststream_test, what_was_stored_before_is_delivered) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("key", "old");
    co_await b.put("key", "last");
    seen_list seen;
    app one(nats);
    one.watch<std::string>("B", "key", [&](std::string text, handler_context about) {
      seen.push_back(text + (about.is_initial ? " initial" : " new"));
      if (seen.size() == 2) one.stop();
    });
    one.after_startup([&]() -> asio::awaitable<void> {
      // Server 2.9 would count the next one as initial.
      const auto handled = [&] { return seen.size() == 1; };
      co_await until(handled);
      co_await b.put("key", "new");
    });
    co_await one.run({.signals = false});
    EXPECT_THAT(seen, ElementsAre("last initial", "new new"));
  });
}

// Startup hooks before anything is consumed, the others in order; each list in the order of registration.
// seed: S0.12, S1.2
TEST_P(faststream_test, hooks_are_called_in_order) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("key", "v");
    seen_list seen;
    app one(nats);
    one.after_shutdown([&] { seen.push_back("after_shutdown"); });
    one.on_shutdown([&] { seen.push_back("on_shutdown"); });
    one.after_startup([&]() -> asio::awaitable<void> {
      seen.push_back("after_startup");
      const auto handled = [&] { return one.health().front().counters.handled == 1; };
      co_await until(handled);
      one.stop();
    });
    one.on_startup([&]() -> asio::awaitable<void> {
      co_await nats.flush();
      seen.push_back("on_startup 1");
    });
    one.on_startup([&] { seen.push_back("on_startup 2"); });
    one.watch<std::string>("B", "key", [](std::string) {});
    co_await one.run({.signals = false});
    EXPECT_THAT(
        seen, ElementsAre("on_startup 1", "on_startup 2", "after_startup", "on_shutdown", "after_shutdown"));
  });
}

// A bucket made in on_startup, and read in the handler of a message: what a hook has put is there.
// seed: S1.1, S1.3, S1.4
TEST_P(faststream_test, a_handler_of_messages_reads_a_bucket) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    seen_list seen;
    app one(nats);
    bucket kv;
    one.on_startup(
        [&]() -> asio::awaitable<void> { kv = co_await nats.create_bucket(bucket_config("bucket")); });
    one.subscribe<std::string>("subject", [&](std::string text) -> asio::awaitable<void> {
      const std::string value = co_await value_of(kv, "key");
      seen.push_back(text + " " + value);
      one.stop();
    });
    one.after_startup([&]() -> asio::awaitable<void> {
      co_await kv.put("key", "Hello!");
      co_await nats.publish("subject", "Hi!");
    });
    co_await one.run({.signals = false});
    EXPECT_THAT(seen, ElementsAre("Hi! Hello!"));
  });
}

// Several handlers share one bucket, as a parameter.
// seed: S1.3
TEST_P(faststream_test, the_bucket_is_a_parameter) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    app one(nats);
    const auto note = [&](std::string text, bucket kv) -> asio::awaitable<void> {
      co_await kv.put(text, "seen");
      const std::vector<std::string> keys = co_await kv.keys();
      if (keys.size() == 2) one.stop();
    };
    one.subscribe<std::string>("a", note, {.bucket = "bucket"});
    one.subscribe<std::string>("b", note, {.bucket = "bucket"});
    one.after_startup([&]() -> asio::awaitable<void> {
      co_await nats.publish("a", "first");
      co_await nats.publish("b", "second");
    });
    co_await one.run({.signals = false});
    bucket kv = co_await nats.open_bucket("bucket");
    EXPECT_EQ(co_await keys_of(kv), "first second");
  });
}

// FastStream's path parameters: captures, of keys and of subjects. A bucket is a name, or a configuration.
// seed: S0.9
TEST_P(faststream_test, captures_are_parameters) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    seen_list seen;
    app one(nats);
    one.watch<std::string>(bucket_config("orders").history(3), "in.{name}.{id}",
                           [&](std::string v, std::string_view name, int id) {
                             seen.push_back(v + std::string(name) + std::to_string(id));
                             if (seen.size() == 2) one.stop();
                           });
    one.subscribe<std::string>("sub.{name}", [&](std::string v, const captures& all) {
      seen.push_back(v + std::string(all["name"]));
      if (seen.size() == 2) one.stop();
    });
    one.after_startup([&]() -> asio::awaitable<void> {
      bucket orders = co_await one.key_value("orders");
      const bucket_status status = co_await orders.status();
      EXPECT_EQ(status.config.history(), 3);
      co_await orders.put("in.john.1", "k ");
      co_await nats.publish("sub.mary", "m ");
    });
    co_await one.run({.signals = false});
    EXPECT_THAT(seen, UnorderedElementsAre("k john1", "m mary"));
  });
}

}  // namespace
}  // namespace kvco::test

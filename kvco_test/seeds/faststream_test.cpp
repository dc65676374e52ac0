// The sentences of FastStream's pages (S0, S1) about buckets. Those about handlers and their life are in app/.
#include <gmock/gmock.h>

#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using testing::HasSubstr;

class faststream : public generations_test {};
KVCO_ON_ALL_GENERATIONS(faststream);

// seed: S0.1, S1.1
TEST_P(faststream, a_bucket_is_a_stream_that_can_be_reached) {
  with_bucket(bucket_config("bucket"), [](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("key", "Hello!");
    const bucket_status status = co_await b.status();
    EXPECT_EQ(status.stream.name, "KV_bucket");
    const std::string info = co_await b.client().jetstream_request("STREAM.INFO." + status.stream.name, "");
    EXPECT_THAT(info, HasSubstr(R"("subjects":["$KV.bucket.\u003e"])"));
    const std::string native = R"({"name":"KV_native","subjects":["$KV.native.>"],"max_msgs_per_subject":1,)"
                               R"("allow_rollup_hdrs":true,"allow_direct":true,"discard":"new"})";
    co_await nats.jetstream_request("STREAM.CREATE.KV_native", native);
    bucket by_hand = co_await nats.open_bucket("native");
    EXPECT_EQ(co_await by_hand.put("key", "Hello!"), 1u);
  });
}

// seed: S0.2
TEST_P(faststream, a_put_is_a_publication_and_the_other_way_round) {
  raw_client raw(server.port());
  with_bucket(bucket_config("bucket"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const std::string sid = raw.subscribe("$KV.bucket.key");
    raw.flush();
    watcher updates = b.watch("key");
    co_await b.put("key", "put");
    EXPECT_EQ(raw.next(sid).payload, "put");
    co_await b.update("key", "updated", 1);
    EXPECT_EQ(raw.next(sid).payload, "updated");
    raw.request("$KV.bucket.key", "published");
    EXPECT_EQ(co_await value_of(b, "key"), "published");
    const message acknowledged = co_await nats.request("$KV.bucket.key", "requested");
    EXPECT_THAT(std::string(acknowledged.payload()), HasSubstr(R"("seq":4)"));
    co_await until([&] { return updates.queued() > 0; });
    std::string last;
    while (last != "key@4=requested") last = co_await next_of(updates);
  });
}

// seed: S0.3, S0.4, S0.5
TEST_P(faststream, a_bucket_is_a_map_a_source_of_changes_and_a_history) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("key", "one");
    co_await b.put("key", "two");
    const auto last = co_await b.get("key");
    EXPECT_EQ(last.value().value(), "two");
    EXPECT_EQ(last.value().revision(), 2u);
    const auto old = co_await b.get_revision("key", 1);
    EXPECT_EQ(old.value().value(), "one");
    watcher changes = b.watch("key", {.updates_only = true});
    co_await changes.ready();
    co_await b.put("key", "three");
    EXPECT_EQ(co_await next_of(changes), "key@3=three");
  });
}

// What the older page does by hand: a bucket made at the start, a handle that all share, a value put after the start and read where a
// message of a plain subject arrives.
// seed: S1.3, S1.4, S1.5
TEST_P(faststream, a_subscription_reads_what_was_put_by_the_handle_that_it_shares) {
  with_bucket(bucket_config("bucket"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    std::vector<std::string> read;
    std::vector<subscription> subjects;
    for (const char* subject : {"subject.one", "subject.two"}) subjects.push_back(nats.subscribe(subject));
    co_await b.put("key", "Hello!");
    for (const char* subject : {"subject.one", "subject.two"}) co_await nats.publish(subject, "");
    for (subscription& each : subjects) {
      const auto arrived = co_await each.next();
      EXPECT_TRUE(arrived);
      const auto value = co_await b.get("key");
      EXPECT_EQ(value.value().bytes().size(), 6u);
      read.push_back(std::string(value.value().value()));
    }
    EXPECT_THAT(read, testing::ElementsAre("Hello!", "Hello!"));
  });
}

}  // namespace
}  // namespace kvco::test

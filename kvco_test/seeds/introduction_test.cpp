// The sentences of NATS .NET's introduction of Key/Value (S4), as kvco's users write it.
#include <gmock/gmock.h>

#include <boost/describe/class.hpp>
#include <kvco/typed/typed_bucket.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

struct shop_order {
  int Id;
};
BOOST_DESCRIBE_STRUCT(shop_order, (), (Id))

using testing::HasSubstr;
using testing::IsEmpty;

class introduction : public generations_test {};
KVCO_ON_ALL_GENERATIONS(introduction);

// seed: S4.1
TEST_P(introduction, a_client_needs_no_settings_and_connects_lazily) {
  asio::io_context reactor;
  EXPECT_EQ(config().urls(), "nats://127.0.0.1:4222")
      << "kvco names the address: localhost may be another one";
  client nats(reactor, config(server.url()));
  EXPECT_EQ(nats.health().state, connection_state::connecting);
  EXPECT_EQ(nats.statistics().bytes_out, 0u) << "nothing was done inside the constructor";
  drive(reactor, [&]() -> asio::awaitable<void> {
    bucket store = co_await nats.create_bucket(bucket_config("SHOP_ORDERS"));
    EXPECT_EQ(co_await store.put("k", "v"), 1u);
  });
}

// seed: S4.2
TEST_P(introduction, a_server_without_jetstream_is_named_as_the_reason) {
  nats_server without({.version = GetParam(), .jetstream = false});
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(without.url());
    const auto [code, none] = co_await nats.create_bucket(bucket_config("SHOP_ORDERS"), nothrow);
    EXPECT_EQ(code, errc::jetstream_not_enabled) << code;
    EXPECT_THAT(code.message(), HasSubstr("JetStream"));
  });
}

// The server has its default configuration and JetStream: the fixture sets nothing more.
// seed: S4.3, S4.4
TEST_P(introduction, a_store_by_its_name_alone_has_the_defaults_of_adr_8) {
  raw_client raw(server.port());
  with_bucket(bucket_config("SHOP_ORDERS"), [&](client&, bucket& store) -> asio::awaitable<void> {
    const auto field = [&](std::string_view name) { return stream_field(raw, "SHOP_ORDERS", name); };
    EXPECT_EQ(field("subjects"), R"(["$KV.SHOP_ORDERS.\u003e"])");
    EXPECT_EQ(field("max_msgs_per_subject"), "1");
    EXPECT_EQ(field("storage"), "\"file\"");
    EXPECT_EQ(field("discard"), "\"new\"");
    EXPECT_EQ(field("allow_direct"), "true");
    EXPECT_EQ(field("allow_rollup_hdrs"), "true");
    EXPECT_EQ(field("deny_delete"), "true");
    EXPECT_EQ(field("duplicate_window"), "120000000000");
    EXPECT_EQ(field("num_replicas"), "1");
    const bucket_status status = co_await store.status();
    EXPECT_EQ(status.messages, 0u);
    EXPECT_EQ(status.bytes, 0u);
  });
  with_bucket(bucket_config("SHORT").ttl(std::chrono::seconds(60)),
              [&](client&, bucket&) -> asio::awaitable<void> {
                EXPECT_EQ(stream_field(raw, "SHORT", "duplicate_window"), "60000000000") << "at most the ttl";
                co_return;
              });
}

// seed: S4.6, S4.7, S4.8
TEST_P(introduction, an_object_is_stored_as_json_and_read_as_a_typed_entry) {
  raw_client raw(server.port());
  with_bucket(bucket_config("SHOP_ORDERS"), [&](client&, bucket& store) -> asio::awaitable<void> {
    typed_bucket<shop_order> orders(store);
    EXPECT_EQ(co_await orders.put("order-1", {1}), 1u);
    EXPECT_EQ(co_await value_of(store, "order-1"), R"({"Id":1})");
    EXPECT_THAT(api(raw, "STREAM.MSG.GET.KV_SHOP_ORDERS", R"({"seq":1})"), HasSubstr("eyJJZCI6MX0="))
        << "other tools read the same bytes";
    const auto read = co_await orders.get("order-1");
    const typed_entry<shop_order>& e = read.value();
    EXPECT_EQ(e.bucket(), "SHOP_ORDERS");
    EXPECT_EQ(e.key(), "order-1");
    EXPECT_EQ(e.value().Id, 1);
    EXPECT_EQ(e.revision(), 1u);
    EXPECT_EQ(e.delta(), 0u);
    EXPECT_EQ(e.operation(), operation::put);
    EXPECT_TRUE(e.has_value());
    EXPECT_GT(e.created(), std::chrono::system_clock::now() - std::chrono::minutes(1));
    co_await typed_bucket<std::string>(store).put("text", "raw");
    co_await typed_bucket<int>(store).put("number", 42);
    EXPECT_EQ(co_await value_of(store, "text"), "raw");
    EXPECT_EQ(co_await value_of(store, "number"), "42");
  });
}

// seed: S4.9
TEST_P(introduction, a_typed_watch_has_additions_updates_deletions_and_what_does_not_decode) {
  with_bucket(bucket_config("SHOP_ORDERS"), [](client&, bucket& store) -> asio::awaitable<void> {
    typed_bucket<shop_order> orders(store);
    co_await orders.put("order-1", {1});
    auto updates = orders.watch_all();
    const auto first = co_await updates.next();
    EXPECT_EQ(first.value().value().Id, 1) << "it begins with what is there";
    co_await orders.put("order-2", {2});
    EXPECT_EQ((co_await updates.next()).value().value().Id, 2);
    co_await store.put("order-3", "no json");
    co_await orders.put("order-1", {10});
    co_await orders.erase("order-2");
    const auto undecoded = co_await updates.next();
    EXPECT_FALSE(undecoded.value().has_value());
    EXPECT_EQ(undecoded.value().key(), "order-3");
    EXPECT_EQ(undecoded.value().error().code, errc::invalid_value) << undecoded.value().error().text;
    EXPECT_EQ((co_await updates.next()).value().value().Id, 10) << "the watch goes on";
    const auto deletion = co_await updates.next();
    EXPECT_EQ(deletion.value().operation(), operation::erase);
    EXPECT_EQ(deletion.value().key(), "order-2");
  });
}

// Both ends of a cancelled iteration: an error code, and an exception.
// seed: S4.10
// peer: G14, G15, N54
TEST_P(introduction, an_iteration_ends_by_cancellation) {
  with_bucket(bucket_config("SHOP_ORDERS"), [](client&, bucket& store) -> asio::awaitable<void> {
    co_await store.put("order-1", "v");
    watcher updates = store.watch_all();
    EXPECT_EQ(co_await next_of(updates), "order-1@1=v");
    asio::cancellation_signal stop;
    heard<std::optional<entry>> cancelled;
    updates.next(asio::bind_cancellation_slot(stop.slot(), cancelled));
    stop.emit(asio::cancellation_type::all);
    co_await until([&] { return cancelled.done(); });
    EXPECT_EQ(cancelled.code(), asio::error::operation_aborted);
    co_await store.put("order-2", "v");
    EXPECT_EQ(co_await next_of(updates), "order-2@2=v") << "the watch itself goes on";
    updates.stop();
    EXPECT_EQ(co_await next_of(updates), "end") << "stopping ends it without an error";
  });
}

// seed: S4.11
// peer: N54
TEST_P(introduction, the_end_of_a_client_with_open_watches_logs_no_warning) {
  std::string warnings;
  run([&]() -> asio::awaitable<void> {
    config quiet(server.url());
    quiet.observe().log(log_level::warning,
                        [&](const log_record& line) { warnings += std::string(line.message) + "\n"; });
    client nats = co_await connect(quiet);
    bucket store = co_await nats.create_bucket(bucket_config("SHOP_ORDERS"));
    watcher waits = store.watch_all(), unread = store.watch_all();
    co_await store.put("order-1", "v");
    EXPECT_EQ(co_await next_of(waits), "order-1@1=v");
    heard<std::optional<entry>> pending;
    waits.next(pending);
    co_await nats.close();
    co_await until([&] { return pending.done(); });
  });
  EXPECT_THAT(warnings, IsEmpty());
}

// Every call of a store of NATS .NET, with and without exceptions.
// seed: S4.12
TEST_P(introduction, the_whole_surface) {
  with_bucket(with_history(5), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await b.put("a", "1"), 1u);
    EXPECT_EQ(co_await b.create("b", "1"), 2u);
    EXPECT_EQ(co_await b.update("b", "2", 2), 3u);
    EXPECT_EQ(co_await b.erase("b", {.last_revision = 3}), 4u);
    EXPECT_EQ(co_await b.purge("b", {.last_revision = 4}), 5u);
    const auto [created, no_revision] = co_await b.create("a", "2", nothrow);
    EXPECT_EQ(created, errc::key_exists);
    const auto [updated, none] = co_await b.update("a", "2", 9, nothrow);
    EXPECT_EQ(updated, errc::wrong_last_revision);
    const auto [found, last] = co_await b.get("a", nothrow);
    EXPECT_FALSE(found);
    EXPECT_EQ(show(last), "a@1=1");
    EXPECT_EQ(show(co_await b.get_revision("a", 1)), "a@1=1");
    EXPECT_EQ(co_await history_of(b, "b"), "b@5 PURGE");
    EXPECT_EQ((co_await b.status()).messages, 2u);
    EXPECT_EQ(co_await keys_of(b, "*"), "a");
    EXPECT_EQ(co_await b.purge_deletes(), 0u);
    EXPECT_TRUE(is_valid_key("a") && !is_valid_key("a b"));

    watcher plain = b.watch_all(), one = b.watch("a"), several = b.watch({"a", "b"});
    EXPECT_EQ(co_await initial_of(plain), "a@1=1 b@5 PURGE");
    EXPECT_EQ(co_await initial_of(one), "a@1=1");
    EXPECT_EQ(co_await initial_of(several), "a@1=1 b@5 PURGE");
    watcher resumed = b.watch_all({.resume_from = 5, .heartbeat = std::chrono::seconds(5)});
    EXPECT_EQ(co_await initial_of(resumed), "b@5 PURGE");

    bucket opened = co_await nats.open_bucket("B");
    bucket ensured = co_await nats.ensure_bucket(bucket_config("B").description("new"),
                                                 {.on_conflict = on_conflict::update});
    EXPECT_EQ((co_await ensured.status()).config.description(), "new");
    EXPECT_EQ(show(co_await nats.bucket_names()), "B");
    co_await nats.delete_bucket("B");
  });
}

}  // namespace
}  // namespace kvco::test

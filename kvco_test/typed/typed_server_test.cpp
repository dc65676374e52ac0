// Typed buckets on real servers: the stored bytes, what others have stored, a watch that goes on.
#include <kvco/typed/pinned_codec.hpp>
#include <kvco_test/support/server/kv_test.hpp>
#include <kvco_test/typed/order.hpp>

namespace kvco::test {
namespace {

class typed_server_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(typed_server_test);

// S4.6, S4.7, S4.8
TEST_P(typed_server_test, stores_exactly_the_json_of_the_value) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    const typed_bucket<order> orders(b);
    EXPECT_EQ(co_await orders.put("order-1", {1}), 1u);
    EXPECT_EQ(co_await value_of(b, "order-1"), R"({"Id":1})");
    EXPECT_EQ(co_await orders.update("order-1", {2}, 1), 2u);
    EXPECT_EQ(co_await orders.create("order-2", {3}), 3u);
    const auto found = co_await orders.get("order-1");
    EXPECT_EQ(describe(found), R"(order-1@2={"Id":2})");
    EXPECT_EQ(found->bucket(), "B");
    EXPECT_EQ(describe(co_await orders.get_revision("order-1", 1)), R"(order-1@1={"Id":1})");
    EXPECT_EQ(describe(co_await orders.get("none")), "none");
    co_await orders.erase("order-1");
    const auto history = co_await orders.history("order-1");
    EXPECT_EQ(describe_all(history), R"(order-1@1={"Id":1} order-1@2={"Id":2} order-1@4 DEL)");
    EXPECT_EQ(history[2].error().code, errc::no_value);
    co_await orders.purge("order-2");
    EXPECT_EQ((co_await orders.keys()).size(), 0u);
  });
}

TEST_P(typed_server_test, stores_numbers_and_text_as_they_are) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    co_await typed_bucket<int>(b).put("n", 42);
    const std::string text = "fig";
    co_await typed_bucket<std::string>(b).put("t", text);
    EXPECT_EQ(co_await value_of(b, "n"), "42");
    EXPECT_EQ(co_await value_of(b, "t"), "fig");
    co_await b.put("n", "43");
    EXPECT_EQ(describe(co_await typed_bucket<int>(b).get("n")), "n@3=43");
  });
}

TEST_P(typed_server_test, many_keys_at_once) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    const typed_bucket<order> orders(b);
    const std::map<std::string, order> items = {{"a", {1}}, {"b", {2}}};
    const auto stored = co_await orders.put_many(items);
    EXPECT_EQ(stored.size(), 2u);
    co_await b.put("bad", "{");
    const std::vector<std::string> keys = {"b", "none", "bad", "a"};
    const auto found = co_await orders.get_many(keys);
    EXPECT_EQ(describe_all(found),
              R"(b@2={"Id":2} none bad@3 ! no JSON at byte 1: incomplete JSON a@1={"Id":1})");
  });
}

// S4.9
// peer: N48
TEST_P(typed_server_test, a_watch_goes_on_after_what_it_cannot_decode) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    const typed_bucket<order> orders(b);
    co_await orders.put("a", {1});
    co_await b.put("b", "foreign");
    co_await orders.put("c", {3});
    auto updates = orders.watch_all();
    std::vector<std::string> seen;
    while (auto e = co_await updates.next_initial()) {
      seen.push_back(describe(*e));
      EXPECT_EQ(e->has_value(), e->stored().value() != "foreign");
    }
    EXPECT_EQ(seen, (std::vector<std::string>{R"(a@1={"Id":1})", "b@2 ! no JSON at byte 0: syntax error",
                                              R"(c@3={"Id":3})"}));
    co_await orders.erase("a");
    co_await orders.put("b", {4});
    EXPECT_EQ(describe(co_await updates.next()), "a@4 DEL");
    EXPECT_EQ(describe(co_await updates.next()), R"(b@5={"Id":4})");
    auto without = orders.watch("c", {.meta_only = true});
    const auto meta = co_await without.next();
    EXPECT_EQ(meta->error().code, errc::no_value);
    updates.stop();
    EXPECT_EQ(describe(co_await updates.next()), "none");
  });
}

TEST_P(typed_server_test, a_watch_is_ready_gives_batches_and_is_resumed) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    const typed_bucket<int> numbers(b);
    for (int i = 1; i <= 5; ++i) co_await numbers.put("k", i);
    auto updates = numbers.watch_all({.include_history = true});
    co_await updates.ready();
    const auto received = [&] { return updates.queued() == 5; };
    co_await until(received);
    const auto two = co_await updates.next_batch(2);
    EXPECT_EQ(describe_all(two.value()), "k@1=1 k@2=2");
    auto [none, refused] = co_await updates.next_batch(0, nothrow);
    EXPECT_EQ(none, errc::invalid_argument);
    auto [error, rest] = co_await updates.next_batch(nothrow);
    EXPECT_EQ(describe_all(rest.value()), "k@3=3 k@4=4 k@5=5");
    EXPECT_EQ(updates.resume_token().revision(), 5u);
    EXPECT_EQ(updates.progress(), 5u);
    EXPECT_EQ(updates.missed(), 0u);
    auto again = numbers.watch_all({.resume_after = updates.resume_token(rest->front())});
    EXPECT_EQ(describe(co_await again.next()), "k@4=4");
  });
}

TEST_P(typed_server_test, keys_of_any_text_are_watched_by_filters) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    const typed_bucket<int, default_codec<int>, key_codec_chain<path_key_codec, base64_key_codec>> paths(b);
    co_await paths.put("/ann/a b", 1);
    co_await paths.put("/bob/ä", 2);
    EXPECT_EQ(show(co_await paths.keys("/ann/*")), "/ann/a b");
    auto updates = paths.watch("/bob/>");
    EXPECT_EQ(describe(co_await updates.next()), "/bob/ä@2=2");
  });
}

TEST_P(typed_server_test, another_codec_than_the_pinned_one_is_reported) {
  with_client([](client& nats) -> asio::awaitable<void> {
    using orders_of_b = typed_bucket<order>;
    bucket_config config("B");
    config = pin_codecs<orders_of_b>(config);
    auto made = co_await nats.create_bucket(config, nothrow);
    auto& [refused, b] = made;
    if (!at_least("2.10")) {
      EXPECT_EQ(refused, errc::unsupported_by_server);  // the server has no metadata
      co_return;
    }
    const orders_of_b orders = co_await bind<orders_of_b>(b);
    EXPECT_EQ(co_await orders.put("a", {1}), 1u);
    auto got = co_await bind<typed_bucket<std::string>>(b, nothrow);
    auto& [code, texts] = got;
    EXPECT_EQ(code, errc::codec_mismatch);
    EXPECT_EQ(error_detail(), R"(_kvco.codec is "json", and this one is "text")");
    EXPECT_FALSE(texts);
  });
}

}  // namespace
}  // namespace kvco::test

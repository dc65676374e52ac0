// Values: any bytes, and the limits of the server and of the bucket.
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

class values_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(values_test);

constexpr std::size_t mebibyte = 1u << 20;  // a server's max_payload where none is configured

std::string all_bytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

std::vector<std::string> odd_values() {
  return {"",
          std::string(1, '\0'),
          std::string("a\0b\0", 4),
          "\r\n",
          "\r\nMSG x 1 5\r\nhello\r\n",
          "MSG ",
          "+OK\r\nPING\r\n-ERR 'x'\r\n",
          "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n",
          "\xff\xfe\xff",
          all_bytes(),
          std::string(100'000, '\r'),
          std::string(300'000, '\xff')};
}

// fault: 24, 66
TEST_P(values_test, any_bytes_come_back_as_they_were) {
  with_bucket(bucket_config("B").history(20), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::vector<std::string> values = odd_values();
    watcher updates = b.watch_all();
    revision rev = 0;
    for (const std::string& value : values) {
      EXPECT_EQ(co_await b.put("k", value), ++rev);
      const std::optional<entry> any = co_await b.get("k");
      EXPECT_EQ(any.value().value(), value);
      EXPECT_EQ(any.value().value_size(), value.size());
      EXPECT_EQ(any.value().operation(), operation::put);
      const std::optional<entry> leader = co_await b.get("k", {.consistency = consistency::leader});
      EXPECT_EQ(leader.value().value(), value);
      const std::optional<entry> watched = co_await updates.next();
      EXPECT_EQ(watched.value().value(), value);
    }
    const std::vector<entry> all = co_await b.history("k");
    EXPECT_EQ(all.size(), values.size());
    for (std::size_t i = 0; i < std::min(all.size(), values.size()); ++i)
      EXPECT_EQ(all[i].value(), values[i]);
  });
}

// contract: 10
TEST_P(values_test, bytes_need_no_cast) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::string text = all_bytes();
    const std::span<const std::byte> bytes = std::as_bytes(std::span(text));
    const std::vector<std::byte> owned(bytes.begin(), bytes.end());
    EXPECT_EQ(co_await b.put("put", bytes), 1u);
    EXPECT_EQ(co_await b.put("updated", "text", {.timeout = std::chrono::seconds(5)}), 2u);
    EXPECT_EQ(co_await b.update("updated", owned, 2), 3u);
    const auto [code, rev] = co_await b.create("created", owned, create_options(), nothrow);
    EXPECT_EQ(rev, 4u) << code;
    const std::vector<put_item> items = {{"one.of.many", owned}};
    EXPECT_EQ((co_await b.put_many(items)).at(0).revision(), 5u);
    for (const char* key : {"put", "updated", "created", "one.of.many"}) {
      const std::optional<entry> stored = co_await b.get(key);
      EXPECT_TRUE(std::ranges::equal(stored.value().bytes(), bytes)) << key;
      EXPECT_EQ(stored.value().value(), text) << key;
    }
  });
}

// fault: 24
TEST_P(values_test, create_and_update_carry_any_bytes_too) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::vector<std::string> values = odd_values();
    for (const std::string& value : values) {
      co_await b.erase("k");
      const revision created = co_await b.create("k", value);  // over a tombstone: the slow way
      EXPECT_EQ(co_await value_of(b, "k"), value);
      co_await b.update("k", value + "!", created);
      EXPECT_EQ(co_await value_of(b, "k"), value + "!");
    }
  });
}

// fault: 66
TEST_P(values_test, the_largest_value_is_the_servers_max_payload) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(nats.server_info().max_payload, mebibyte);
    const std::string largest(mebibyte, 'x');
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await b.put("k", largest), 1u);
    const std::optional<entry> e = co_await b.get("k");
    EXPECT_EQ(e.value().value(), largest);
    const std::optional<entry> watched = co_await updates.next();
    EXPECT_EQ(watched.value().value(), largest);
    const std::optional<entry> from_leader = co_await b.get("k", {.consistency = consistency::leader});
    EXPECT_EQ(from_leader.value().value(), largest) << "in base64 it is larger than max_payload";
  });
}

// fault: 66
TEST_P(values_test, one_byte_more_is_refused_before_it_is_sent) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const std::string too_large(mebibyte + 1, 'x');
    co_await nats.flush();
    const auto before = nats.statistics();
    auto [put, no_put] = co_await b.put("k", too_large, nothrow);
    EXPECT_EQ(put, errc::value_too_large);
    EXPECT_EQ(put, client_error::value_over_max_payload);
    EXPECT_NE(error_detail().find("1048577"), std::string::npos) << error_detail();
    EXPECT_NE(error_detail().find("1048576"), std::string::npos) << error_detail();
    auto [created, no_create] = co_await b.create("k", too_large, nothrow);
    EXPECT_EQ(created, errc::value_too_large);
    auto [updated, no_update] = co_await b.update("k", too_large, 1, nothrow);
    EXPECT_EQ(updated, errc::value_too_large);
    EXPECT_EQ(nats.statistics().bytes_out, before.bytes_out);
    EXPECT_EQ(co_await b.put("k", "small"), 1u) << "the connection is unharmed";
    EXPECT_EQ(nats.statistics().reconnects, 0u);
  });
}

// fault: 66
TEST_P(values_test, headers_count_against_max_payload) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const std::string header = "NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: 0\r\n\r\n";
    const std::string largest(mebibyte - header.size(), 'x');
    const auto before = nats.statistics().bytes_out;
    auto [ec, none] = co_await b.create("k", largest + "x", nothrow);
    EXPECT_EQ(ec, client_error::value_over_max_payload);
    EXPECT_EQ(nats.statistics().bytes_out, before);
    EXPECT_EQ(co_await b.create("k", largest), 1u);
  });
}

// fault: 56
TEST_P(values_test, the_buckets_limit_counts_headers_too) {
  with_bucket(bucket_config("B").max_value_size(10), [&](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await b.put("k", "0123456789"), 1u);
    auto [larger, none] = co_await b.put("k", "0123456789x", nothrow);
    EXPECT_EQ(larger, errc::value_too_large);
    EXPECT_EQ(larger, error_code(10054, jetstream_category())) << "the server says it";
    auto [with_header, no_second] = co_await b.update("k", "0123456789", 1, nothrow);
    EXPECT_EQ(with_header, errc::value_too_large);
    EXPECT_EQ(co_await value_of(b, "k"), "0123456789");
  });
}

// fault: 56
TEST_P(values_test, a_full_bucket_refuses_and_keeps_what_it_has) {
  with_bucket(bucket_config("B").max_bytes(10'000), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::string value(1000, 'x');
    error_code ec;
    int stored = 0;
    for (; !ec && stored < 100; stored += !ec) {
      auto [code, none] = co_await b.put("key." + std::to_string(stored), value, nothrow);
      ec = code;
    }
    EXPECT_EQ(ec, errc::bucket_full);
    EXPECT_EQ(ec, error_code(10077, jetstream_category()));
    EXPECT_GT(stored, 5);
    EXPECT_LT(stored, 11);
    const std::vector<std::string> kept = co_await b.keys();
    EXPECT_EQ(kept.size(), static_cast<std::size_t>(stored));
    co_await b.purge("key.0");
    const revision again = co_await b.put("key.0", "small");
    EXPECT_GT(again, 0u) << "there is room again";
  });
}

TEST_P(values_test, a_server_with_a_smaller_limit_is_believed) {
  server_options small{.version = GetParam()};
  small.extra_config = "max_payload: 2048";
  nats_server other(small);
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(other.url());
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    EXPECT_EQ(co_await b.put("k", std::string(2048, 'x')), 1u);
    auto [ec, none] = co_await b.put("k", std::string(2049, 'x'), nothrow);
    EXPECT_EQ(ec, errc::value_too_large);
  });
}

TEST_P(values_test, many_large_values_at_once) {
  with_bucket(bucket_config("B").storage(storage::memory), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::string value(900'000, 'x');  // 36 MB: more than the write buffer takes at once
    std::vector<heard<revision>> all(40);
    for (std::size_t i = 0; i < all.size(); ++i) b.put("k." + std::to_string(i), value, all[i]);
    const auto all_done = [&] {
      return std::all_of(all.begin(), all.end(), [](auto& h) { return h.done(); });
    };
    co_await until(all_done);
    revision rev = 0;
    for (const auto& one : all) {
      EXPECT_FALSE(one.code()) << one.code().message();
      EXPECT_EQ(one.value(), ++rev) << "in the order they were started";
    }
    EXPECT_EQ(co_await value_of(b, "k.39"), value);
  });
}

}  // namespace
}  // namespace kvco::test

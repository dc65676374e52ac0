// Reads of one key that few programs need, on real servers: deletions, the next revision, a time, a revision known from elsewhere.
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class single_reads_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(single_reads_test);

TEST_P(single_reads_test, a_deletion_is_told_from_a_key_that_was_never_written) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    co_await b.put("erased", "v");
    co_await b.erase("erased");
    co_await b.put("purged", "v");
    co_await b.purge("purged");
    for (const consistency who : {consistency::session, consistency::any, consistency::leader}) {
      const get_options options{.consistency = who};
      const auto value = co_await b.get_entry("k", options);
      EXPECT_EQ(test::show(value), "k@1=v");
      const auto erased = co_await b.get_entry("erased", options);
      EXPECT_EQ(test::show(erased), "erased@3 DEL");
      const auto purged = co_await b.get_entry("purged", options);
      EXPECT_EQ(test::show(purged), "purged@5 PURGE");
      const auto never = co_await b.get_entry("never", options);
      EXPECT_EQ(test::show(never), "none");
      const auto deleted = co_await b.get("erased", options);
      EXPECT_EQ(test::show(deleted), "none");
    }
  });
}

// peer: N21
TEST_P(single_reads_test, at_a_revision_or_after_it) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"k", "x", "k", "x"}) co_await b.put(key, "v");
    co_await b.erase("k");
    std::string walk;
    revision at = 1;
    while (const std::optional<entry> next = co_await get_at_or_after(b, "k", at)) {
      walk += test::show(next) + ' ';
      at = next->revision() + 1;
    }
    EXPECT_EQ(walk, "k@1=v k@3=v k@5 DEL ");
    const auto never = co_await get_at_or_after(b, "never", 1);
    EXPECT_EQ(test::show(never), "none");
    const auto [zero, none] = co_await get_at_or_after(b, "k", 0, nothrow);
    EXPECT_EQ(zero, errc::invalid_argument);
    const auto [wildcard, nothing] = co_await get_at_or_after(b, "*", 1, nothrow);
    EXPECT_EQ(wildcard, errc::invalid_key);
  });
}

TEST_P(single_reads_test, as_of_a_time) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* value : {"1", "2"}) co_await b.put("k", value);
    co_await b.erase("k");
    co_await b.put("k", "4");
    const std::vector<entry> all = co_await b.history("k");
    const char* values[] = {"k@1=1", "k@2=2", "none", "k@4=4"};
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto then = co_await get_as_of(b, "k", all[i].created());
      EXPECT_EQ(test::show(then), values[i]);
    }
    const auto before = co_await get_as_of(b, "k", all[0].created() - 1ms);
    EXPECT_EQ(test::show(before), "none");
  });
}

// A mirror of another key only answers direct gets, too: like a replica that lags behind.
TEST_P(single_reads_test, a_revision_known_from_elsewhere_is_seen) {
  with_bucket(with_history(), [this](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("mirrored", "");
    raw_client raw(server.port());
    api(raw, "STREAM.CREATE.M",
        R"({"name":"M","storage":"memory","allow_direct":true,"mirror_direct":true,"max_msgs_per_subject":1,)"
        R"("mirror":{"name":"KV_B","filter_subject":"$KV.B.mirrored"}})");
    co_await until([&] { return api(raw, "STREAM.INFO.M").find(R"("messages":1)") != std::string::npos; });
    const std::string acked = raw.request("$KV.B.k", "v").payload;  // by somebody else
    EXPECT_NE(acked.find(R"("seq":2)"), acked.npos) << acked;
    int missed = 0;
    for (int i = 0; i < 100; ++i) {
      const auto any = co_await b.get("k", {.consistency = consistency::any});
      missed += !any;
      const auto seen = co_await b.get("k", {.consistency = consistency::any, .min_revision = 2});
      EXPECT_EQ(test::show(seen), "k@2=v");
      const std::vector<std::string> keys = {"k", "none"};
      const auto many = co_await b.get_many(keys, {.consistency = consistency::any, .min_revision = 2});
      EXPECT_EQ(test::show(many[0]), "k@2=v");
      EXPECT_EQ(test::show(many[1]), "none");
      const auto prefix = co_await b.get_prefix("k", {.consistency = consistency::any, .min_revision = 2});
      EXPECT_EQ(test::show(prefix.entries), "k@2=v");
    }
    EXPECT_GT(missed, 0) << "the mirror was never asked";
    const auto beyond = co_await b.get("k", {.min_revision = 99});
    EXPECT_EQ(test::show(beyond), "k@2=v") << "the leader's word counts";
  });
}

}  // namespace
}  // namespace kvco::test

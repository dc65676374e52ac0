// A value is stored again: revert_key(), copy_key().
#include <kvco_test/support/server/kv_test.hpp>

#include <algorithm>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class rewrite_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(rewrite_test);

std::string new_revision(const std::optional<revision>& rev) { return rev ? std::to_string(*rev) : "none"; }

TEST_P(rewrite_test, an_earlier_value_comes_back) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::string binary("\0\xff", 2);
    co_await b.put("k", binary);
    co_await b.put("k", "second");
    EXPECT_EQ(new_revision(co_await revert_key(b, "k", 1)), "3");
    EXPECT_EQ(co_await value_of(b, "k"), binary);
    co_await b.erase("k");
    EXPECT_EQ(new_revision(co_await revert_key(b, "k", 2, {.retry = retry::idempotent})), "5");
    EXPECT_EQ(co_await value_of(b, "k"), "second") << "over a deletion";
    EXPECT_EQ(new_revision(co_await revert_key(b, "k", 5)), "5") << "it is the last one";
    EXPECT_EQ(show(co_await b.get("k")), "k@5=second");
  });
}

TEST_P(rewrite_test, nothing_comes_back_that_the_history_does_not_have) {
  with_bucket(bucket_config("B").history(2), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "1");
    co_await b.put("other", "2");
    co_await b.erase("k");
    co_await b.put("k", "4");
    EXPECT_EQ(new_revision(co_await revert_key(b, "k", 1)), "none") << "no longer kept";
    EXPECT_EQ(new_revision(co_await revert_key(b, "k", 2)), "none") << "of another key";
    EXPECT_EQ(new_revision(co_await revert_key(b, "k", 3)), "none") << "a deletion";
    EXPECT_EQ(new_revision(co_await revert_key(b, "k", 9)), "none") << "not there yet";
    EXPECT_EQ(new_revision(co_await revert_key(b, "unknown", 1)), "none");
    EXPECT_EQ(show(co_await b.get("k")), "k@4=4");
    auto [zero, none] = co_await revert_key(b, "k", 0, nothrow);
    EXPECT_EQ(zero, errc::invalid_argument);
    auto [key, nothing] = co_await revert_key(b, "a b", 1, nothrow);
    EXPECT_EQ(key, errc::invalid_key);
  });
}

// Of many that revert one key at the same time each has its place: none writes over a revision that it has not seen.
TEST_P(rewrite_test, reverting_compares_and_sets) {
  with_bucket(with_history(64), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "first");
    co_await b.put("k", "second");
    std::vector<heard<std::optional<revision>>> all(8);
    for (auto& each : all) revert_key(b, "k", 1, each);
    const auto over = [&] { return std::all_of(all.begin(), all.end(), [](auto& e) { return e.done(); }); };
    co_await until(over);
    std::size_t stored = 0;
    for (const auto& each : all) {
      stored += each.code() ? 0 : 1;
      EXPECT_TRUE(!each.code() || each.code() == errc::wrong_last_revision) << each.code();
    }
    EXPECT_GE(stored, 1u);
    EXPECT_EQ((co_await b.history("k")).size(), 2 + stored);
  });
}

TEST_P(rewrite_test, a_value_is_copied_within_a_bucket_and_to_another_one) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    bucket other = co_await nats.create_bucket(bucket_config("OTHER"));
    co_await b.put("k", "v");
    EXPECT_EQ(new_revision(co_await copy_key(b, "k", b, "copy")), "2");
    EXPECT_EQ(new_revision(co_await copy_key(b, "k", other, "k")), "1");
    EXPECT_EQ(co_await value_of(b, "copy"), "v");
    EXPECT_EQ(co_await value_of(other, "k"), "v");
    co_await b.put("k", "new");
    EXPECT_EQ(new_revision(co_await copy_key(b, "k", other, "k", {.retry = retry::idempotent})), "2")
        << "over what is there";
    EXPECT_EQ(co_await value_of(other, "k"), "new");
    co_await b.erase("k");
    EXPECT_EQ(new_revision(co_await copy_key(b, "k", other, "k")), "none") << "no value";
    EXPECT_EQ(new_revision(co_await copy_key(b, "unknown", other, "k")), "none");
    EXPECT_EQ(co_await value_of(other, "k"), "new");
  });
}

TEST_P(rewrite_test, a_copy_overwrites_only_what_it_may) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    co_await b.put("taken", "there");
    auto [exists, none] = co_await copy_key(b, "k", b, "taken", {.overwrite = false}, nothrow);
    EXPECT_EQ(exists, errc::key_exists);
    EXPECT_EQ(co_await value_of(b, "taken"), "there");
    co_await b.erase("taken");
    EXPECT_EQ(new_revision(co_await copy_key(b, "k", b, "taken", {.overwrite = false})), "4")
        << "over a tombstone";
    auto [key, nothing] = co_await copy_key(b, "k", b, "a b", nothrow);
    EXPECT_EQ(key, errc::invalid_key);
    auto [wildcard, no_entry] = co_await copy_key(b, "*", b, "x", nothrow);
    EXPECT_EQ(wildcard, errc::invalid_key);
    const bucket unset;
    auto [empty, no_bucket] = co_await copy_key(unset, "k", b, "x", nothrow);
    EXPECT_EQ(empty, errc::closed);
  });
}

// Two clients of one reactor: other accounts, other servers.
TEST_P(rewrite_test, a_copy_goes_from_one_client_to_another) {
  nats_server second({.version = GetParam()});
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    client there = co_await connect(second.url());
    bucket target = co_await there.create_bucket(bucket_config("B"));
    co_await b.put("k", "v");
    EXPECT_EQ(new_revision(co_await copy_key(b, "k", target, "k")), "1");
    EXPECT_EQ(co_await value_of(target, "k"), "v");
    co_await there.close();
    auto [closed, none] = co_await copy_key(b, "k", target, "k", nothrow);
    EXPECT_EQ(closed, errc::closed);
    auto [source, nothing] = co_await copy_key(target, "k", b, "x", nothrow);
    EXPECT_EQ(source, errc::closed);
  });
}

TEST_P(rewrite_test, a_copy_between_executors_is_refused) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    asio::io_context elsewhere;
    client there(elsewhere.get_executor(), config(server.url()));
    asio::io_context& other = elsewhere;
    bucket target;
    drive(other, [&]() -> asio::awaitable<void> { target = co_await there.open_bucket("B"); });
    auto [refused, none] = co_await copy_key(target, "k", b, "k", nothrow);
    EXPECT_EQ(refused, errc::invalid_argument);
    target = {};
    there = {};
    other.restart();
    other.run();
  });
}

}  // namespace
}  // namespace kvco::test

// What kvco writes others read, and the other way round.
#include <kvco_test/interop/pairing.hpp>

namespace kvco::test {
namespace {

class interop_test : public interop_fixture {};
INSTANTIATE_TEST_SUITE_P(with, interop_test,
                         testing::ValuesIn(pairings({"nats_io_kv", "nats_js", "nats_c"},
                                                    server_generations())),
                         name_of);

// Each byte there is, and the empty value.
const std::string all_bytes = [] {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes + "\r\n";
}();

TEST_P(interop_test, the_other_reads_what_kvco_writes) {
  with_shared_bucket([&](bucket& b) -> asio::awaitable<void> {
    co_await b.put("order.1", all_bytes);
    EXPECT_EQ(other.ask("get order.1"), "1:PUT:order.1:" + to_hex(all_bytes));
    co_await b.put("order.1", "");
    EXPECT_EQ(other.ask("get order.1"), "2:PUT:order.1:");
    co_await b.create("-/_=.A9", "odd key");
    EXPECT_EQ(other.ask("get -/_=.A9"), "3:PUT:-/_=.A9:" + to_hex("odd key"));
    co_await b.update("order.1", "third", 2);
    co_await b.erase("order.1");
    EXPECT_EQ(other.ask("history order.1"), "1:PUT:order.1:" + to_hex(all_bytes) +
                                                " 2:PUT:order.1: 4:PUT:order.1:" + to_hex("third") +
                                                " 5:DEL:order.1:");
    EXPECT_EQ(other.ask("keys"), "-/_=.A9");
    co_await b.create("order.1", "again");
    EXPECT_EQ(other.ask("get order.1"), "6:PUT:order.1:" + to_hex("again"));
    co_await b.purge("order.1");
    EXPECT_EQ(other.ask("history order.1"), "7:PURGE:order.1:");
    EXPECT_EQ(other.ask("keys"), "-/_=.A9");
  });
}

TEST_P(interop_test, kvco_reads_what_the_other_writes) {
  with_shared_bucket([&](bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(other.ask("put order.1 " + to_hex(all_bytes)), "1");
    EXPECT_EQ(peer_show(co_await b.get("order.1")), "1:PUT:order.1:" + to_hex(all_bytes));
    EXPECT_EQ(other.ask("put order.1 "), "2");
    EXPECT_EQ(peer_show(co_await b.get("order.1")), "2:PUT:order.1:");
    EXPECT_EQ(other.ask("create -/_=.A9 " + to_hex("odd key")), "3");
    EXPECT_EQ(co_await value_of(b, "-/_=.A9"), "odd key");
    EXPECT_EQ(other.ask("update order.1 2 " + to_hex("third")), "4");
    EXPECT_EQ(other.ask("delete order.1"), "");
    EXPECT_EQ(co_await peer_history(b, "order.1"), "1:PUT:order.1:" + to_hex(all_bytes) +
                                                       " 2:PUT:order.1: 4:PUT:order.1:" + to_hex("third") +
                                                       " 5:DEL:order.1:");
    EXPECT_EQ(co_await keys_of(b), "-/_=.A9");
    EXPECT_EQ(co_await value_of(b, "order.1"), "none");
    EXPECT_EQ(other.ask("create order.1 " + to_hex("again")), "6");
    EXPECT_EQ(co_await value_of(b, "order.1"), "again");
    EXPECT_EQ(other.ask("purge order.1"), "");
    EXPECT_EQ(co_await peer_history(b, "order.1"), "7:PURGE:order.1:");
    EXPECT_EQ(co_await keys_of(b), "-/_=.A9");
  });
}

TEST_P(interop_test, conflicts_are_seen_on_both_sides) {
  with_shared_bucket([&](bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(other.ask("put k 01"), "1");
    EXPECT_EQ(co_await b.update("k", "2", 1), 2u);
    EXPECT_EQ(other.ask("update k 1 03"), "conflict");
    EXPECT_EQ(other.ask("update k 2 03"), "3");
    auto [update, r1] = co_await b.update("k", "4", 2, nothrow);
    EXPECT_EQ(update, errc::wrong_last_revision) << update;
    auto [create, r2] = co_await b.create("k", "4", nothrow);
    EXPECT_EQ(create, errc::key_exists) << create;
    co_await b.create("mine", "4");
    EXPECT_NE(other.ask("create mine 05").find_first_not_of("0123456789"), std::string::npos)
        << "no conflict";
    EXPECT_EQ(peer_show(co_await b.get("k")), "3:PUT:k:03");
    EXPECT_EQ(co_await value_of(b, "mine"), "4");
    // Each creates over the other's tombstone.
    co_await b.erase("mine");
    EXPECT_EQ(other.ask("create mine 06"), "6");
    EXPECT_EQ(other.ask("delete mine"), "");
    EXPECT_EQ(co_await b.create("mine", "7"), 8u);
  });
}

TEST_P(interop_test, watches_tell_what_the_other_side_writes) {
  with_shared_bucket([&](bucket& b) -> asio::awaitable<void> {
    co_await b.put("order.1", "a");
    EXPECT_EQ(other.ask("put order.2 " + to_hex("b")), "2");
    EXPECT_EQ(other.ask("put user.1 " + to_hex("not watched")), "3");
    watcher updates = b.watch("order.>");
    EXPECT_EQ(co_await initial_of(updates), "order.1@1=a order.2@2=b");
    EXPECT_EQ(other.ask("watch order.>"), "");
    EXPECT_EQ(other.ask("next"), "1:PUT:order.1:" + to_hex("a"));
    EXPECT_EQ(other.ask("next"), "2:PUT:order.2:" + to_hex("b"));

    // Each update is seen before the next write: a purge makes 2.9.10 skip what it has not sent yet, whoever watches.
    const auto both_see = [&](const std::string& seen) -> asio::awaitable<void> {
      EXPECT_EQ(other.ask("next"), seen);
      const std::optional<entry> e = co_await updates.next();
      EXPECT_EQ(peer_show(e), seen);
    };
    co_await b.put("order.3", all_bytes);
    co_await both_see("4:PUT:order.3:" + to_hex(all_bytes));
    co_await b.erase("order.1");
    co_await both_see("5:DEL:order.1:");
    co_await b.purge("order.2");
    co_await both_see("6:PURGE:order.2:");
    EXPECT_EQ(other.ask("put order.1 00"), "7");
    co_await both_see("7:PUT:order.1:00");
    EXPECT_EQ(other.ask("delete order.3"), "");
    co_await both_see("8:DEL:order.3:");
    EXPECT_EQ(other.ask("purge order.1"), "");
    co_await both_see("9:PURGE:order.1:");
  });
}

TEST_P(interop_test, each_works_in_a_bucket_that_the_other_made) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    EXPECT_EQ(other.ask("make THEIRS 3"), "");
    bucket theirs = co_await nats.open_bucket("THEIRS");
    const bucket_status status = co_await theirs.status();
    EXPECT_EQ(status.config.history(), 3);
    for (int i = 0; i < 5; ++i) co_await theirs.put("k", std::to_string(i));
    EXPECT_EQ(co_await history_of(theirs, "k"), "k@3=2 k@4=3 k@5=4");
    EXPECT_EQ(other.ask("history k"), "3:PUT:k:32 4:PUT:k:33 5:PUT:k:34");
    // kvco makes the same bucket again: no error, nothing changed.
    co_await nats.ensure_bucket(bucket_config("THEIRS").history(3));
    EXPECT_EQ(co_await value_of(theirs, "k"), "4");
    EXPECT_EQ(show(co_await nats.bucket_names()), "THEIRS");
  });
}

}  // namespace
}  // namespace kvco::test

// Create, compare-and-set and old revisions, on real servers.
#include <kvco_test/support/server/kv_test.hpp>

#include <limits>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class revisions_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(revisions_test);

// peer: N25, N38
TEST_P(revisions_test, create_writes_where_there_is_no_value) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await b.create("k", "one"), 1u);
    auto [taken, none] = co_await b.create("k", "two", nothrow);
    EXPECT_EQ(taken, errc::key_exists);
    EXPECT_NE(taken, errc::wrong_last_revision) << "two meanings, kept apart";
    EXPECT_NE(error_detail().find("\"k\" has revision 1"), std::string::npos) << error_detail();
    EXPECT_EQ(co_await value_of(b, "k"), "one");
    EXPECT_EQ(co_await b.create("k2", ""), 2u);
    auto [empty, no_second] = co_await b.create("k2", "v", nothrow);
    EXPECT_EQ(empty, errc::key_exists) << "an empty value is a value";
  });
}

// fault: 63, 67
// peer: N25, N38
TEST_P(revisions_test, create_writes_over_every_tombstone) {
  raw_client raw(server.port());
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("deleted", "v");
    co_await b.erase("deleted");
    EXPECT_EQ(co_await b.create("deleted", "anew"), 3u);
    EXPECT_EQ(co_await history_of(b, "deleted"), "deleted@1=v deleted@2 DEL deleted@3=anew");
    co_await b.put("purged", "v");
    co_await b.purge("purged");
    EXPECT_EQ(co_await b.create("purged", "anew"), 6u);
    EXPECT_EQ(co_await value_of(b, "purged"), "anew");
    raw.request("$KV.B.expired", "", "Nats-Marker-Reason: MaxAge\r\n");  // as a server writes it
    EXPECT_EQ(co_await b.create("expired", "anew"), 8u);
    EXPECT_EQ(co_await value_of(b, "expired"), "anew");
    for (const char* key : {"deleted", "purged", "expired"}) {
      auto [ec, none] = co_await b.create(key, "twice", nothrow);
      EXPECT_EQ(ec, errc::key_exists) << key;
    }
  });
}

// fault: 63
TEST_P(revisions_test, one_of_many_creates_wins) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"fresh", "deleted"}) {
      if (std::string_view(key) == "deleted") co_await b.erase(key);
      std::vector<heard<revision>> all(20);
      for (const auto& one : all) b.create(key, "v", one);
      const auto all_done = [&] {
        return std::all_of(all.begin(), all.end(), [](auto& h) { return h.done(); });
      };
      co_await until(all_done);
      int won = 0;
      for (const auto& one : all) {
        won += !one.code();
        EXPECT_TRUE(!one.code() || one.code() == errc::key_exists) << one.code().message();
      }
      EXPECT_EQ(won, 1) << key;
    }
  });
}

// fault: 65
// peer: G33, N24, N39
TEST_P(revisions_test, update_writes_over_the_revision_it_names) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await b.update("k", "one", 0), 1u) << "0: never written";
    EXPECT_EQ(co_await b.put("other", "x"), 2u);
    EXPECT_EQ(co_await b.update("k", "two", 1), 3u);
    const revision wrong[] = {0, 1, 2, 4, (1ull << 53) + 1, std::numeric_limits<revision>::max()};
    for (const revision last : wrong) {
      auto [ec, none] = co_await b.update("k", "lost", last, nothrow);
      EXPECT_EQ(ec, errc::wrong_last_revision) << last;
      EXPECT_EQ(ec, error_code(10071, jetstream_category())) << last;
      EXPECT_NE(error_detail().find("3"), std::string::npos) << error_detail();
    }
    EXPECT_EQ(co_await history_of(b, "k"), "k@1=one k@3=two");
    auto [none_there, nothing] = co_await b.update("new", "v", 1, nothrow);
    EXPECT_EQ(none_there, errc::wrong_last_revision);
    const revision marker = co_await b.erase("k");
    auto [over_marker, no_revision] = co_await b.update("k", "v", 0, nothrow);
    EXPECT_EQ(over_marker, errc::wrong_last_revision) << "a deleted key has the revision of its deletion";
    EXPECT_EQ(co_await b.update("k", "back", marker), 5u);
  });
}

TEST_P(revisions_test, a_failed_update_says_why_as_an_exception_too) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "one");
    std::string what;
    try {
      co_await b.update("k", "two", 7);
    } catch (const boost::system::system_error& error) {
      what = error.what();
      EXPECT_EQ(error.code(), errc::wrong_last_revision);
    }
    EXPECT_NE(what.find("wrong last sequence: 1"), std::string::npos) << what;
  });
}

// fault: 65
// peer: G41, N21, N22
TEST_P(revisions_test, old_revisions_are_read_while_they_are_kept) {
  for (const consistency who : {consistency::any, consistency::leader}) {
    const get_options options{.consistency = who};
    const std::string name = who == consistency::any ? "ANY" : "LEADER";
    with_bucket(bucket_config(name).history(2), [&](client&, bucket& b) -> asio::awaitable<void> {
      for (const char* value : {"one", "two", "three"}) co_await b.put("k", value);
      co_await b.put("other", "x");
      co_await b.erase("k");
      struct row {
        revision rev;
        const char* found;
      };
      static constexpr row rows[] = {{1, "none"},                    // pushed out of the history
                                     {3, "k@3=three"}, {4, "none"},  // another key's
                                     {5, "none"},                    // a deletion
                                     {6, "none"},      {(1ull << 53) + 1, "none"},
                                     {~0ull, "none"}};
      for (const row& r : rows) {
        const std::optional<entry> e = co_await b.get_revision("k", r.rev, options);
        EXPECT_EQ(show(e), r.found) << r.rev;
      }
      const std::optional<entry> other = co_await b.get_revision("other", 4, options);
      EXPECT_EQ(show(other), "other@4=x");
      const std::optional<entry> last = co_await b.get("other", options);
      EXPECT_EQ(show(last), "other@4=x");
      const std::optional<entry> deleted = co_await b.get("k", options);
      EXPECT_EQ(show(deleted), "none");
      const std::optional<entry> absent = co_await b.get("absent", options);
      EXPECT_EQ(show(absent), "none");
    });
  }
}

TEST_P(revisions_test, revision_zero_is_refused) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto before = nats.statistics().bytes_out;
    auto [ec, none] = co_await b.get_revision("k", 0, nothrow);
    EXPECT_EQ(ec, errc::invalid_argument);
    EXPECT_EQ(ec, client_error::revision_zero);
    EXPECT_EQ(nats.statistics().bytes_out, before);
  });
}

// A reader that asks the leader sees each write that was acknowledged; direct get is not asked at all.
// fault: 59
// peer: N2
TEST_P(revisions_test, the_leader_answers_when_asked_to) {
  raw_client raw(server.port());
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::string direct = raw.subscribe("$JS.API.DIRECT.GET.>");
    const std::string leader = raw.subscribe("$JS.API.STREAM.MSG.GET.>");
    raw.flush();
    co_await b.put("k", "v");
    co_await b.get("k");
    co_await b.get("k", {.consistency = consistency::leader});
    EXPECT_EQ(raw.next(direct).subject, "$JS.API.DIRECT.GET.KV_B.$KV.B.k");
    EXPECT_EQ(raw.next(leader).subject, "$JS.API.STREAM.MSG.GET.KV_B");
  });
}

// --- expiry of single keys: server 2.11 and later ---------------------------------------------------------------------

class expiry_test : public server_test {
 protected:
  // Without history: where there is more, the server raises a ttl to that of the markers.
  bucket_config expiring() { return bucket_config("B").limit_marker_ttl(60s); }
};

// fault: 63, 67
TEST_F(expiry_test, a_key_expires_and_leaves_a_marker_to_create_over) {
  with_bucket(expiring(), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch("k");
    co_await updates.ready();
    co_await b.create("k", "short", {.ttl = 3s});
    EXPECT_EQ(co_await value_of(b, "k"), "short");
    EXPECT_EQ(co_await next_of(updates), "k@1=short");
    EXPECT_EQ(co_await next_of(updates), "k@2 PURGE") << "the marker, when the time is over";
    EXPECT_EQ(co_await value_of(b, "k"), "none");
    const std::optional<entry> from_leader = co_await b.get("k", {.consistency = consistency::leader});
    EXPECT_EQ(show(from_leader), "none");
    EXPECT_EQ(co_await keys_of(b), "") << "a marker is no value";
    EXPECT_EQ(co_await history_of(b, "k"), "k@2 PURGE");
    EXPECT_EQ(co_await b.create("k", "anew"), 3u);
    EXPECT_EQ(co_await next_of(updates), "k@3=anew");
  });
}

TEST_F(expiry_test, create_over_a_tombstone_keeps_its_ttl) {
  with_bucket(expiring(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.erase("k");
    watcher updates = b.watch("k", {.updates_only = true});
    co_await updates.next_initial();
    co_await b.create("k", "short", {.ttl = 1s});
    EXPECT_EQ(co_await next_of(updates), "k@2=short");
    EXPECT_EQ(co_await next_of(updates), "k@3 PURGE");
  });
}

// fault: 67
TEST_F(expiry_test, the_marker_of_a_purge_expires_too) {
  raw_client raw(server.port());
  with_bucket(bucket_config("B").limit_marker_ttl(1s), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    co_await b.purge("k", {.ttl = 3s});
    EXPECT_EQ(co_await history_of(b, "k"), "k@2 PURGE");
    const auto gone = [&] { return stream_field(raw, "B", "messages") == "0"; };
    co_await until(gone);
    EXPECT_EQ(co_await history_of(b, "k"), "");
    EXPECT_EQ(co_await b.update("k", "v", 0), 3u) << "as if it had never been written";
  });
}

// A server lets what ends after 2262 expire at once: a hundred years are safe.
TEST_F(expiry_test, the_longest_ttl_lasts) {
  with_bucket(expiring(), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch("short");
    co_await updates.next_initial();
    co_await b.create("k", "v", {.ttl = std::chrono::days(36'500)});
    co_await b.create("short", "v", {.ttl = 1s});
    EXPECT_EQ(co_await next_of(updates), "short@2=v");
    EXPECT_EQ(co_await next_of(updates), "short@3 PURGE");
    EXPECT_EQ(co_await value_of(b, "k"), "v");
  });
}

// The bucket's own ttl takes everything else.
TEST_F(expiry_test, no_expiry_outlives_the_ttl_of_the_bucket) {
  raw_client raw(server.port());
  with_bucket(expiring().ttl(1s), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.create("created", "v", {.ttl = no_expiry});
    const revision last = co_await b.create("updated", "v", {.ttl = no_expiry});
    co_await b.update("updated", "w", last, {.ttl = no_expiry});
    co_await b.purge("purged", {.ttl = no_expiry});
    watcher updates = b.watch("put");
    co_await updates.next_initial();
    co_await b.put("put", "v");
    EXPECT_EQ(raw.request("$JS.API.DIRECT.GET.KV_B.$KV.B.created").header("Nats-TTL"), "never");
    EXPECT_EQ(co_await next_of(updates), "put@5=v");
    EXPECT_EQ(co_await next_of(updates), "put@6 PURGE");
    EXPECT_EQ(co_await value_of(b, "put"), "none");
    EXPECT_EQ(co_await value_of(b, "created"), "v");
    EXPECT_EQ(co_await value_of(b, "updated"), "w");
    EXPECT_EQ(co_await history_of(b, "purged"), "purged@4 PURGE");
  });
}

// A lease is renewed by a compare-and-set with a new time to live.
TEST_F(expiry_test, an_update_with_a_ttl_expires) {
  with_bucket(expiring(), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch("k");
    co_await updates.next_initial();
    const revision held = co_await b.create("k", "mine", {.ttl = 60s});
    auto [wrong, none] = co_await b.update("k", "theirs", held + 1, {.ttl = 1s}, nothrow);
    EXPECT_EQ(wrong, errc::wrong_last_revision);
    EXPECT_EQ(co_await next_of(updates), "k@1=mine");  // before it is replaced: the bucket keeps one
    EXPECT_EQ(co_await b.update("k", "renewed", held, {.ttl = 1s}), 2u);
    EXPECT_EQ(co_await next_of(updates), "k@2=renewed");
    EXPECT_EQ(co_await next_of(updates), "k@3 PURGE");
    EXPECT_EQ(co_await value_of(b, "k"), "none");
  });
}

TEST_F(expiry_test, an_update_with_a_ttl_over_older_values_is_refused) {
  with_bucket(expiring().history(2), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const revision first = co_await b.create("k", "v", {.ttl = 60s});
    diagnostics why;
    auto [refused, none] = co_await b.update("k", "w", first, {.ttl = 1s, .diag = &why}, nothrow);
    EXPECT_EQ(refused, client_error::ttl_with_history);
    EXPECT_EQ(refused, errc::unsupported_by_server);
    EXPECT_EQ(why.text, "bucket B has a history of 2");
    EXPECT_EQ(co_await value_of(b, "k"), "v");
    // Lowered since the handle was opened: it looks again before it refuses.
    co_await nats.ensure_bucket(bucket_config("B").history(1), {.on_conflict = on_conflict::update});
    EXPECT_EQ(co_await b.update("k", "w", first, {.ttl = 60s}), 2u);
  });
}

TEST_F(expiry_test, a_ttl_out_of_range_is_refused) {
  with_bucket(expiring(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto before = nats.statistics().bytes_out;
    const std::vector<duration> bad = {
        duration(0),      duration(1),   duration(500ms),           duration(999ms),
        duration(1500ms), duration(-1s), std::chrono::days(36'501), no_expiry - 1ns};
    for (const duration ttl : bad) {
      auto [created, none] = co_await b.create("k", "v", {.ttl = ttl}, nothrow);
      EXPECT_EQ(created, client_error::ttl_out_of_range) << ttl.count();
      auto [purged, no_marker] = co_await b.purge("k", {.ttl = ttl}, nothrow);
      EXPECT_EQ(purged, errc::invalid_argument) << ttl.count();
      auto [updated, no_revision] = co_await b.update("k", "v", 1, {.ttl = ttl}, nothrow);
      EXPECT_EQ(updated, client_error::ttl_out_of_range) << ttl.count();
    }
    EXPECT_EQ(nats.statistics().bytes_out, before);
  });
}

}  // namespace
}  // namespace kvco::test

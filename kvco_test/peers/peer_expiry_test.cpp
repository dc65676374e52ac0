// What the tests of nats.go and nats.net ask of values that expire: nats-server 2.11 and later.
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class peer_expiry : public server_test {
 protected:
  raw_client raw{server.port()};

  /// A subscription to all that KV_B stores, with its headers: markers are not published to it otherwise.
  std::string stored() {
    const std::string sid = raw.subscribe("stored");
    api(raw, "CONSUMER.CREATE.KV_B",
        R"({"stream_name":"KV_B","config":{"deliver_subject":"stored","deliver_policy":"all","ack_policy":"none"}})");
    return sid;
  }
  asio::awaitable<void> until_forgotten(std::string key) {
    const std::string subject = "$JS.API.DIRECT.GET.KV_B.$KV.B." + key;
    co_await until([&] { return raw.request(subject).status() == 404; });
  }
};

// By the ttl of the bucket: the marker is a purge, to watches with and without history, and a key may be created over it.
// peer: G2, N30
TEST_F(peer_expiry, of_a_bucket_is_seen_as_a_purge) {
  const bucket_config short_lived = with_history(5).ttl(1s).limit_marker_ttl(1h);
  with_bucket(short_lived, [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch_all({.updates_only = true});
    watcher history = b.watch("k", {.include_history = true});
    co_await updates.ready();
    EXPECT_EQ(co_await initial_of(history), "");
    EXPECT_EQ(co_await b.create("k", "v"), 1u);
    for (watcher* each : {&updates, &history}) {
      EXPECT_EQ(co_await next_of(*each), "k@1=v");
      EXPECT_EQ(co_await next_of(*each), "k@2 PURGE");
    }
    EXPECT_EQ(co_await value_of(b, "k"), "none");
    EXPECT_EQ(co_await b.create("k", "again"), 3u);
    EXPECT_EQ(co_await next_of(history), "k@3=again");
  });
}

// peer: G36
TEST_F(peer_expiry, of_a_key_leaves_a_marker_with_its_reason_which_expires_too) {
  with_bucket(bucket_config("B").limit_marker_ttl(1s), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::string sid = stored();
    watcher updates = b.watch_all({.updates_only = true});
    co_await updates.ready();
    EXPECT_EQ(co_await b.create("k", "v", {.ttl = 1s}), 1u);
    EXPECT_EQ(co_await next_of(updates), "k@1=v");
    EXPECT_EQ(raw.next(sid).header("Nats-TTL"), "1") << "in seconds, as kvco writes it";
    EXPECT_EQ(co_await next_of(updates), "k@2 PURGE");
    const raw_message marker = raw.next(sid);
    EXPECT_EQ(marker.header("Nats-Marker-Reason"), "MaxAge");
    EXPECT_EQ(marker.header("Nats-TTL"), "1s");
    EXPECT_EQ(co_await value_of(b, "k"), "none");
    co_await until_forgotten("k");
    EXPECT_EQ(co_await value_of(b, "k"), "none");
  });
}

// peer: G37
TEST_F(peer_expiry, of_the_marker_of_a_purge_is_no_revision) {
  with_bucket(bucket_config("B").limit_marker_ttl(1s), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::string sid = stored();
    co_await b.create("k", "v");
    raw.next(sid);
    watcher updates = b.watch_all({.updates_only = true});
    co_await updates.ready();
    EXPECT_EQ(co_await b.purge("k", {.ttl = 1s}), 2u);
    const raw_message marker = raw.next(sid);
    EXPECT_EQ(marker.header("KV-Operation"), "PURGE");
    EXPECT_EQ(marker.header("Nats-TTL"), "1");
    EXPECT_EQ(marker.header("Nats-Marker-Reason"), "");
    EXPECT_EQ(co_await value_of(b, "k"), "none");
    EXPECT_EQ(co_await next_of(updates), "k@2 PURGE");
    co_await until_forgotten("k");
    EXPECT_EQ(co_await value_of(b, "k"), "none");
    EXPECT_EQ(co_await b.create("k", "again"), 3u);
    EXPECT_EQ(co_await next_of(updates), "k@3=again");
  });
}

// Of ten values ten markers are left, and then nothing; one that never expires stays.
// peer: N27, N31
TEST_F(peer_expiry, of_many_keys_leaves_only_what_never_expires) {
  for (const revision lasting : {0, 1}) {
    const bucket_config made = bucket_config(lasting == 0 ? "A" : "B").limit_marker_ttl(1s);
    with_bucket(made, [&](client&, bucket& b) -> asio::awaitable<void> {
      if (lasting == 1) {
        EXPECT_EQ(co_await b.create("k0", "v", {.ttl = no_expiry}), 1u);
      }
      for (int i = 1; i <= 10; ++i) co_await b.create("k" + std::to_string(i), "v", {.ttl = 1s});
      bucket_status status;
      do {
        status = co_await b.status();
      } while (status.messages != lasting || status.last_revision != lasting + 20);
      EXPECT_EQ(status.first_revision, lasting == 0 ? 21u : 1u);
      EXPECT_EQ(co_await keys_of(b), lasting == 0 ? "" : "k0");
    });
  }
}

}  // namespace
}  // namespace kvco::test

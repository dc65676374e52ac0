// Watches that continue where an earlier one has stopped, in this process or in another one.
#include <kvco_test/support/server/kv_test.hpp>

#include <sstream>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class resume_test : public generations_test {
 protected:
  raw_client raw{server.port()};

  // In memory: of files a server may restore entries of the deleted one ("Defects of servers" of the guarantees).
  void make_again(int history = 1) {
    api(raw, "STREAM.DELETE.KV_B");
    api(raw, "STREAM.CREATE.KV_B",
        R"({"name":"KV_B","subjects":["$KV.B.>"],"max_msgs_per_subject":)" + std::to_string(history) +
            R"(,"allow_direct":true,"storage":"memory"})");
  }
};
KVCO_ON_ALL_GENERATIONS(resume_test);

// Keys with a blank between, each with its name behind a v as its value.
asio::awaitable<void> put_words(bucket& b, std::string keys) {
  std::istringstream words(keys);
  for (std::string key; words >> key;) co_await b.put(key, "v" + key);
}

TEST_P(resume_test, another_process_goes_on_after_the_last_entry_taken) {
  std::string kept;
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_words(b, "a b c");
    watcher first = b.watch_all();
    EXPECT_EQ(to_string(first.resume_token()), "") << "it has not begun";
    EXPECT_EQ(co_await next_of(first), "a@1=va");
    EXPECT_EQ(co_await next_of(first), "b@2=vb");
    EXPECT_EQ(first.resume_token().revision(), 2u);
    EXPECT_EQ(first.resume_token().bucket(), "B");
    kept = to_string(first.resume_token());
    co_await b.put("a", "new");
    co_await b.erase("b");
  });
  with_client([&](client& nats) -> asio::awaitable<void> {
    bucket b = co_await nats.open_bucket("B");
    watcher second = b.watch_all({.resume_after = resume_token::parse(kept).value()});
    EXPECT_EQ(co_await initial_of(second), "c@3=vc a@4=new b@5 DEL");
    EXPECT_EQ(second.missed(), 0u);
    co_await b.put("d", "live");
    EXPECT_EQ(co_await next_of(second), "d@6=live");
    EXPECT_EQ(second.resume_token().revision(), 6u);
  });
}

// The revisions of the new bucket are beyond the token's: only the time of its creation gives it away.
TEST_P(resume_test, a_bucket_that_was_created_again_is_another_one) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_words(b, "a b");
    watcher first = b.watch_all();
    EXPECT_EQ(co_await initial_of(first), "a@1=va b@2=vb");
    const resume_token kept = first.resume_token();
    first.stop();
    make_again();
    for (int i = 0; i < 5; ++i) raw.request("$KV.B.k" + std::to_string(i), "of the second one");
    watcher second = b.watch_all({.resume_after = kept});
    auto [ec, none] = co_await second.next(nothrow);
    EXPECT_EQ(ec, errc::bucket_recreated);
    EXPECT_NE(error_detail().find("bucket B was created at "), std::string::npos) << error_detail();
    EXPECT_EQ(second.resume_token(), kept) << "it has taken nothing";
    watcher anew = b.watch("k4");
    EXPECT_EQ(co_await next_of(anew), "k4@5=of the second one");
    EXPECT_NE(anew.resume_token().bucket_created(), kept.bucket_created());
  });
}

TEST_P(resume_test, a_token_of_another_bucket_is_refused_before_anything_is_sent) {
  with_bucket(bucket_config("A"), [&](client& nats, bucket& a) -> asio::awaitable<void> {
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    co_await put_words(a, "a");
    watcher first = a.watch_all();
    EXPECT_EQ(co_await next_of(first), "a@1=va");
    const resume_token kept = first.resume_token();
    const auto before = nats.statistics().bytes_out;
    diagnostics why;
    watcher refused = b.watch_all({.resume_after = kept, .diag = &why});
    auto [ec, none] = co_await refused.next(nothrow);
    EXPECT_EQ(ec, client_error::resume_token_foreign);
    EXPECT_EQ(ec, errc::invalid_argument);
    EXPECT_EQ(why.text, "a token of bucket A for a watch of bucket B");
    watcher doubtful = a.watch_all({.resume_from = 1, .resume_after = kept});
    auto [conflict, nothing] = co_await doubtful.next(nothrow);
    EXPECT_EQ(conflict, errc::invalid_argument);
    EXPECT_EQ(nats.statistics().bytes_out, before);
  });
}

// History keeps one value: what was in between is counted, and the last value of each key comes.
TEST_P(resume_test, counts_what_the_bucket_keeps_no_more) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_words(b, "a b");
    watcher first = b.watch_all();
    EXPECT_EQ(co_await initial_of(first), "a@1=va b@2=vb");
    const resume_token kept = first.resume_token();
    first.stop();
    co_await put_words(b, "a b a b");
    watcher second = b.watch_all({.resume_after = kept});
    co_await second.ready();
    EXPECT_EQ(second.missed(), 2u) << "revisions 3 and 4";
    EXPECT_EQ(co_await initial_of(second), "a@5=va b@6=vb");
    watcher third = b.watch_all({.resume_after = second.resume_token()});
    EXPECT_EQ(co_await initial_of(third), "");
    EXPECT_EQ(third.missed(), 0u);
  });
}

TEST_P(resume_test, counts_what_a_purged_bucket_has_lost) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_words(b, "a b c");
    watcher first = b.watch_all();
    EXPECT_EQ(co_await next_of(first), "a@1=va");
    const resume_token kept = first.resume_token();
    first.stop();
    api(raw, "STREAM.PURGE.KV_B", "{}");
    watcher second = b.watch_all({.resume_after = kept});
    EXPECT_EQ(co_await initial_of(second), "");
    EXPECT_EQ(second.missed(), 2u);
    co_await b.put("d", "live");
    EXPECT_EQ(co_await next_of(second), "d@4=live");
  });
}

// Heartbeats show that later revisions are not of this watch: a token does not stay behind what the bucket keeps.
TEST_P(resume_test, goes_forward_while_nothing_of_the_watch_is_written) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_words(b, "mine");
    watcher updates = b.watch("mine", restless);
    EXPECT_EQ(co_await initial_of(updates), "mine@1=vmine");
    EXPECT_EQ(updates.progress(), 1u);
    for (int i = 0; i < 5; ++i) co_await put_words(b, "other");
    const auto forward = [&] { return updates.progress() == 6; };
    co_await until(forward);
    EXPECT_EQ(updates.cursor(), 1u);
    EXPECT_EQ(updates.resume_token().revision(), 6u);
    co_await put_words(b, "mine other");
    const auto received = [&] { return updates.queued() == 1; };
    co_await until(received);
    EXPECT_EQ(updates.progress(), 6u) << "what was not taken does not count";
    watcher second = b.watch("mine", {.resume_after = updates.resume_token()});
    EXPECT_EQ(co_await next_of(second), "mine@7=vmine");
    EXPECT_EQ(second.missed(), 0u);
  });
}

TEST_P(resume_test, a_token_after_an_entry_is_behind_what_was_taken_later) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_words(b, "a b c");
    watcher first = b.watch_all();
    co_await first.next();
    const std::optional<entry> second = co_await first.next();
    co_await first.next();
    EXPECT_EQ(first.resume_token().revision(), 3u);
    const resume_token kept = first.resume_token(second.value());
    EXPECT_EQ(kept.revision(), 2u);
    watcher again = b.watch_all({.resume_after = kept});
    EXPECT_EQ(co_await initial_of(again), "c@3=vc");
  });
}

TEST_P(resume_test, entries_that_were_dropped_come_again) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_words(b, "a b c");
    watcher first = b.watch_all();
    EXPECT_EQ(co_await next_of(first), "a@1=va");
    const auto received = [&] { return first.queued() == 2; };
    co_await until(received);
    first.stop();
    EXPECT_EQ(first.resume_token().revision(), 1u);
    watcher second = b.watch_all({.resume_after = first.resume_token()});
    EXPECT_EQ(co_await initial_of(second), "b@2=vb c@3=vc");
  });
}

// A token that is empty leaves the start to the other options; one that is not replaces it.
TEST_P(resume_test, updates_only_has_a_token_before_its_first_entry) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_words(b, "a b");
    resume_token kept;
    {
      watcher first = b.watch_all({.updates_only = true, .resume_after = kept});
      EXPECT_EQ(first.resume_token(), kept);
      EXPECT_EQ(co_await initial_of(first), "");
      kept = first.resume_token();
      EXPECT_EQ(kept.revision(), 2u);
    }
    co_await put_words(b, "c");
    watcher second = b.watch_all({.updates_only = true, .resume_after = kept});
    EXPECT_EQ(co_await initial_of(second), "c@3=vc");
  });
}

TEST_P(resume_test, of_an_empty_bucket_it_knows_the_bucket) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher first = b.watch_all();
    EXPECT_EQ(co_await initial_of(first), "");
    const resume_token kept = first.resume_token();
    EXPECT_TRUE(kept);
    EXPECT_EQ(kept.revision(), 0u);
    co_await put_words(b, "a");
    watcher second = b.watch_all({.resume_after = kept});
    EXPECT_EQ(co_await initial_of(second), "a@1=va");
    make_again();
    watcher third = b.watch_all({.resume_after = kept});
    auto [ec, none] = co_await third.next(nothrow);
    EXPECT_EQ(ec, errc::bucket_recreated);
  });
}

// Entries that nobody took before the reactor was destroyed come again.
TEST_P(resume_test, of_a_watcher_that_outlives_its_reactor) {
  watcher left;
  {
    asio::io_context reactor;
    drive(reactor, [&]() -> asio::awaitable<void> {
      client nats = co_await connect(server.url());
      bucket b = co_await nats.create_bucket(bucket_config("B"));
      co_await put_words(b, "a b c");
      left = b.watch_all();
      EXPECT_EQ(co_await next_of(left), "a@1=va");
      const auto received = [&] { return left.queued() == 2; };
      co_await until(received);
    });
  }
  EXPECT_EQ(left.progress(), 1u);
  EXPECT_EQ(left.resume_token().revision(), 1u);
  EXPECT_EQ(left.queued(), 0u);
}

}  // namespace
}  // namespace kvco::test

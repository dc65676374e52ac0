// What a watch gives, and with which options.
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class watch_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(watch_test);

// a@2=two, b.x@3=x, b.y DEL@5, b.z@6=z, c PURGE@8
asio::awaitable<void> fill(bucket& b) {
  co_await b.put("a", "one");
  co_await b.put("a", "two");
  co_await b.put("b.x", "x");
  co_await b.put("b.y", "y");
  co_await b.erase("b.y");
  co_await b.put("b.z", "z");
  co_await b.put("c", "c");
  co_await b.purge("c");
}

struct row {
  const char* name;
  std::vector<std::string> filters;
  watch_options options;
  const char* initial;
  const char* live;  // of a@9=live, b.x@10=live, b.y@11=live, b.x DEL@12
};

const std::vector<row>& rows() {
  static const std::vector<row> all = {
      {"all",
       {">"},
       {},
       "a@2=two b.x@3=x b.y@5 DEL b.z@6=z c@8 PURGE",
       "a@9=live b.x@10=live b.y@11=live b.x@12 DEL"},
      {"one key", {"a"}, {}, "a@2=two", "a@9=live"},
      {"a key that is no prefix", {"b"}, {}, "", ""},
      {"wildcard", {"b.*"}, {}, "b.x@3=x b.y@5 DEL b.z@6=z", "b.x@10=live b.y@11=live b.x@12 DEL"},
      {"tail", {"b.>"}, {}, "b.x@3=x b.y@5 DEL b.z@6=z", "b.x@10=live b.y@11=live b.x@12 DEL"},
      {"several", {"a", "b.x"}, {}, "a@2=two b.x@3=x", "a@9=live b.x@10=live b.x@12 DEL"},
      {"one covers another",
       {"b.>", "b.x", "a"},
       {},
       "a@2=two b.x@3=x b.y@5 DEL b.z@6=z",
       "a@9=live b.x@10=live b.y@11=live b.x@12 DEL"},
      {"overlapping",
       {"b.*", "*.x", "c"},
       {},
       "b.x@3=x b.y@5 DEL b.z@6=z c@8 PURGE",
       "b.x@10=live b.y@11=live b.x@12 DEL"},
      {"the same twice", {"a", "a"}, {}, "a@2=two", "a@9=live"},
      {"ignore deletes",
       {">"},
       {.ignore_deletes = true},
       "a@2=two b.x@3=x b.z@6=z",
       "a@9=live b.x@10=live b.y@11=live"},
      {"only deleted ones, ignored", {"b.y", "c"}, {.ignore_deletes = true}, "", "b.y@11=live"},
      {"only a deleted one, ignored", {"c"}, {.ignore_deletes = true}, "", ""},
      {"meta only",
       {"a", "b.*"},
       {.meta_only = true},
       "a@2= b.x@3= b.y@5 DEL b.z@6=",
       "a@9= b.x@10= b.y@11= b.x@12 DEL"},
      {"history",
       {">"},
       {.include_history = true},
       "a@1=one a@2=two b.x@3=x b.y@4=y b.y@5 DEL b.z@6=z c@8 PURGE",
       "a@9=live b.x@10=live b.y@11=live b.x@12 DEL"},
      {"history without deletes",
       {"b.y", "c"},
       {.ignore_deletes = true, .include_history = true},
       "b.y@4=y",
       "b.y@11=live"},
      {"updates only", {">"}, {.updates_only = true}, "", "a@9=live b.x@10=live b.y@11=live b.x@12 DEL"},
      {"updates of one", {"a"}, {.updates_only = true}, "", "a@9=live"},
      {"resume",
       {">"},
       {.resume_from = 4},
       "b.y@4=y b.y@5 DEL b.z@6=z c@8 PURGE",
       "a@9=live b.x@10=live b.y@11=live b.x@12 DEL"},
      {"resume at the first", {"a"}, {.resume_from = 1}, "a@1=one a@2=two", "a@9=live"},
      {"resume behind the last",
       {">"},
       {.resume_from = 9},
       "",
       "a@9=live b.x@10=live b.y@11=live b.x@12 DEL"},
      {"initial only", {">"}, {.initial_only = true}, "a@2=two b.x@3=x b.y@5 DEL b.z@6=z c@8 PURGE", "end"},
      {"initial only of none", {"none"}, {.initial_only = true}, "", "end"},
      {"history, initial only",
       {"a"},
       {.include_history = true, .initial_only = true},
       "a@1=one a@2=two",
       "end"},
      {"meta of history", {"a"}, {.meta_only = true, .include_history = true}, "a@1= a@2=", "a@9="},
  };
  return all;
}

// The next entries until the count of them is there, or the end.
asio::awaitable<std::string> live_of(watcher& from, std::string_view expected) {
  const auto count = expected.empty() ? 0 : std::count(expected.begin(), expected.end(), '@');
  std::string all;
  if (expected == "end") co_return co_await next_of(from);
  for (auto i = 0; i < count; ++i) all += (i == 0 ? "" : " ") + co_await next_of(from);
  co_return all;
}

// peer: G8, G9, G10, N43, N44, N50, N51, N52, N53
TEST_P(watch_test, gives_what_its_options_say) {
  for (std::size_t i = 0; i < rows().size(); ++i) {
    const row& r = rows()[i];
    SCOPED_TRACE(r.name);
    // Each in a bucket of its own: servers from 2.10 on sometimes give a bucket that is deleted and made again at once
    // the data of the deleted one back.
    const bucket_config config = bucket_config("B" + std::to_string(i)).history(10);
    with_bucket(config, [&](client&, bucket& b) -> asio::awaitable<void> {
      co_await fill(b);
      watcher updates = b.watch(r.filters, r.options);
      EXPECT_FALSE(updates.initial_complete());
      EXPECT_EQ(co_await initial_of(updates), r.initial);
      EXPECT_TRUE(updates.initial_complete());
      co_await b.put("a", "live");
      co_await b.put("b.x", "live");
      co_await b.put("b.y", "live");
      co_await b.erase("b.x");
      EXPECT_EQ(co_await live_of(updates, r.live), r.live);
      co_await b.status();  // whatever else was on its way has come before the answer
      EXPECT_EQ(updates.queued(), 0u);
      updates.stop();
      EXPECT_EQ(co_await next_of(updates), "end");
    });
  }
}

// peer: N47
TEST_P(watch_test, of_an_empty_bucket_ends_its_initial_data_at_once) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher all = b.watch_all();
    watcher history = b.watch("k", {.include_history = true});
    watcher resumed = b.watch("k", {.resume_from = 1});
    watcher once = b.watch_all({.initial_only = true});
    EXPECT_EQ(co_await initial_of(all), "");
    EXPECT_EQ(co_await initial_of(history), "");
    EXPECT_EQ(co_await initial_of(resumed), "");
    EXPECT_EQ(co_await initial_of(once), "");
    EXPECT_EQ(co_await next_of(once), "end");
    co_await b.put("k", "v");
    EXPECT_EQ(co_await next_of(all), "k@1=v");
    EXPECT_EQ(co_await next_of(history), "k@1=v");
    EXPECT_EQ(co_await next_of(resumed), "k@1=v");
  });
}

// peer: N51
TEST_P(watch_test, meta_only_knows_the_size_and_reads_no_value) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", std::string(500'000, 'x'));
    co_await b.put("empty", "");
    const auto before = nats.statistics().bytes_in;
    watcher updates = b.watch_all({.meta_only = true});
    const std::optional<entry> large = co_await updates.next();
    EXPECT_EQ(large.value().value_size(), 500'000u);
    EXPECT_EQ(large.value().value(), "");
    const std::optional<entry> empty = co_await updates.next();
    EXPECT_EQ(empty.value().value_size(), 0u);
    EXPECT_LT(nats.statistics().bytes_in - before, 10'000u);
  });
}

TEST_P(watch_test, entries_tell_how_many_wait_behind_them) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"a", "b", "c"}) co_await b.put(key, "v");
    watcher updates = b.watch_all();
    for (std::uint64_t left : {2, 1, 0}) {
      const std::optional<entry> e = co_await updates.next_initial();
      EXPECT_EQ(e.value().delta(), left);
      EXPECT_EQ(e.value().bucket(), "B");
      EXPECT_GT(e.value().created(), std::chrono::system_clock::now() - 1min);
    }
  });
}

// peer: G8, G9, G11, N52
TEST_P(watch_test, options_in_conflict_are_refused) {
  const std::vector<watch_options> conflicts = {{.include_history = true, .updates_only = true},
                                                {.updates_only = true, .initial_only = true},
                                                {.updates_only = true, .resume_from = 1},
                                                {.include_history = true, .resume_from = 1},
                                                {.heartbeat = 99ms},
                                                {.heartbeat = -1s}};
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto before = nats.statistics().bytes_out;
    for (std::size_t i = 0; i < conflicts.size(); ++i) {
      watcher refused = b.watch_all(conflicts[i]);
      for (int twice = 0; twice < 2; ++twice) {
        auto [ec, none] = co_await refused.next(nothrow);
        EXPECT_EQ(ec, errc::invalid_argument) << i;
        EXPECT_NE(error_detail(), "") << i;
      }
    }
    EXPECT_EQ(nats.statistics().bytes_out, before);
  });
}

TEST_P(watch_test, next_batch_takes_all_there_is) {
  with_bucket(bucket_config("B").history(64), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (int i = 0; i < 50; ++i) co_await b.put("k", std::to_string(i));
    watcher updates = b.watch_all({.include_history = true, .initial_only = true});
    std::vector<entry> all;
    int batches = 0;
    while (auto batch = co_await updates.next_batch()) {
      EXPECT_FALSE(batch->empty());
      for (entry& e : *batch) all.push_back(std::move(e));
      EXPECT_EQ(updates.cursor(), all.back().revision());
      ++batches;
    }
    EXPECT_EQ(all.size(), 50u);
    EXPECT_LT(batches, 50);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].revision(), i + 1);
  });
}

TEST_P(watch_test, goes_on_where_another_one_stopped) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a", "1");
    co_await b.put("b", "2");
    co_await b.put("a", "3");
    revision seen = 0;
    {
      watcher first = b.watch_all({.include_history = true});
      EXPECT_EQ(first.cursor(), 0u);
      EXPECT_EQ(co_await next_of(first), "a@1=1");
      EXPECT_EQ(co_await next_of(first), "b@2=2");
      seen = first.cursor();
    }
    EXPECT_EQ(seen, 2u);
    co_await b.put("b", "4");
    watcher second = b.watch_all({.resume_from = seen + 1});
    EXPECT_EQ(co_await initial_of(second), "a@3=3 b@4=4");
    EXPECT_EQ(second.cursor(), 4u);
  });
}

// S0.2: a bucket is a stream, a key is a subject.
// fault: 68
TEST_P(watch_test, sees_what_others_publish) {
  raw_client raw(server.port());
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    raw.request("$KV.B.a.b", "before");
    watcher updates = b.watch("a.>");
    EXPECT_EQ(co_await initial_of(updates), "a.b@1=before");
    raw.publish("$KV.B.a.b", "by hand");
    raw.publish("$KV.B.x", "elsewhere");
    raw.publish("$KV.B.a.b", "", {}, "KV-Operation: DEL\r\n");
    EXPECT_EQ(co_await next_of(updates), "a.b@2=by hand");
    EXPECT_EQ(co_await next_of(updates), "a.b@4 DEL");
    raw.publish("$KV.B.a.b", "", {}, "KV-Operation: PURGE\r\nNats-Rollup: sub\r\n");
    raw.publish("$KV.B.a.c", "v", {}, "Own-Header: x\r\n");
    EXPECT_EQ(co_await next_of(updates), "a.b@5 PURGE");
    EXPECT_EQ(co_await next_of(updates), "a.c@6=v");
    EXPECT_EQ(co_await value_of(b, "a.c"), "v");
  });
}

// fault: 68
// peer: N46
TEST_P(watch_test, many_entries_come_in_order_and_none_is_lost) {
  raw_client raw(server.port());
  const bucket_config memory = bucket_config("B").storage(storage::memory).history(64);
  with_bucket(memory, [&](client&, bucket& b) -> asio::awaitable<void> {
    constexpr revision count = 20'000;  // 10 MB: several rounds of flow control
    const std::string value(500, 'x');
    for (revision i = 0; i < count / 2; ++i) raw.publish("$KV.B.k." + std::to_string(i % 1000), value);
    raw.flush();
    watcher updates = b.watch_all({.include_history = true});
    for (revision i = 0; i < count / 2; ++i) raw.publish("$KV.B.k." + std::to_string(i % 1000), value);
    raw.flush();
    for (revision expected = 1; expected <= count; ++expected) {
      const std::optional<entry> e = co_await updates.next();
      if (e.value().revision() != expected) ADD_FAILURE() << e->revision() << " instead of " << expected;
      if (testing::Test::HasFailure()) break;
    }
  });
}

}  // namespace
}  // namespace kvco::test

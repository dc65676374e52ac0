// All values of some filters as of one revision, on real servers: by multi_last on the newest, by a consumer on the others, and on all
// where there is more than one request may have.
#include <kvco_test/support/server/kv_test.hpp>

#include <map>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class prefix_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(prefix_test);

std::string show_whole(const snapshot& all) {
  return std::to_string(all.revision) + ": " + test::show(all.entries);
}

asio::awaitable<void> put_numbered(bucket b, std::string prefix, int count) {
  std::vector<std::pair<std::string, std::string>> items;
  for (int i = 0; i < count; ++i) items.emplace_back(prefix + std::to_string(i), "v");
  const auto stored = co_await b.put_many(items);
  for (const put_outcome& each : stored) EXPECT_TRUE(each.ok()) << each.detail();
}

TEST_P(prefix_test, of_filters_with_the_revision) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    const auto empty = co_await b.get_prefix(">");
    EXPECT_EQ(show_whole(empty), "0: ");
    for (const char* key : {"a.1", "b.1", "a.2", "a.3", "a.1", "c", "a.4"}) co_await b.put(key, key);
    co_await b.erase("a.2");
    co_await b.purge("a.3");
    co_await b.put("d", "");
    for (const consistency who : {consistency::session, consistency::any, consistency::leader}) {
      const get_options options{.consistency = who};
      const auto a = co_await b.get_prefix("a.*", options);
      EXPECT_EQ(show_whole(a), "10: a.1@5=a.1 a.4@7=a.4");
      const std::vector<std::string> overlapping = {"a.>", "*.1", "c", "a.1"};
      const auto some = co_await b.get_prefix(overlapping, options);
      EXPECT_EQ(show_whole(some), "10: b.1@2=b.1 a.1@5=a.1 c@6=c a.4@7=a.4");
      const auto deleted = co_await b.get_prefix("a.2", options);
      EXPECT_EQ(show_whole(deleted), "10: ");
      const auto none = co_await b.get_prefix("none.>", options);
      EXPECT_EQ(show_whole(none), "10: ");
    }
    EXPECT_EQ((co_await b.get_prefix("a.1")).entries[0].bucket(), "B");
  });
}

TEST_P(prefix_test, beyond_what_one_request_may_have) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await put_numbered(b, "p.", 1025);
    co_await b.put("q", "v");
    co_await b.erase("p.7");
    const auto all = co_await b.get_prefix("p.*");
    EXPECT_EQ(all.entries.size(), 1024u);
    EXPECT_EQ(all.revision, 1027u);
    EXPECT_EQ(all.entries.front().key(), "p.0");
    EXPECT_EQ(all.entries.back().key(), "p.1024");
    const std::string large(64 * 1024, 'x');
    for (int i = 0; i < 80; ++i) co_await b.put("large." + std::to_string(i), large);  // 5 MiB
    const auto values = co_await b.get_prefix("large.*");
    EXPECT_EQ(values.entries.size(), 80u);
    EXPECT_EQ(values.entries[79].value(), large);
    EXPECT_EQ(nats.statistics().pending_requests, 0u);
    EXPECT_EQ(nats.statistics().late_replies, 0u);
  });
}

// A refusal costs the server as much as the answer.
TEST_P(prefix_test, what_was_too_wide_is_not_asked_for_at_once_again) {
  if (!at_least("newest")) return;  // the server has no multi_last
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    client other = co_await connect(server.url());
    subscription asked = other.subscribe("$JS.API.DIRECT.GET.KV_B");
    co_await other.flush();
    std::size_t before = 0;
    const auto read = [&](bucket from, std::string filter) -> asio::awaitable<std::string> {
      const auto all = co_await from.get_prefix(filter);
      co_await other.flush();
      const std::size_t requests = asked.queued() - std::exchange(before, asked.queued());
      co_return std::to_string(all.entries.size()) + " by " + std::to_string(requests);
    };
    co_await put_numbered(b, "p.", 1025);
    EXPECT_EQ(co_await read(b, "p.*"), "1025 by 1");
    EXPECT_EQ(co_await read(b, "p.*"), "1025 by 0");
    EXPECT_EQ(co_await read(b, ">"), "1025 by 1") << "there were no keys when it was opened";
    bucket opened = co_await nats.open_bucket("B");
    EXPECT_EQ(co_await read(opened, ">"), "1025 by 0");
    EXPECT_EQ(co_await read(opened, "p.1"), "1 by 1");
    for (int i = 0; i < 5; ++i) co_await b.purge("p." + std::to_string(i));
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(co_await read(b, "p.*"), "1020 by 0") << "the server counts tombstones";
    co_await nats.purge_bucket("B");
    co_await put_numbered(b, "p.", 3);
    EXPECT_EQ(co_await read(b, "p.*"), "3 by 0");
    EXPECT_EQ(co_await read(b, "p.*"), "3 by 1") << "it has seen how few there are";
    co_await other.close();
  });
}

TEST_P(prefix_test, without_direct_get) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a.1", "v");
    co_await b.put("b", "v");
    raw_client raw(server.port());
    std::string config = api(raw, "STREAM.INFO.KV_B");
    config = config.substr(config.find(R"("config":)") + 9);
    config = config.substr(0, config.find(R"(,"created":)"));
    const std::size_t at = config.find(R"("allow_direct":true)");
    EXPECT_NE(at, config.npos);
    config.replace(at, 19, R"("allow_direct":false)");
    api(raw, "STREAM.UPDATE.KV_B", config);
    const auto known = co_await b.get_prefix("a.*", {.timeout = 10s});
    EXPECT_EQ(show_whole(known), "2: a.1@1=v");
  });
}

TEST_P(prefix_test, refuses_filters_before_anything_is_sent) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const std::uint64_t sent = nats.statistics().bytes_out;
    for (const char* filter : {"", "a*b", "a.>.b", "a>", ".a", "a..b", "a b"}) {
      const auto [prefix, all] = co_await b.get_prefix(filter, nothrow);
      EXPECT_EQ(prefix, errc::invalid_filter) << filter;
      const auto [counted, number] = co_await count_keys(b, filter, nothrow);
      EXPECT_EQ(counted, errc::invalid_filter) << filter;
      EXPECT_FALSE(is_valid_filter(filter)) << filter;
    }
    EXPECT_TRUE(is_valid_filter("a.*.>"));
    const std::vector<std::string> nothing;
    const auto [none, all] = co_await b.get_prefix(nothing, nothrow);
    EXPECT_EQ(none, errc::invalid_filter);
    EXPECT_EQ(nats.statistics().bytes_out, sent);
  });
}

/// Writes without a pause, many at a time, and remembers what it has stored.
class restless_writer {
 public:
  restless_writer(bucket to, int keys) : to_(std::move(to)), keys_(keys) {}

  void start() {
    for (int i = 0; i < 8; ++i) write();
  }
  void stop() noexcept { stopped_ = true; }
  bool idle() const noexcept { return open_ == 0; }
  std::size_t stored() const noexcept { return log_.size(); }
  /// What the keys have at a revision; what was there before it began is "v".
  std::map<std::string, std::string> state_at(revision at) const {
    std::map<std::string, std::string> state;
    for (int i = 0; i < keys_; ++i) state["p." + std::to_string(i)] = "v";
    for (const auto& [rev, change] : log_) {
      if (rev > at) break;
      if (change.second.empty()) {
        state.erase(change.first);
      } else {
        state[change.first] = change.second;
      }
    }
    return state;
  }

 private:
  void write() {
    if (stopped_) return;
    ++open_;
    const unsigned number = ++count_;
    const std::string key = "p." + std::to_string(number * 2654435761u % static_cast<unsigned>(keys_));
    const std::string value = number % 7 == 0 ? "" : std::to_string(number);
    const auto note = [this, key, value](error_code code, revision stored) {
      --open_;
      EXPECT_FALSE(code) << code.message();
      log_[stored] = {key, value};
      write();
    };
    value.empty() ? to_.erase(key, note) : to_.put(key, value, note);
  }

  bucket to_;
  int keys_;
  unsigned count_ = 0;
  std::map<revision, std::pair<std::string, std::string>> log_;
  int open_ = 0;
  bool stopped_ = false;
};

void expect_not_torn(const snapshot& all, const restless_writer& writer) {
  std::map<std::string, std::string> got;
  for (const entry& e : all.entries) {
    EXPECT_LE(e.revision(), all.revision);
    EXPECT_TRUE(got.emplace(e.key(), e.value()).second) << e.key() << " twice";
  }
  EXPECT_TRUE(got == writer.state_at(all.revision)) << got.size() << " keys at " << all.revision;
}

asio::awaitable<void> read_beside_a_writer(std::string url, bucket b, int keys, std::size_t rounds) {
  co_await put_numbered(b, "p.", keys);
  client other = co_await connect(url);
  restless_writer writer(co_await other.open_bucket("B"), keys);
  writer.start();
  co_await until([&] { return writer.stored() > 100; });
  std::vector<snapshot> taken;
  for (std::size_t i = 0; i < rounds; ++i) {
    const std::size_t before = writer.stored();
    taken.push_back(co_await b.get_prefix("p.*", {.timeout = 1min}));
    co_await until([&] { return writer.stored() > before; });
  }
  writer.stop();
  co_await until([&] { return writer.idle(); });
  for (const snapshot& all : taken) expect_not_torn(all, writer);
}

TEST_P(prefix_test, few_keys_are_not_torn_beside_a_writer) {
  with_bucket(bucket_config("B"), [this](client&, bucket& b) -> asio::awaitable<void> {
    co_await read_beside_a_writer(server.url(), b, 50, 100);
  });
}

TEST_P(prefix_test, many_keys_are_not_torn_beside_a_writer) {
  with_bucket(bucket_config("B").storage(kvco::storage::memory),
              [this](client&, bucket& b) -> asio::awaitable<void> {
                co_await read_beside_a_writer(server.url(), b, 100'000, 2);
              });
}

TEST_P(prefix_test, with_a_history_is_not_torn_beside_a_writer) {
  with_bucket(with_history(3), [this](client&, bucket& b) -> asio::awaitable<void> {
    co_await read_beside_a_writer(server.url(), b, 2'000, 10);
  });
}

TEST_P(prefix_test, count_counts_without_a_consumer) {
  with_bucket(bucket_config("B").storage(kvco::storage::memory),
              [](client&, bucket& b) -> asio::awaitable<void> {
                EXPECT_EQ(co_await count_keys(b, ">"), 0u);
                co_await put_numbered(b, "a.key.with.a.name.that.is.not.short.", 100'010);
                co_await put_numbered(b, "b.", 3);
                co_await b.erase("b.1");
                EXPECT_EQ(co_await count_keys(b, ">"), 100'013u);
                EXPECT_EQ(co_await count_keys(b, "a.>"), 100'010u);
                EXPECT_EQ(co_await count_keys(b, "b.*"), 3u) << "a tombstone counts";
                EXPECT_EQ(co_await count_keys(b, "b.1"), 1u);
                EXPECT_EQ(co_await count_keys(b, "none.*"), 0u);
              });
}

}  // namespace
}  // namespace kvco::test

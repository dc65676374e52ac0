// Bursts are conflated: of the updates that wait, the newest of each key.
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class conflation_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(conflation_test);

TEST_P(conflation_test, the_newest_update_of_a_key_takes_the_place_of_those_before) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a", "1");
    watcher updates = b.watch_all({.conflate = true});
    EXPECT_EQ(co_await initial_of(updates), "a@1=1");
    co_await b.put("a", "2");
    co_await b.put("a", "3");
    co_await b.put("b", "4");
    co_await b.put("a", "5");
    const auto received = [&] { return updates.queued() == 2 && updates.conflated() == 2; };
    co_await until(received);
    EXPECT_EQ(updates.progress(), 1u) << "revision 2 and those after it were not taken";
    EXPECT_EQ(co_await next_of(updates), "a@5=5");
    EXPECT_EQ(updates.resume_token().revision(), 3u) << "b@4 waits";
    watcher again = b.watch_all({.resume_after = updates.resume_token()});
    EXPECT_EQ(co_await initial_of(again), "b@4=4 a@5=5") << "nothing is lost";
    EXPECT_EQ(co_await next_of(updates), "b@4=4");
    EXPECT_EQ(updates.resume_token().revision(), 5u);
    co_await b.erase("a");
    EXPECT_EQ(co_await next_of(updates), "a@6 DEL") << "the one before was taken";
    EXPECT_EQ(updates.conflated(), 2u);
  });
}

TEST_P(conflation_test, batches_have_each_key_once) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch_all({.conflate = true});
    EXPECT_EQ(co_await initial_of(updates), "");
    for (int round = 0; round < 2; ++round) {
      for (const char* key : {"x", "y", "x", "z", "y", "x"}) co_await b.put(key, std::to_string(round));
      const std::uint64_t all = 3 * (static_cast<std::uint64_t>(round) + 1);
      const auto received = [&] { return updates.queued() == 3 && updates.conflated() == all; };
      co_await until(received);
      const auto first = co_await updates.next_batch(1);
      const auto rest = co_await updates.next_batch();
      EXPECT_EQ(first->size(), 1u);
      EXPECT_EQ(show(*first), round == 0 ? "x@6=0" : "x@12=1");
      EXPECT_EQ(show(*rest), round == 0 ? "y@5=0 z@4=0" : "y@11=1 z@10=1");
    }
  });
}

// Revisions that were there at the beginning all come.
TEST_P(conflation_test, initial_data_is_not_conflated) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* value : {"1", "2", "3"}) co_await b.put("k", value);
    watcher updates = b.watch_all({.include_history = true, .conflate = true});
    const auto received = [&] { return updates.queued() == 3; };
    co_await until(received);
    co_await updates.ready();  // an entry that comes before the reply to its creation would be initial
    for (const char* value : {"4", "5"}) co_await b.put("k", value);
    const auto replaced = [&] { return updates.conflated() == 1; };
    co_await until(replaced);
    EXPECT_EQ(co_await initial_of(updates), "k@1=1 k@2=2 k@3=3");
    EXPECT_EQ(updates.progress(), 3u) << "initial entries of a key do not count for its update";
    EXPECT_EQ(co_await next_of(updates), "k@5=5");
  });
}

// A token after nothing was taken begins before the oldest entry that waits.
TEST_P(conflation_test, an_update_does_not_pass_initial_entries) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"a", "b"}) co_await b.put(key, "1");
    watcher updates = b.watch_all({.conflate = true});
    const auto initial = [&] { return updates.queued() == 2; };
    co_await until(initial);
    co_await updates.ready();
    co_await b.put("a", "2");
    const auto updated = [&] { return updates.queued() == 3; };
    co_await until(updated);
    EXPECT_EQ(updates.progress(), 0u);
    EXPECT_EQ(co_await next_of(updates), "a@1=1");
    EXPECT_EQ(updates.progress(), 1u);
    EXPECT_EQ(co_await next_of(updates), "b@2=1");
    EXPECT_EQ(co_await next_of(updates), "a@3=2");
  });
}

// 20 MB of one key: the server need not wait until its last value but one was taken.
// fault: 71
TEST_P(conflation_test, who_does_not_read_holds_one_value_of_a_key) {
  const bucket_config memory = bucket_config("B").storage(storage::memory);
  with_bucket(memory, [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch_all({.conflate = true, .heartbeat = 200ms});
    EXPECT_EQ(co_await initial_of(updates), "");
    const std::string value(100'000, 'x');
    constexpr std::uint64_t count = 200;
    for (std::uint64_t i = 0; i < count; ++i) {
      co_await b.put("k", value);
      // The server drops a revision that is replaced before it was delivered: each is waited for, the first too.
      const auto received = [&] { return updates.queued() == 1 && updates.conflated() == i; };
      co_await until(received);
    }
    const std::optional<entry> last = co_await updates.next();
    EXPECT_EQ(last.value().revision(), count);
  });
}

}  // namespace
}  // namespace kvco::test

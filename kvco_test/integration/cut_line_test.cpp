// A line that carries so many bytes at a time, and is cut: initial data that needs many connections ends all the same.
#include <gtest/gtest.h>
#include <kvco_test/support/faults/fault_proxy.hpp>
#include <kvco_test/support/server/kv_test.hpp>

#include <map>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class cut_line_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(cut_line_test);

constexpr int keys_there = 1000;
constexpr std::size_t value_size = 1000, carried = 200'000;

asio::awaitable<void> put_all(bucket to, char with) {
  const std::string value(value_size, with);
  std::vector<std::string> keys;
  for (int i = 0; i < keys_there; ++i) keys.push_back("k" + std::to_string(i));
  std::vector<put_item> items;
  for (const std::string& key : keys) items.push_back({key, value});
  for (const put_outcome& stored : co_await to.put_many(items)) EXPECT_TRUE(stored.ok());
}

// field: M2
TEST_P(cut_line_test, the_initial_data_makes_progress_with_each_connection) {
  for (const int history : {1, 5}) {
    const std::string name = "B" + std::to_string(history);
    with_bucket(bucket_config(name).history(history), [&](client&, bucket& b) -> asio::awaitable<void> {
      co_await put_all(b, 'a');
      co_await put_all(b, 'b');
      fault_proxy line(co_await asio::this_coro::executor, server.port());
      client far = co_await connect(
          config(line.url()).reconnect([](auto& reconnect) { reconnect.initial_delay(1ms).max_delay(5ms); }));
      bucket there = co_await far.open_bucket(name);
      line.set(direction::to_client, {.cut_after = carried});
      watcher all = there.watch_all();
      std::map<std::string, std::string> last;
      while (std::optional<entry> e = co_await all.next_initial()) last[std::string(e->key())] = e->value();
      EXPECT_EQ(last.size(), static_cast<std::size_t>(keys_there)) << "history " << history;
      for (const auto& [key, value] : last) EXPECT_EQ(value.front(), 'b') << key;
      EXPECT_LE(line.bytes(direction::to_client), 2u * keys_there * value_size) << "history " << history;
      EXPECT_GT(line.dials(), keys_there * value_size / carried) << "history " << history;
      line.set(direction::to_client, {});
      co_await far.close();
    });
  }
}

}  // namespace
}  // namespace kvco::test

// kvco's operations on many keys at once.
#include <bench/kvco_contestant.hpp>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <vector>

namespace kvco::bench::kvco_works_of {
namespace {

std::vector<std::string> key_names(std::size_t count) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(key_name(i));
  return keys;
}

}  // namespace

outcome get_many(kvco_client& nats, const task& what) {
  std::vector<std::string> keys = key_names(what.operations);
  if (what.work == "get_many_shuffled") std::shuffle(keys.begin(), keys.end(), std::minstd_rand(1));
  meter spent(what.operations);
  nats.run([&]() -> asio::awaitable<void> {
    const std::vector<std::optional<entry>> found = co_await nats.bucket().get_many(keys);
    std::size_t good = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i] && found[i]->key() == keys[i] && found[i]->value().size() == what.value) ++good;
    }
    spent.done(good);  // at once: the allocations were made before
  });
  return spent.finish();
}

outcome get_prefix(kvco_client& nats, const task& what) {
  meter spent(what.operations);
  nats.run([&]() -> asio::awaitable<void> {
    const std::string_view filter = ">";
    const snapshot all = co_await nats.bucket().get_prefix(filter, {.timeout = std::chrono::minutes(2)});
    spent.done(static_cast<std::uint64_t>(
        std::count_if(all.entries.begin(), all.entries.end(),
                      [&](const entry& one) { return one.value().size() == what.value; })));
  });
  return spent.finish();
}

outcome put_many(kvco_client& nats, const task& what) {
  const std::vector<std::string> keys = key_names(what.operations);
  const std::string value(what.value, 'v');
  std::vector<put_item> items;
  for (const std::string& key : keys) items.push_back({key, value});
  meter spent(what.operations);
  nats.run([&]() -> asio::awaitable<void> {
    const std::vector<put_outcome> stored = co_await nats.bucket().put_many(items);
    spent.done(static_cast<std::uint64_t>(
        std::count_if(stored.begin(), stored.end(), [](const put_outcome& one) { return one.ok(); })));
  });
  return spent.finish();
}

}  // namespace kvco::bench::kvco_works_of

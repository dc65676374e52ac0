// Many writers of one key, none of whom overwrites another: compare and set.
#include "sample.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

using namespace asio::experimental::awaitable_operators;  // a && b: both at once

// Reads, changes, and writes if the key is unchanged; otherwise again. Reads from the leader: a replica may lag behind.
asio::awaitable<void> count_one(kvco::bucket shop) {
  while (true) {
    std::optional<kvco::entry> now =
        co_await shop.get("visitors", {.consistency = kvco::consistency::leader});
    const std::string next = std::to_string(std::stoi(std::string(now.value().value())) + 1);
    auto [error, revision] = co_await shop.update("visitors", next, now->revision(), kvco::nothrow);
    if (!error) co_return;
    if (error != kvco::errc::wrong_last_revision) throw boost::system::system_error(error);
  }
}

asio::awaitable<void> door(kvco::bucket shop) {
  for (int visitors = 0; visitors < 50; ++visitors) co_await count_one(shop);
}

// A lock is a key that only one can create. (With a time to live it would open by itself when its holder dies.)
asio::awaitable<int> lock_till(kvco::bucket shop, std::string name) {
  auto [error, revision] = co_await shop.create("till.lock", name, kvco::nothrow);
  if (error && error != kvco::errc::key_exists) throw boost::system::system_error(error);
  co_return error ? 0 : 1;
}

asio::awaitable<void> compare_and_set() {
  kvco::client nats = co_await kvco::connect(sample::url());
  kvco::bucket shop = co_await sample::empty_bucket(nats, "SAMPLE_COMPARE_AND_SET");

  co_await shop.put("visitors", "0");
  co_await (door(shop) && door(shop) && door(shop));
  cout << "three doors counted 50 visitors each: " << (co_await shop.get("visitors"))->value() << "\n";

  auto locked = co_await (lock_till(shop, "ann") && lock_till(shop, "bob"));
  cout << "ann and bob lock the till at once: " << std::get<0>(locked) + std::get<1>(locked) << " succeeds\n";

  // Unlocking erases exactly the revision that locked: never the lock of another client.
  std::optional<kvco::entry> lock = co_await shop.get("till.lock");
  const kvco::revision held = lock.value().revision();
  auto [error, none] = co_await shop.erase("till.lock", {.last_revision = held - 1}, kvco::nothrow);
  if (error == kvco::errc::wrong_last_revision) cout << "unlock with another revision: refused\n";
  co_await shop.erase("till.lock", {.last_revision = held});
  cout << "unlock with the right one; cat locks: " << co_await lock_till(shop, "cat") << " succeeds\n";

  co_await nats.delete_bucket("SAMPLE_COMPARE_AND_SET");
}

int main() { return sample::run(compare_and_set()); }

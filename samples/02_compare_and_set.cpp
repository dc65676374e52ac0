// Many writers of one key, none of whom overwrites another: compare and set.
#include "sample.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

using namespace asio::experimental::awaitable_operators;

// Reads, changes, and writes if nobody was faster; else once more. The leader is asked because a replica may lag behind.
asio::awaitable<void> add_one(kvco::bucket shop) {
  while (true) {
    std::optional<kvco::entry> now =
        co_await shop.get("visitors", {.consistency = kvco::consistency::leader});
    const int count = std::stoi(std::string(now->value()));
    auto [error, revision] =
        co_await shop.update("visitors", std::to_string(count + 1), now->revision(), kvco::nothrow);
    if (!error) co_return;
    if (error != kvco::errc::wrong_last_revision) throw boost::system::system_error(error);
  }
}

asio::awaitable<void> door(kvco::bucket shop) {
  for (int i = 0; i < 50; ++i) co_await add_one(shop);
}

// A lock is a key that only one can create. Its holder gives it back by erasing exactly that revision.
asio::awaitable<int> take_the_key(kvco::bucket shop, std::string name) {
  auto [error, held] = co_await shop.create("key-of-the-till", name, kvco::nothrow);
  if (error == kvco::errc::key_exists) co_return 0;
  if (error) throw boost::system::system_error(error);
  co_return 1;
}

asio::awaitable<void> compare_and_set() {
  kvco::client nats = co_await kvco::connect(sample::url());
  kvco::bucket shop = co_await sample::empty_bucket(nats, "SAMPLE_COMPARE_AND_SET");

  co_await shop.put("visitors", "0");
  co_await (door(shop) && door(shop) && door(shop));
  cout << "three doors, 50 visitors each: " << (co_await shop.get("visitors"))->value() << " counted\n";

  auto winners = co_await (take_the_key(shop, "ann") && take_the_key(shop, "bob"));
  cout << "two want the key of the till: " << std::get<0>(winners) + std::get<1>(winners) << " has it\n";

  std::optional<kvco::entry> key = co_await shop.get("key-of-the-till");
  auto [stale, none] =
      co_await shop.erase("key-of-the-till", {.last_revision = key->revision() - 1}, kvco::nothrow);
  cout << "given back by somebody who does not hold it: " << stale.message() << "\n";
  co_await shop.erase("key-of-the-till", {.last_revision = key->revision()});
  cout << "given back by its holder: " << co_await take_the_key(shop, "cat") << " may take it now\n";

  co_await nats.delete_bucket("SAMPLE_COMPARE_AND_SET");
}

int main() { return sample::run(compare_and_set()); }

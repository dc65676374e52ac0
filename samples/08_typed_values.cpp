// Values of your own types: JSON, numbers, keys of any text, and an entry that cannot be decoded.
#include "sample.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <kvco/typed/typed_bucket.hpp>
#include <optional>
#include <vector>

enum class state { open, paid };
BOOST_DESCRIBE_ENUM(state, open, paid)

struct order {
  int id;
  state now;
  std::vector<std::string> items;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, now, items, note))

asio::awaitable<void> typed_values() {
  kvco::client nats = co_await kvco::connect(sample::url());
  kvco::bucket shop = co_await sample::empty_bucket(nats, "SAMPLE_TYPED_VALUES");
  kvco::typed_bucket<order> orders(shop);

  // With g++ 12 a value that owns memory needs a name before the co_await expression.
  order figs{1, state::open, {"fig", "fig"}, {}};
  kvco::revision stored = co_await orders.put("order.1", figs);
  if (auto plain = co_await shop.get("order.1")) cout << "stored: " << plain->value() << "\n";

  // Read, change, write: an entry has a value and a revision.
  if (std::optional<kvco::typed_entry<order>> e = co_await orders.get("order.1")) {
    order changed = e->value();
    changed.now = state::paid;
    co_await orders.update("order.1", changed, stored);
  }

  // If another program stores something else, only that entry has an error, and a watch continues.
  co_await shop.put("order.2", R"({"id":"two"})");
  co_await shop.put("order.3", R"({"id":3,"now":"open","items":[],"by":"another program"})");
  auto updates = orders.watch("order.*");
  while (std::optional<kvco::typed_entry<order>> e = co_await updates.next_initial()) {
    cout << e->key() << ": ";
    if (e->has_value())
      cout << (*e)->items.size() << " items, " << ((*e)->now == state::paid ? "paid" : "open") << "\n";
    if (!e->has_value()) cout << e->error().text << "\n";
  }

  // Numbers and strings are stored as plain text, so that other clients can read them.
  co_await kvco::typed_bucket<int>(shop).put("visitors", 42);
  if (auto plain = co_await shop.get("visitors")) cout << "stored: " << plain->value() << "\n";

  // A key codec allows any text as a key.
  kvco::typed_bucket<double, kvco::default_codec<double>, kvco::base64_key_codec> prices(shop);
  co_await prices.put("price.crème brûlée", 4.5);
  for (const std::string& key : co_await prices.keys("price.*")) cout << key << "\n";

  co_await nats.delete_bucket("SAMPLE_TYPED_VALUES");
}

int main() { return sample::run(typed_values()); }

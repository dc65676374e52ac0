// The values of the tests of typed buckets.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <kvco/typed/typed_bucket.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kvco::test {

struct order {
  int Id;
};
BOOST_DESCRIBE_STRUCT(order, (), (Id))

enum class state { open, paid };
BOOST_DESCRIBE_ENUM(state, open, paid)

struct item {
  std::string name;
  double price;
  std::optional<unsigned char> count;
};
BOOST_DESCRIBE_STRUCT(item, (), (name, price, count))

struct invoice : order {
  std::vector<item> items;
  state now;
  std::map<std::string, bool> flags;
};
BOOST_DESCRIBE_STRUCT(invoice, (order), (items, now, flags))

/// "key@7={"Id":1}", "key@8 DEL", "key@9 ! reason".
template <class T>
std::string describe(const typed_entry<T>& e) {
  const std::string at = std::string(e.key()) + "@" + std::to_string(e.revision());
  if (e.has_value()) return at + "=" + std::string(value_view(default_codec<T>().encode(*e)));
  if (e.operation() != operation::put) return at + " " + std::string(to_string(e.operation()));
  return at + " ! " + e.error().text;
}
template <class T>
std::string describe(const std::optional<typed_entry<T>>& e) {
  return e ? describe(*e) : "none";
}
template <class Entry>
std::string describe_all(const std::vector<Entry>& all) {
  std::string out;
  for (const Entry& each : all) out += (out.empty() ? "" : " ") + describe(each);
  return out;
}

}  // namespace kvco::test

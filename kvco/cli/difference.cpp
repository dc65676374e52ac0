// Where two buckets have different values. See the header.
#include <kvco/cli/difference.hpp>

#include <map>
#include <string_view>

namespace kvco::cli {

std::vector<difference> differences(const std::vector<entry>& before, const std::vector<entry>& after) {
  struct values {
    const entry* before = nullptr;
    const entry* after = nullptr;
  };
  std::map<std::string_view, values> all;
  for (const entry& e : before) all[e.key()].before = &e;
  for (const entry& e : after) all[e.key()].after = &e;
  const auto value_of = [](const entry* e) {
    return e == nullptr ? std::nullopt : std::optional<std::string>(e->value());
  };
  std::vector<difference> out;
  for (const auto& [key, both] : all) {
    difference one{std::string(key), value_of(both.before), value_of(both.after)};
    if (one.before != one.after) out.push_back(std::move(one));
  }
  return out;
}

}  // namespace kvco::cli

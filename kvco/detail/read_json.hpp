// JSON -> a value, by its type.
#pragma once

#include <boost/mp11/algorithm.hpp>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <kvco/detail/json_text.hpp>
#include <kvco/detail/json_types.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace kvco::detail {

/// Where reading has failed, and why. The path grows from its end.
struct json_problem {
  std::string path, why;

  bool set(std::string_view text) { return why = text, false; }
  bool inside(std::string_view member);
  bool at(std::string_view key);
  bool at(std::size_t index);
  std::string text() const;
};

template <class T>
bool read_json(json_node from, T& to, json_problem& why);

template <class T>
bool read_boolean(json_node from, T& to, json_problem& why) {
  const std::optional<bool> found = from.boolean();
  if (found) to = *found;
  return found.has_value() || why.set("not a boolean");
}

template <class T>
bool read_text(json_node from, T& to, json_problem& why) {
  const std::optional<std::string_view> found = from.text();
  if (found) to = *found;
  return found.has_value() || why.set("not a string");
}

template <std::integral T>
bool read_number(json_node from, T& to, json_problem& why) {
  const std::optional<json_node::number_type> found = from.number();
  if (!found) return why.set("not a number");
  const auto take = [&](auto value) {
    if (!std::in_range<T>(value)) return why.set("out of range");
    return to = static_cast<T>(value), true;
  };
  if (const auto* value = std::get_if<std::int64_t>(&*found)) return take(*value);
  if (const auto* value = std::get_if<std::uint64_t>(&*found)) return take(*value);
  const double value = std::get<double>(*found);
  if (value != std::trunc(value)) return why.set("not an integer");
  if (value >= -0x1p63 && value < 0x1p63) return take(static_cast<std::int64_t>(value));
  if (value >= 0 && value < 0x1p64) return take(static_cast<std::uint64_t>(value));
  return why.set("out of range");
}

template <std::floating_point T>
bool read_number(json_node from, T& to, json_problem& why) {
  const std::optional<json_node::number_type> found = from.number();
  if (!found) return why.set("not a number");
  to = std::visit([](auto value) { return static_cast<T>(value); }, *found);
  return std::isfinite(to) || why.set("out of range");
}

template <described_enum T>
bool read_enum(json_node from, T& to, json_problem& why) {
  const std::optional<std::string_view> name = from.text();
  std::conditional_t<std::is_signed_v<std::underlying_type_t<T>>, std::int64_t, std::uint64_t> number = 0;
  if (!name && !read_number(from, number, why))
    return why.set("neither the name nor the number of an enumerator");
  bool found = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto one) {
    if (name ? *name == one.name : static_cast<decltype(number)>(one.value) == number)
      to = one.value, found = true;
  });
  return found || why.set(name ? "not the name of an enumerator" : "not the number of an enumerator");
}

template <class T>
bool read_members(json_node from, T& to, json_problem& why) {
  if (!from.is_object()) return why.set("not an object");
  bool fine = true;
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
    if (!fine) return;
    auto& field = to.*member.pointer;
    const json_node found = from.member(member.name);
    if (found) {
      fine = read_json(found, field, why) || why.inside(member.name);
    } else if constexpr (is_optional<std::remove_cvref_t<decltype(field)>>) {
      field.reset();
    } else {
      fine = why.set("missing") || why.inside(member.name);
    }
  });
  return fine;
}

template <class T>
bool read_map(json_node from, T& to, json_problem& why) {
  if (!from.is_object()) return why.set("not an object");
  for (std::size_t i = 0; i < from.size(); ++i) {
    typename T::mapped_type value{};
    if (!read_json(from.at(i), value, why)) return why.at(from.name_at(i));
    to.insert_or_assign(std::string(from.name_at(i)), std::move(value));
  }
  return true;
}

template <class T>
bool read_array(json_node from, T& to, json_problem& why) {
  if (!from.is_array()) return why.set("not an array");
  if constexpr (is_std_array<T>) {
    if (from.size() != to.size()) return why.set("not as many elements as the array has");
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    typename T::value_type value{};
    if (!read_json(from.at(i), value, why)) return why.at(i);
    if constexpr (is_std_array<T>) {
      to[i] = std::move(value);
    } else {
      to.insert(to.end(), std::move(value));
    }
  }
  return true;
}

template <class T>
bool read_json(json_node from, T& to, json_problem& why) {
  if constexpr (std::same_as<T, bool>) {
    return read_boolean(from, to, why);
  } else if constexpr (std::same_as<T, std::string>) {
    return read_text(from, to, why);
  } else if constexpr (is_optional<T>) {
    if (from.is_null()) return to.reset(), true;
    return read_json(from, to.emplace(), why);
  } else if constexpr (number<T>) {
    return read_number(from, to, why);
  } else if constexpr (described_enum<T>) {
    return read_enum(from, to, why);
  } else if constexpr (described_struct<T>) {
    return read_members(from, to, why);
  } else if constexpr (json_map<T>) {
    return read_map(from, to, why);
  } else {
    static_assert(json_array<T>,
                  "json_codec: no JSON for this type; is BOOST_DESCRIBE_STRUCT or _ENUM missing?");
    return read_array(from, to, why);
  }
}

}  // namespace kvco::detail

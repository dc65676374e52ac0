// A value -> JSON, by its type.
#pragma once

#include <boost/mp11/algorithm.hpp>
#include <concepts>
#include <cstdint>
#include <kvco/detail/json_text.hpp>
#include <kvco/detail/json_types.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace kvco::detail {

template <class T>
void write_json(json_writer& to, const T& value);

template <described_struct T>
void write_members(json_writer& to, const T& value) {
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
    const auto& field = value.*member.pointer;
    if constexpr (is_optional<std::remove_cvref_t<decltype(field)>>) {
      if (!field) return;
    }
    to.name(member.name);
    write_json(to, field);
  });
}

template <described_enum T>
std::string_view name_of(T value) {
  std::string_view found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto one) {
    if (one.value == value) found = one.name;
  });
  if (found.empty()) throw std::invalid_argument("an enum has a value without a described name");
  return found;
}

template <class T>
void write_json(json_writer& to, const T& value) {
  if constexpr (std::same_as<T, bool>) {
    to.boolean(value);
  } else if constexpr (std::same_as<T, std::string>) {
    to.text(value);
  } else if constexpr (is_optional<T>) {
    value ? write_json(to, *value) : to.null();
  } else if constexpr (std::integral<T> && number<T>) {
    to.integer(static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(value));
  } else if constexpr (std::same_as<T, float> || std::same_as<T, double>) {
    to.real(value);
  } else if constexpr (described_enum<T>) {
    to.text(name_of(value));
  } else if constexpr (described_struct<T>) {
    to.begin('{');
    write_members(to, value);
    to.end('}');
  } else if constexpr (json_map<T>) {
    to.begin('{');
    for (const auto& [name, each] : value) to.name(name), write_json(to, each);
    to.end('}');
  } else if constexpr (json_array<T>) {
    to.begin('[');
    for (const typename T::value_type& each : value) write_json(to, each);
    to.end(']');
  } else {
    static_assert(json_array<T>,
                  "json_codec: no JSON for this type; is BOOST_DESCRIBE_STRUCT or _ENUM missing?");
  }
}

}  // namespace kvco::detail

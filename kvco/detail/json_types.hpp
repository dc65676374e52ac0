// Which types have a form in JSON, and which one.
#pragma once

#include <array>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <concepts>
#include <cstddef>
#include <kvco/typed/number.hpp>
#include <optional>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>

namespace kvco::detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_std_array = false;
template <class T, std::size_t N>
inline constexpr bool is_std_array<std::array<T, N>> = true;

template <class T>
concept described_struct = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;
template <class T>
concept described_enum = boost::describe::has_describe_enumerators<T>::value;
template <class T>
concept json_map = std::ranges::range<T> && std::same_as<typename T::key_type, std::string> &&
    requires(T& map, typename T::mapped_type value) {
  map.insert_or_assign(std::string(), std::move(value));
};
template <class T>
concept json_sequence =
    std::ranges::range<T> && !json_map<T> && !is_std_array<T> && !std::same_as<T, std::string> &&
    requires(T & sequence, typename T::value_type value) {
  sequence.insert(sequence.end(), std::move(value));
};
template <class T>
concept json_array = json_sequence<T> || is_std_array<T>;

/// The public members, those of described bases included.
template <class T>
using members_of =
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

}  // namespace kvco::detail

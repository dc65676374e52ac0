// Values as JSON: structs and enums described with Boost.Describe, and the types of their members.
#pragma once

#include <kvco/detail/read_json.hpp>
#include <kvco/detail/write_json.hpp>
#include <kvco/typed/codec.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kvco {

/// A value as JSON: `struct order { int Id; }; BOOST_DESCRIBE_STRUCT(order, (), (Id))` with {1} is stored as `{"Id":1}`.
///
/// T consists of structs (public members, including those of bases) and enums (by name) described with Boost.Describe,
/// std::optional, std::string, bool, numbers, std::array, containers such as std::vector and std::set, and maps whose keys are
/// std::string. T and all types in it are default-constructible.
///
/// \par Written
/// Without spaces, members in the order of their description. An empty optional member is left out; elsewhere it is null. Throws for
/// values that JSON cannot represent (NaN, infinity, text that is not UTF-8, an enum value without a name).
/// \par Read
/// An enum may also be the number of an enumerator, as System.Text.Json writes it. Unknown members are ignored. A missing member is an error with its name, unless it is optional: then absent and null are the same.
/// Numbers must be in the range of their type; 1.0 and 1e3 are accepted as integers. If a member occurs twice, the last one counts. An
/// error names its location: `items[2].price: not a number`.
template <class T>
struct json_codec {
  static constexpr std::string_view name = "json";  ///< For the bucket's metadata.

  std::string encode(const T& value) const {
    detail::json_writer to;
    detail::write_json(to, value);
    return to.take();
  }

  decoded<T> decode(std::string_view stored) const {
    struct reading {
      T value{};
      detail::json_problem problem;
      bool fine = false;
    } read;
    const auto use = [](detail::json_node root, void* to) {
      auto& into = *static_cast<reading*>(to);
      into.fine = detail::read_json(root, into.value, into.problem);
    };
    if (const std::optional<std::string> malformed = detail::read_json(stored, use, &read))
      return value_error(*malformed);
    if (!read.fine) return value_error(read.problem.text());
    return std::move(read.value);
  }
};

}  // namespace kvco

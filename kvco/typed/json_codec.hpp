// Values as JSON: structs and enums that Boost.Describe describes, and what they are made of.
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
/// T is made of structs (public members, also of bases) and enums (by name) that Boost.Describe describes, std::optional,
/// std::string, bool, numbers, std::array, containers such as std::vector and std::set, and maps whose keys are std::string. T and
/// all in it can be made by default.
///
/// \par Written
/// Without spaces, members in the order of their description. An empty optional member is left out; elsewhere it is null. Throws for
/// what JSON has no form of (NaN, infinity, text that is not UTF-8, an enum without a name).
/// \par Read
/// Unknown members are ignored. A member that is missing is an error with its name, unless it is optional: then absent and null are the
/// same. Numbers must be in the range of their type; 1.0 and 1e3 are integers. Of two members with the same name the later one counts.
/// An error names the place: `items[2].price: not a number`.
template <class T>
struct json_codec {
  static constexpr std::string_view name = "json";

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

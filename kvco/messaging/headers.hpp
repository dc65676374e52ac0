// The header fields of a message (ADR-4).
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco {

/// Names and values in the order in which they were added; a name may have several values. Names are compared as they are: case
/// counts (ADR-4).
///
/// A name is made of printable ASCII characters without blanks and colons; a value has no CR, LF or NUL, and blanks around it are not
/// kept. Fields that break a rule are refused by the operation that would send them (errc::invalid_argument), before anything is
/// sent.
class headers {
 public:
  using field = std::pair<std::string, std::string>;          ///< A name and a value.
  using const_iterator = std::vector<field>::const_iterator;  ///< Of the fields, in order.

  headers() = default;
  /// Fields in this order.
  headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    for (const auto& [name, value] : fields) add(name, value);
  }

  /// Adds a field behind those of the same name.
  headers& add(std::string_view name, std::string_view value);
  /// Replaces all fields of the name by one.
  headers& set(std::string_view name, std::string_view value);
  /// Removes all fields of the name. Returns their number.
  std::size_t erase(std::string_view name);
  /// The first value of the name.
  std::optional<std::string_view> get(std::string_view name) const noexcept;
  /// All values of the name, in order.
  std::vector<std::string_view> get_all(std::string_view name) const;
  /// Whether a field has the name.
  bool contains(std::string_view name) const noexcept { return get(name).has_value(); }

  /// Whether there is no field.
  bool empty() const noexcept { return fields_.empty(); }
  /// The number of fields.
  std::size_t size() const noexcept { return fields_.size(); }
  /// The first field.
  const_iterator begin() const noexcept { return fields_.begin(); }
  /// The end of the fields.
  const_iterator end() const noexcept { return fields_.end(); }
  friend bool operator==(const headers&, const headers&) = default;

 private:
  std::vector<field> fields_;
};

}  // namespace kvco

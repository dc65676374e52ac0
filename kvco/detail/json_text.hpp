// JSON for codecs: a writer, and views of parsed values. It hides Boost.JSON, so that no file of a user compiles it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace kvco::detail {

/// Appends values to a text. Throws std::invalid_argument for values that JSON cannot represent: NaN, infinity, text that is not
/// UTF-8.
class json_writer {
 public:
  void null() { item("null"); }
  void boolean(bool value) { item(value ? "true" : "false"); }
  void integer(std::int64_t value);
  void integer(std::uint64_t value);
  void real(float value);
  void real(double value);
  void text(std::string_view value);

  void begin(char bracket);  ///< '{' or '['
  void end(char bracket);    ///< '}' or ']'
  void name(std::string_view member);

  std::string take() { return std::move(text_); }

 private:
  void separate();
  void item(std::string_view token);

  std::string text_;
  bool is_first_ = true;  // no comma is needed
};

/// A view of a value in a parsed text, which must outlive it.
class json_node {
 public:
  using number_type = std::variant<std::int64_t, std::uint64_t, double>;

  /// @param value  a boost::json::value; nullptr: absent
  explicit json_node(const void* value) noexcept : value_(value) {}

  explicit operator bool() const noexcept { return value_ != nullptr; }
  bool is_null() const noexcept;
  bool is_object() const noexcept;
  bool is_array() const noexcept;
  std::optional<bool> boolean() const noexcept;
  std::optional<number_type> number() const noexcept;
  std::optional<std::string_view> text() const noexcept;

  /// Elements of an array, or members of an object.
  std::size_t size() const noexcept;
  json_node at(std::size_t index) const noexcept;
  std::string_view name_at(std::size_t index) const noexcept;
  /// Absent if the object has no such member.
  json_node member(std::string_view name) const noexcept;

 private:
  const void* value_;
};

/// Parses the text, and calls `use` with its value. Returns the reason and its position if the text is not valid JSON.
std::optional<std::string> read_json(std::string_view text, void (*use)(json_node, void*), void* context);

}  // namespace kvco::detail

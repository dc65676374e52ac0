// One JSON object in one line, for scripts.
#pragma once

#include <cstdint>
#include <kvco/entry.hpp>
#include <string>
#include <string_view>

namespace kvco::cli {

class json_line {
 public:
  json_line() = default;
  /// @param expected  about how many bytes it will have
  explicit json_line(std::size_t expected) { members_.reserve(expected); }

  /// For people: bytes that are not UTF-8 are replaced.
  json_line& text(std::string_view name, std::string_view value);
  /// Exactly: the member `name` if they are UTF-8, else `name`_base64.
  json_line& bytes(std::string_view name, std::string_view value);
  json_line& number(std::string_view name, std::uint64_t value);
  json_line& decimal(std::string_view name, double value);
  json_line& boolean(std::string_view name, bool value);

  /// The object, with the end of the line.
  std::string line() const { return "{" + members_ + "}\n"; }

 private:
  std::string& member(std::string_view name);
  std::string members_;
};

/// "PUT", "DELETE", "PURGE".
std::string_view name_of(operation op) noexcept;

/// An entry with all that is known of it: a line of `export`, and that which `import` reads.
std::string json_of(const entry& e);
/// The outcome of a write.
std::string json_of_write(std::string_view bucket, std::string_view key, revision stored);

}  // namespace kvco::cli

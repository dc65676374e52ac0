// The NATS/1.0 header block (ADR-4): status line, names and values. Views only, nothing is copied.
#pragma once

#include <cstdint>
#include <kvco/error.hpp>
#include <optional>
#include <string_view>

namespace kvco::wire {

/// One `name: value`, white space around the value removed.
struct header_field {
  std::string_view name;
  std::string_view value;
};

/// A header block as received. Names are compared exactly (case-sensitive, ADR-4).
///
/// A malformed block behaves as if it had no fields and no status; valid() is false.
class headers {
 public:
  headers() noexcept = default;
  /// @param block  from "NATS/1.0" to the empty line, or empty. Must outlive this object.
  explicit headers(std::string_view block) noexcept;

  /// False if the block does not start with NATS/1.0, does not end with an empty line, or holds a line that
  /// is no field. An empty block is valid.
  bool valid() const noexcept;
  /// The inline status (`NATS/1.0 503 No Responders`): 100 to 999, or 0 without one.
  int status() const noexcept { return status_; }
  /// The server's answer to a request on a subject without subscribers.
  bool no_responders() const noexcept { return status_ == 503; }
  /// The text behind the status.
  std::string_view description() const noexcept { return description_; }

  /// The first value of that name.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  /// The last value of that name: the fields that the server appended to a stored message follow any that a
  /// publisher may have sent under the same name.
  std::optional<std::string_view> find_last(std::string_view name) const noexcept;

  /// Takes the next field off `rest`; false at the end or at a line that is no field.
  static bool take_field(std::string_view& rest, header_field& field) noexcept;
  /// The lines behind the first one, for take_field(), of a block that has no status: without the pass over them that the
  /// constructor makes. Whether each is a field is seen when they are taken: at the end nothing is left of them.
  static std::optional<std::string_view> fields_without_status(std::string_view block) noexcept;
  /// The lines behind the status line, for take_field().
  std::string_view fields() const noexcept { return fields_; }

 private:
  std::string_view description_, fields_;
  int status_ = 0;
  bool valid_ = true;
};

/// An unsigned decimal number that fills the whole text; nothing for an empty text, a sign, or overflow.
std::optional<std::uint64_t> parse_number(std::string_view text) noexcept;

}  // namespace kvco::wire

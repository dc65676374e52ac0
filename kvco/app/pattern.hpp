// Patterns of keys and subjects, with names for some of their tokens.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kvco {

/// A filter of NATS in which a token may be `{name}`: it matches one token, as `*` does, and gives it a name.
///
///     orders.{region}.{id}     filter orders.*.*, captures region and id
///     config.>                 filter config.>, no captures
class key_pattern {
 public:
  /// Throws a boost::system::system_error of an app_error if it breaks a rule.
  explicit key_pattern(std::string_view text);

  /// As given to the constructor.
  const std::string& text() const noexcept { return text_; }
  /// As the server knows it.
  const std::string& filter() const noexcept { return filter_; }
  /// The names of its captures, in order.
  const std::vector<std::string>& names() const noexcept { return names_; }
  /// Whether a key, or a subject, matches the filter.
  bool matches(std::string_view key) const;
  /// The captured tokens of a key that matches the filter, in the order of names(): views of the key.
  std::vector<std::string_view> captured(std::string_view key) const;

 private:
  void add_token(std::string_view token, bool is_last);
  void add_capture(std::string_view name);

  std::string text_, filter_;
  std::vector<std::string> names_;
  std::vector<std::size_t> places_;  // the number of the token of each
  std::size_t tokens_ = 0;
};

/// The captured tokens of the key of one entry, by name.
///
/// \par Lifetimes
/// Valid until the handler has ended that they were passed to; a coroutine has ended when it has run to its end.
class captures {
 public:
  captures() = default;
  captures(const key_pattern& pattern, std::string_view key)
      : pattern_(&pattern), tokens_(pattern.captured(key)) {}

  /// The number of captures.
  std::size_t size() const noexcept { return tokens_.size(); }
  /// By its place in the pattern, less than size().
  std::string_view operator[](std::size_t place) const noexcept { return tokens_[place]; }
  /// By its name. Throws std::out_of_range if the pattern has no capture of this name.
  std::string_view operator[](std::string_view name) const;

 private:
  const key_pattern* pattern_ = nullptr;
  std::vector<std::string_view> tokens_;
};

}  // namespace kvco

// Writes metrics in the text format of Prometheus: those of kvco, and others of your program beside them.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace kvco {

/// A label of a sample. Its value is escaped, and each byte that is not UTF-8 becomes U+FFFD: it may come from elsewhere.
struct prometheus_label {
  std::string_view name;   ///< `[a-zA-Z_][a-zA-Z0-9_]*`
  std::string_view value;  ///< any bytes
};

/// A page in the text format (exposition format 0.0.4): families, each followed by its samples.
///
///     kvco::prometheus_text page;
///     page.family("shop_orders_total", "counter", "Orders taken.");
///     page.sample("shop_orders_total", {{"region", region}}, count);
///     return metrics->render(nats) + page.take();
class prometheus_text {
 public:
  /// Begins a family.
  ///
  /// @param name  `[a-zA-Z_:][a-zA-Z0-9_:]*`
  /// @param type  `counter`, `gauge`, `histogram`
  /// @param help  one line
  void family(std::string_view name, std::string_view type, std::string_view help);

  /// A sample of the family that was begun last. A number with a point is the shortest that reads back as the same value.
  template <class Number>
  requires std::integral<Number> || std::floating_point<Number>
  void sample(std::string_view name, std::span<const prometheus_label> labels, Number value) {
    std::array<char, 32> digits;
    const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    append_sample(name, labels, std::string_view(digits.data(), end));
  }
  template <class Number>
  void sample(std::string_view name, std::initializer_list<prometheus_label> labels, Number value) {
    sample(name, std::span(labels.begin(), labels.size()), value);
  }

  /// The page; it is empty afterwards.
  std::string take() { return std::exchange(text_, {}); }

 private:
  void append_sample(std::string_view name, std::span<const prometheus_label> labels, std::string_view value);

  std::string text_;
};

}  // namespace kvco

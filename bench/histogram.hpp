// Latencies, counted in classes that grow with the value: a fixed size, an error below 2 %, mergeable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kvco::bench {

/// Log-linear: 64 classes to each power of two, of nanoseconds, up to 18 minutes.
class histogram {
 public:
  void add(std::int64_t nanoseconds) noexcept;
  void merge(const histogram& other) noexcept;

  bool empty() const noexcept { return count_ == 0; }
  std::uint64_t count() const noexcept { return count_; }
  /// In microseconds; `share` of all values lie at or below it (0.5: the median). 0 without values.
  double percentile(double share) const noexcept;
  double max() const noexcept { return static_cast<double>(max_) / 1e3; }

  /// "<max>;<class>:<count>,..." and back.
  std::string encode() const;
  static histogram decode(std::string_view text);

 private:
  static constexpr int sub_bits = 6, value_bits = 40;

  std::array<std::uint64_t, (std::size_t{value_bits - sub_bits + 1}) << sub_bits> counts_{};
  std::uint64_t count_ = 0, max_ = 0;

  static std::size_t class_of(std::uint64_t value) noexcept;
  static std::uint64_t upper_end(std::size_t index) noexcept;
};

}  // namespace kvco::bench

// Latencies in classes. See the header.
#include <bench/histogram.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

namespace kvco::bench {
namespace {

constexpr std::uint64_t largest = (std::uint64_t{1} << 40) - 1;

// Takes the number before `end` off the text; the rest of it if there is no `end`.
std::uint64_t take_number(std::string_view& text, char end) {
  const std::size_t length = std::min(text.find(end), text.size());
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + length, value);
  text.remove_prefix(std::min(length + 1, text.size()));
  return value;
}

}  // namespace

// Below two rounds of classes a value is its class; then each power of two has a round of classes of its own.
std::size_t histogram::class_of(std::uint64_t value) noexcept {
  const auto width = static_cast<std::size_t>(std::bit_width(value));
  const std::size_t shift = width <= sub_bits + 1 ? 0 : width - sub_bits - 1;
  return (shift << sub_bits) + (value >> shift);
}

std::uint64_t histogram::upper_end(std::size_t index) noexcept {
  const std::size_t shift = index < (std::size_t{2} << sub_bits) ? 0 : (index >> sub_bits) - 1;
  return ((index - (shift << sub_bits) + 1) << shift) - 1;
}

void histogram::add(std::int64_t nanoseconds) noexcept {
  const auto value = std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0)), largest);
  ++counts_[class_of(value)];
  ++count_;
  max_ = std::max(max_, value);
}

void histogram::merge(const histogram& other) noexcept {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

double histogram::percentile(double share) const noexcept {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted && seen > 0) return static_cast<double>(std::min(upper_end(i), max_)) / 1e3;
  }
  return 0;
}

std::string histogram::encode() const {
  std::string text = std::to_string(max_) + ';';
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] != 0) text += std::to_string(i) + ':' + std::to_string(counts_[i]) + ',';
  }
  return text;
}

histogram histogram::decode(std::string_view text) {
  histogram made;
  made.max_ = std::min(take_number(text, ';'), largest);
  while (!text.empty()) {
    const std::size_t index = take_number(text, ':');
    const std::uint64_t count = take_number(text, ',');
    if (index >= made.counts_.size()) continue;
    made.counts_[index] += count;
    made.count_ += count;
  }
  return made;
}

}  // namespace kvco::bench

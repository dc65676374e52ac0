// traceparent and tracestate <-> trace_context. No clock, no random numbers, no I/O.
#include <kvco/messaging/trace_context.hpp>

#include <algorithm>
#include <cstddef>
#include <kvco/messaging/message.hpp>
#include <span>
#include <utility>
#include <vector>

namespace kvco {
namespace {

constexpr std::string_view parent_name = "traceparent", state_name = "tracestate";
constexpr std::size_t size_of_version_00 = 55;
constexpr std::uint8_t known_flags = trace_context::sampled | trace_context::random;

// Vendors have to expect the names in any case, and HTTP libraries write them as "Traceparent". NATS compares names as they are.
bool is_name(std::string_view name, std::string_view lower) noexcept {
  const auto equal = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
  return std::equal(name.begin(), name.end(), lower.begin(), lower.end(), equal);
}

// Takes lower-case digits and the hyphen after them, unless they are at the end.
class hex_reader {
 public:
  explicit hex_reader(std::string_view text) noexcept : rest_(text) {}

  bool read(std::span<std::uint8_t> bytes) noexcept {
    if (rest_.size() < 2 * bytes.size()) return false;
    for (std::uint8_t& each : bytes) {
      const int high = digit(rest_[0]), low = digit(rest_[1]);
      if (high < 0 || low < 0) return false;
      each = static_cast<std::uint8_t>(16 * high + low);
      rest_.remove_prefix(2);
    }
    return true;
  }
  bool read_hyphen() noexcept {
    if (!rest_.starts_with('-')) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_end() const noexcept { return rest_.empty(); }

 private:
  static int digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }
  std::string_view rest_;
};

void append_hex(std::string& to, std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::uint8_t each : bytes) {
    to += digits[each / 16];
    to += digits[each % 16];
  }
}

bool is_zero(std::span<const std::uint8_t> bytes) noexcept {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t each) { return each == 0; });
}

void erase_any_case(headers& from, std::string_view lower) {
  std::vector<std::string> names;
  for (const auto& [name, value] : from) {
    if (is_name(name, lower)) names.push_back(name);
  }
  for (const std::string& name : names) from.erase(name);
}

}  // namespace

bool trace_context::valid() const noexcept { return !is_zero(trace_id) && !is_zero(parent_id); }

std::optional<trace_context> parse_traceparent(std::string_view text) {
  constexpr std::uint8_t no_version = 0xff;
  std::array<std::uint8_t, 1> version{}, flags{};
  trace_context read;
  hex_reader rest(text);
  const bool has_fields = rest.read(version) && rest.read_hyphen() && rest.read(read.trace_id) &&
                          rest.read_hyphen() && rest.read(read.parent_id) && rest.read_hyphen() &&
                          rest.read(flags);
  if (!has_fields || version[0] == no_version || !read.valid()) return std::nullopt;
  // A later version may have more fields.
  if (!rest.at_end() && (version[0] == 0 || !rest.read_hyphen())) return std::nullopt;
  read.flags = static_cast<std::uint8_t>(flags[0] & known_flags);
  return read;
}

std::string format_traceparent(const trace_context& context) {
  std::string text;
  if (!context.valid()) return text;
  text.reserve(size_of_version_00);
  text += "00-";
  append_hex(text, context.trace_id);
  text += '-';
  append_hex(text, context.parent_id);
  text += '-';
  append_hex(text, std::array{static_cast<std::uint8_t>(context.flags & known_flags)});
  return text;
}

void inject_trace(const trace_context& context, headers& into) {
  erase_any_case(into, parent_name);
  erase_any_case(into, state_name);
  const std::string parent = format_traceparent(context);
  if (parent.empty()) return;
  into.add(parent_name, parent);
  if (!context.state.empty()) into.add(state_name, context.state);
}

std::optional<trace_context> extract_trace(const headers& from) {
  std::optional<std::string_view> parent;
  std::string state;
  for (const auto& [name, value] : from) {
    if (is_name(name, parent_name)) {
      if (parent) return std::nullopt;
      parent = value;
    } else if (is_name(name, state_name) && !value.empty()) {
      if (!state.empty()) state += ',';  // several fields are one list
      state += value;
    }
  }
  if (!parent) return std::nullopt;
  std::optional<trace_context> context = parse_traceparent(*parent);
  if (context) context->state = std::move(state);
  return context;
}

std::optional<trace_context> extract_trace(const message& from) {
  if (!from.has_headers()) return std::nullopt;
  return extract_trace(from.headers());
}

}  // namespace kvco

// The trace that a message belongs to: the header fields of W3C Trace Context (https://www.w3.org/TR/trace-context/).
#pragma once

#include <array>
#include <cstdint>
#include <kvco/messaging/headers.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kvco {

class message;

/// The caller's place in a trace. kvco passes it on and makes no ids: the parent of a message that is sent is the id of a span of the
/// tracing library in use.
///
///     std::optional<kvco::trace_context> caller = kvco::extract_trace(request);   // then: a span below *caller
///     kvco::headers fields;
///     kvco::inject_trace({.trace_id = span.trace_id, .parent_id = span.id, .flags = 1}, fields);
struct trace_context {
  static constexpr std::uint8_t sampled = 1;  ///< in `flags`: the caller may have recorded it
  static constexpr std::uint8_t random =
      2;  ///< in `flags`: the trace id is random (level 2 of the specification)

  std::array<std::uint8_t, 16> trace_id{};  ///< of the whole trace; not all zero
  std::array<std::uint8_t, 8> parent_id{};  ///< of the span that has sent the message; not all zero
  std::uint8_t flags = 0;                   ///< `sampled`, `random`
  std::string state{};  ///< tracestate: entries of the vendors, passed on as they are; empty: none

  /// The flag `sampled`.
  bool is_sampled() const noexcept { return (flags & sampled) != 0; }
  /// Neither id is all zero.
  bool valid() const noexcept;
  friend bool operator==(const trace_context&, const trace_context&) = default;
};

/// A `traceparent` without its `tracestate`. Nothing if it breaks the rules of the specification: such a trace is not continued. One
/// of a later version is read as far as version 00 defines it; flags that have no meaning yet are dropped.
std::optional<trace_context> parse_traceparent(std::string_view text);
/// In version 00, "00-<trace id>-<parent id>-<flags>"; empty for a context that is not valid().
std::string format_traceparent(const trace_context& context);

/// Replaces `traceparent` and `tracestate`, of any case, in the fields of a message to be sent. A context that is not valid() removes
/// them.
void inject_trace(const trace_context& context, headers& into);
/// Of the fields of a message; names of any case. Nothing: there is no `traceparent`, more than one, or one that breaks the rules.
std::optional<trace_context> extract_trace(const headers& from);
/// Of a received message.
std::optional<trace_context> extract_trace(const message& from);

}  // namespace kvco

// The rules of subjects, queue groups and header fields: checked before anything is sent.
#pragma once

#include <kvco/detail/refusal.hpp>
#include <kvco/messaging/headers.hpp>
#include <string>
#include <string_view>

namespace kvco::core {

/// Of a message: tokens between dots, none empty, without blanks, control characters and wildcards. At most 3072 bytes, as it is
/// part of a control line (4096).
detail::refusal check_subject(std::string_view subject);
/// Of a subscription: the same, and `*` as a token, `>` as the last one.
detail::refusal check_subscription(std::string_view subject);
/// Without blanks and control characters.
detail::refusal check_queue_group(std::string_view name);
/// Of a message with these header fields; nullptr: none.
detail::refusal check_message(std::string_view subject, const headers* fields);

/// The header block; empty without fields.
std::string encode_headers(const headers* fields);

}  // namespace kvco::core

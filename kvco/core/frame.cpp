// A request as bytes.
#include <kvco/core/frame.hpp>
#include <kvco/wire/text.hpp>

#include <algorithm>
#include <kvco/detail/number_text.hpp>

namespace kvco::core {
namespace {

template <class... Pieces>
detail::byte_block::pointer join(const Pieces&... pieces) {
  auto joined = detail::byte_block::make((pieces.size() + ... + 0));
  char* end = joined->data();
  ((end = std::copy(pieces.begin(), pieces.end(), end)), ...);
  return joined;
}

}  // namespace

frame::frame(const frame_parts& parts) : message_size_(parts.header.size() + parts.payload.size()) {
  constexpr std::string_view gap = "--------";
  static_assert(gap.size() == inbox::token_size);
  constexpr std::string_view blank = " ";
  const detail::number_text total(message_size_);
  const bool has_token = !parts.inbox_prefix.empty();
  const std::string_view reply = has_token ? parts.inbox_prefix : parts.reply_to;
  const std::string_view token = has_token ? gap : std::string_view();
  const std::string_view behind_reply = reply.empty() ? std::string_view() : blank;
  std::string_view verb = "PUB ";
  if (parts.header.empty()) {
    bytes_ = join(verb, parts.subject_prefix, parts.subject, blank, reply, token, behind_reply, total,
                  wire::line_break, parts.payload, wire::line_break);
  } else {
    verb = "HPUB ";
    const detail::number_text header_size(parts.header.size());
    bytes_ = join(verb, parts.subject_prefix, parts.subject, blank, reply, token, behind_reply, header_size,
                  blank, total, wire::line_break, parts.header, parts.payload, wire::line_break);
  }
  subject_at_ = static_cast<std::uint32_t>(verb.size());
  subject_size_ = static_cast<std::uint32_t>(parts.subject_prefix.size() + parts.subject.size());
  token_at_ = subject_at_ + subject_size_ + 1 + parts.inbox_prefix.size();
}

void frame::set_token(const inbox::token& token) noexcept {
  std::copy(token.begin(), token.end(), bytes_->data() + token_at_);
}

std::string_view frame::subject() const noexcept { return view().substr(subject_at_, subject_size_); }

}  // namespace kvco::core

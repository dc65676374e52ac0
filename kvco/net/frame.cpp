// A request as bytes.
#include <kvco/net/frame.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace kvco::net {
namespace {

class decimal {
 public:
  explicit decimal(std::size_t number) noexcept {
    size_ = static_cast<std::size_t>(
        std::to_chars(digits_.data(), digits_.data() + digits_.size(), number).ptr - digits_.data());
  }
  operator std::string_view() const noexcept { return {digits_.data(), size_}; }

 private:
  std::array<char, 20> digits_;
  std::size_t size_;
};

template <class... Pieces>
std::shared_ptr<detail::bytes> join(const Pieces&... pieces) {
  auto text = std::allocate_shared<detail::bytes>(detail::recycling_allocator<detail::bytes>());
  text->reserve((std::string_view(pieces).size() + ... + 0));
  (text->append(std::string_view(pieces)), ...);
  return text;
}

}  // namespace

frame::frame(const frame_parts& parts) : message_size_(parts.header.size() + parts.payload.size()) {
  constexpr std::string_view gap = "----------";
  static_assert(gap.size() == core::inbox::token_size);
  const bool has_header = !parts.header.empty();
  const std::string_view verb = has_header ? "HPUB " : "PUB ";
  const decimal header_size(parts.header.size());
  const decimal total(message_size_);
  bytes_ = join(verb, parts.subject_prefix, parts.subject, " ", parts.inbox_prefix, gap, " ",
                has_header ? std::string_view(header_size) : std::string_view(), has_header ? " " : "", total,
                "\r\n", parts.header, parts.payload, "\r\n");
  subject_at_ = static_cast<std::uint32_t>(verb.size());
  subject_size_ = static_cast<std::uint32_t>(parts.subject_prefix.size() + parts.subject.size());
  token_at_ = subject_at_ + subject_size_ + 1 + parts.inbox_prefix.size();
}

void frame::set_token(const core::inbox::token& token) noexcept {
  std::copy(token.begin(), token.end(), bytes_->begin() + static_cast<std::ptrdiff_t>(token_at_));
}

std::string_view frame::subject() const noexcept { return view().substr(subject_at_, subject_size_); }

}  // namespace kvco::net

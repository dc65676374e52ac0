// A request as bytes, with a gap for its reply token: encoded once, sent again after a reconnect if need be.
#pragma once

#include <kvco/core/inbox.hpp>
#include <kvco/core/outbox.hpp>
#include <kvco/detail/byte_block.hpp>
#include <string_view>

namespace kvco::core {

struct frame_parts {
  std::string_view subject_prefix, subject;  // the subject is both, joined
  std::string_view inbox_prefix;  // the reply subject is this and the token; empty: it is `reply_to`
  std::string_view header;        // a whole block, or empty
  std::string_view payload;
  std::string_view reply_to = {};  // only without inbox_prefix; empty: no answer is expected
};

class frame {
 public:
  frame() noexcept = default;
  explicit frame(const frame_parts& parts);

  void set_token(const inbox::token& token) noexcept;
  shared_bytes bytes() const noexcept { return bytes_; }
  std::string_view view() const noexcept { return bytes_->view(); }
  void prefetch() const noexcept { __builtin_prefetch(bytes_.get(), 1); }
  std::string_view subject() const noexcept;
  /// Its last bytes: of a key's subject the key.
  std::string_view end_of_subject(std::size_t size) const noexcept {
    return subject().substr(subject_size_ - size);
  }
  /// The size that counts against the server's max_payload: header and payload.
  std::size_t message_size() const noexcept { return message_size_; }

 private:
  detail::byte_block::pointer bytes_;
  std::size_t token_at_ = 0;
  std::size_t message_size_ = 0;
  std::uint32_t subject_at_ = 0, subject_size_ = 0;
};

}  // namespace kvco::core

// The single allocation of a message: its views, followed by subject, reply subject, header and payload.
#include <kvco/messaging/message.hpp>

#include <algorithm>
#include <kvco/detail/recycle.hpp>
#include <kvco/wire/headers.hpp>
#include <new>

namespace kvco {

/// The bytes follow it in the same allocation; the views refer to them.
struct message::block {
  std::string_view subject, reply_to, header, payload;
  const void* thread;  // the one that has allocated it

  static block* make(std::string_view subject, std::string_view reply_to, std::string_view header,
                     std::string_view payload) {
    using memory = detail::entry_memory;
    const std::size_t bytes = subject.size() + reply_to.size() + header.size() + payload.size();
    block* made = ::new (memory::allocate(sizeof(block) + bytes)) block{{}, {}, {}, {}, memory::thread()};
    char* end = reinterpret_cast<char*>(made + 1);
    made->subject = append(end, subject);
    made->reply_to = append(end, reply_to);
    made->header = append(end, header);
    made->payload = append(end, payload);
    return made;
  }
  void free() noexcept {  // trivially destructible
    using memory = detail::entry_memory;
    const std::size_t bytes = subject.size() + reply_to.size() + header.size() + payload.size();
    thread == memory::thread() ? memory::free(this, sizeof(block) + bytes) : memory::free_foreign(this);
  }

 private:
  static std::string_view append(char*& end, std::string_view bytes) noexcept {
    char* begin = end;
    end = std::copy(bytes.begin(), bytes.end(), begin);
    return {begin, bytes.size()};
  }
};

message::message(std::string_view subject, std::string_view reply_to, std::string_view header_block,
                 std::string_view payload)
    : block_(block::make(subject, reply_to, header_block, payload)) {}

message::message(const message& other)
    : block_(other.block_ == nullptr ? nullptr
                                     : block::make(other.block_->subject, other.block_->reply_to,
                                                   other.block_->header, other.block_->payload)) {}

void message::free() noexcept { block_->free(); }

std::string_view message::subject() const noexcept { return block_ ? block_->subject : std::string_view(); }
std::string_view message::reply_to() const noexcept { return block_ ? block_->reply_to : std::string_view(); }
std::string_view message::payload() const noexcept { return block_ ? block_->payload : std::string_view(); }
bool message::has_headers() const noexcept { return block_ != nullptr && !block_->header.empty(); }

std::optional<std::string_view> message::header(std::string_view name) const noexcept {
  if (!has_headers()) return std::nullopt;
  return wire::headers(block_->header).find(name);
}

headers message::headers() const {
  kvco::headers all;
  if (!has_headers()) return all;
  std::string_view rest = wire::headers(block_->header).fields();
  wire::header_field field;
  while (wire::headers::take_field(rest, field)) all.add(field.name, field.value);
  return all;
}

}  // namespace kvco

// The request table: slots, their tokens, and the way back.
#include <kvco/core/inbox.hpp>

namespace kvco::core {
namespace {

// A token is 60 bits in 10 characters: 24 bits of slot, 36 bits of use count.
constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
constexpr unsigned slot_bits = 24;
constexpr std::uint64_t slot_mask = (std::uint64_t{1} << slot_bits) - 1;
constexpr std::uint64_t use_mask = (std::uint64_t{1} << 36) - 1;

constexpr std::array<std::int8_t, 256> make_digit_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto digit_values = make_digit_values();

inbox::token encode(std::uint64_t number) noexcept {
  inbox::token text{};
  for (std::size_t i = inbox::token_size; i-- > 0; number >>= 6) text[i] = digits[number & 63];
  return text;
}

std::uint64_t decode(std::string_view text, bool& valid) noexcept {
  std::uint64_t number = 0;
  for (const char c : text) {
    const std::int8_t value = digit_values[static_cast<unsigned char>(c)];
    valid = valid && value >= 0;
    number = number << 6 | static_cast<std::uint64_t>(value & 63);
  }
  return number;
}

}  // namespace

inbox::token inbox::add(waiter& request) {
  if (first_free_ == waiter::none) {
    first_free_ = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back({nullptr, 0, waiter::none});
  }
  const std::uint32_t index = first_free_;
  slot& taken = slots_[index];
  first_free_ = taken.next_free;
  taken.request = &request;
  taken.uses = (taken.uses + 1) & use_mask;
  request.slot_ = index;
  ++open_;
  return encode(taken.uses << slot_bits | index);
}

void inbox::remove(waiter& request) noexcept {
  if (request.slot_ == waiter::none) return;
  slot& left = slots_[request.slot_];
  left.request = nullptr;
  left.next_free = first_free_;
  first_free_ = request.slot_;
  request.slot_ = waiter::none;
  --open_;
}

bool inbox::deliver(const wire::event& reply) {
  waiter* request = find(reply.subject);
  if (request == nullptr) return ++strays_, false;
  request->on_reply(reply);
  return true;
}

waiter* inbox::find(std::string_view reply_subject) const noexcept {
  if (reply_subject.size() != prefix_.size() + token_size || !reply_subject.starts_with(prefix_))
    return nullptr;
  bool valid = true;
  const std::uint64_t number = decode(reply_subject.substr(prefix_.size()), valid);
  const std::uint64_t index = number & slot_mask;
  if (!valid || index >= slots_.size() || slots_[index].uses != number >> slot_bits) return nullptr;
  return slots_[index].request;
}

}  // namespace kvco::core

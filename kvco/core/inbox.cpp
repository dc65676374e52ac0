// The request table: slots, their tokens, and the way back.
#include <kvco/core/inbox.hpp>

#include <algorithm>
#include <utility>

namespace kvco::core {
namespace {

// A token is eight digits to the base of 64: four count the uses of a slot, four are the slot's number. It is kept as text: a reply
// costs four digits and a comparison.
constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
constexpr std::size_t use_digits = 4;
constexpr std::size_t max_slots = 1u << 24;
static_assert(inbox::names_per_slot == 1u << 6 * use_digits);

constexpr std::array<std::int8_t, 256> make_digit_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto digit_values = make_digit_values();

int value_of(char digit) noexcept { return digit_values[static_cast<unsigned char>(digit)]; }

inbox::token make_token(std::size_t use, std::size_t slot) noexcept {
  inbox::token name;
  for (std::size_t i = inbox::token_size; i-- > use_digits; slot /= digits.size())
    name[i] = digits[slot % digits.size()];
  for (std::size_t i = use_digits; i-- > 0; use /= digits.size()) name[i] = digits[use % digits.size()];
  return name;
}

// False: that was the last one, and the first comes again.
bool next_use(inbox::token& name) noexcept {
  for (std::size_t i = use_digits; i-- > 0;) {
    const auto next = static_cast<std::size_t>(value_of(name[i]) + 1) % digits.size();
    name[i] = digits[next];
    if (next != 0) return true;
  }
  return false;
}

// The slot's number; for a text that is not a number, one that no slot has.
std::size_t slot_of(std::string_view name) noexcept {
  int slot = 0, wrong = 0;
  for (std::size_t i = use_digits; i < inbox::token_size; ++i) {
    const int value = value_of(name[i]);
    wrong |= value;
    slot = slot << 6 | (value & 63);
  }
  return wrong < 0 ? std::string_view::npos : static_cast<std::size_t>(slot);
}

}  // namespace

inbox::token inbox::add(waiter& request) {
  if (first_free_ == waiter::none) {
    first_free_ = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back({nullptr, waiter::none, make_token(first_name_, slots_.size())});
  }
  const std::uint32_t index = first_free_;
  slot& taken = slots_[index];
  first_free_ = taken.next_free;
  taken.request = &request;
  request.slot_ = index;
  ++open_;
  return taken.name;
}

void inbox::remove(waiter& request) noexcept {
  if (request.slot_ == waiter::none) return;
  const std::uint32_t index = std::exchange(request.slot_, waiter::none);
  slot& left = slots_[index];
  left.request = nullptr;
  left.next_free = waiter::none;
  --open_;
  if (!next_use(left.name) && slots_.size() < max_slots) return;
  (first_free_ == waiter::none ? first_free_ : slots_[last_free_].next_free) = index;
  last_free_ = index;
}

bool inbox::deliver(const wire::event& reply) {
  const slot* const answered = find(reply.subject);
  if (answered == nullptr) return ++strays_, false;
  prefetch_after(*answered);
  answered->request->on_reply(reply);
  return true;
}

waiter* inbox::waiting_for(std::string_view reply_subject) const noexcept {
  const slot* const named = find(reply_subject);
  return named == nullptr ? nullptr : named->request;
}

// The answer to the request that was made next comes next, as a rule. It was made long ago: with a thousand of them it is in no
// near cache any more.
void inbox::prefetch_after(const slot& answered) const noexcept {
  constexpr std::size_t line = 64, lines = 6;
  const slot* const next = &answered == &slots_.back() ? &slots_.front() : &answered + 1;
  if (next->request == nullptr) return;
  const char* const at = reinterpret_cast<const char*>(next->request);
  for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(at + i * line);
}

const inbox::slot* inbox::find(std::string_view reply_subject) const noexcept {
  if (reply_subject.size() != prefix_.size() + token_size) return nullptr;
  const std::string_view name = reply_subject.substr(prefix_.size());
  const std::size_t index = slot_of(name);
  if (index >= slots_.size()) return nullptr;
  const slot& named = slots_[index];
  const bool same = std::equal(name.begin(), name.end(), named.name.begin());
  return same && named.request != nullptr && reply_subject.starts_with(prefix_) ? &named : nullptr;
}

}  // namespace kvco::core

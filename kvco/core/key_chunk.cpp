// One multi_last request: which key a message belongs to, and whether the series was whole.
#include <kvco/core/key_chunk.hpp>

namespace kvco::core {

void key_chunk::clear() {
  keys_.clear();
  duplicates_.clear();
  positions_.erase(positions_.begin(), positions_.end());  // clear() gives the table back
  came_ = 0;
  last_ = 0;
  pending_ = 0;
  gap_ = false;
}

bool key_chunk::add(std::uint32_t index, std::string_view text) noexcept {
  const auto [at, is_new] = positions_.try_emplace(text, static_cast<std::uint32_t>(keys_.size()));
  if (is_new) {
    keys_.push_back({index, text});
  } else {
    duplicates_.push_back({index, at->second});
  }
  return is_new;
}

const key_chunk::key* key_chunk::on_message(const jetstream::multi_get_reply& message) {
  // The series begins again if the request was resent after a reconnect.
  const bool first = message.previous == 0;
  gap_ = !first && (gap_ || message.previous != last_ || message.pending + 1 != pending_);
  last_ = message.fields.rev;
  pending_ = message.pending;
  const auto found = positions_.find(message.fields.key);
  if (found == positions_.end()) {
    gap_ = true;  // in whose place?
    return nullptr;
  }
  key& known = keys_[found->second];
  came_ += !known.came;
  known.came = true;
  known.rev = message.fields.rev;
  return &known;
}

bool key_chunk::on_end(const jetstream::multi_get_reply& end) const noexcept {
  return !gap_ && end.previous == last_ && end.pending == 0 && pending_ == 0;
}

}  // namespace kvco::core

// The write queue.
#include <kvco/core/outbox.hpp>

#include <utility>

namespace kvco::core {
namespace {
// A buffer that grew beyond this in a burst is given back.
constexpr std::size_t spare_limit = 1u << 20;
}  // namespace

std::string& outbox::tail() {
  if (!open_tail_) {
    queue_.push_back({std::exchange(spare_, {}), nullptr});
    open_tail_ = true;
  }
  return queue_.back().small;
}

void outbox::append(shared_bytes bytes) {
  if (open_tail_) closed_bytes_ += queue_.back().small.size();
  open_tail_ = false;
  closed_bytes_ += bytes->size();
  queue_.push_back({{}, std::move(bytes)});
}

std::size_t outbox::waiting_bytes() const noexcept {
  return closed_bytes_ + (open_tail_ ? queue_.back().small.size() : 0);
}

const std::vector<std::string_view>& outbox::take() {
  writing_bytes_ = waiting_bytes();
  writing_answers_ = std::exchange(waiting_answers_, 0);
  handed_over_ += writing_bytes_;
  std::swap(queue_, writing_);
  closed_bytes_ = 0;
  open_tail_ = false;
  views_.clear();
  for (const segment& part : writing_) {
    if (part.large) {
      views_.push_back(part.large->view());
    } else if (!part.small.empty()) {
      views_.emplace_back(part.small);
    }
  }
  return views_;
}

void outbox::written() noexcept {
  for (segment& part : writing_) {
    if (part.small.capacity() > spare_.capacity() && part.small.capacity() <= spare_limit) {
      spare_ = std::move(part.small);
      spare_.clear();
    }
  }
  writing_.clear();
  views_.clear();
  writing_bytes_ = 0;
  writing_answers_ = 0;
}

void outbox::clear() noexcept {
  queue_.clear();
  written();
  closed_bytes_ = 0;
  waiting_answers_ = 0;
  open_tail_ = false;
  handed_over_ = 0;
}

}  // namespace kvco::core

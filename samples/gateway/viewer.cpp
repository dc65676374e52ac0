#include <algorithm>
#include <kvco/token.hpp>
#include <utility>

#include "feed.hpp"

namespace gateway {

constexpr std::size_t part_size = 64 * 1024;

viewer::viewer(std::shared_ptr<feed> from, std::optional<event_id> after)
    : feed_(std::move(from)),
      after_(after),
      queue_(feed_->limits_.pending),
      wake_(feed_->bucket_.get_executor()) {
  feed_->viewers_.insert(this);
  if (!feed_->connected_) connection_news_ = false;
}

viewer::~viewer() {
  feed_->viewers_.erase(this);
  feed_->empty_since_ = std::chrono::steady_clock::now();
}

void viewer::stop() {
  stopped_ = true;
  wake_.cancel();
}

asio::awaitable<std::optional<std::string>> viewer::next() {
  bool waited = false;
  while (true) {
    if (stopped_) co_return std::nullopt;
    std::string text = ready_text();
    if (!text.empty()) co_return text;
    if (stopped_) co_return std::nullopt;
    if (waited) co_return ": heartbeat\n\n";
    wake_.expires_after(feed_->limits_.heartbeat);
    auto [woken] = co_await wake_.async_wait(kvco::nothrow);
    waited = !woken;  // not cancelled: the time has passed
  }
}

/// The events that can be sent now.
std::string viewer::ready_text() {
  std::string text;
  if (connection_news_) {
    boost::json::object data;
    data["connected"] = *std::exchange(connection_news_, std::nullopt);
    text += event_text("upstream", data);
  }
  if (feed_->ended_) {
    if (feed_->why_) text += event_text("problem", object_of(*feed_->why_));
    stopped_ = true;
    return text;
  }
  if (!feed_->live_) return text;
  if (!begun_ || queue_.overflowed()) begin(text);
  append_snapshot(text);
  if (snapshot_done_) queue_.take(text, part_size);
  return text;
}

bool viewer::can_resume() const {
  return !begun_ && after_ && after_->series == feed_->series_ && feed_->recent_.covers(after_->place);
}

void viewer::begin(std::string& text) {
  resumed_ = can_resume();
  snapshot_place_ = feed_->recent_.last();
  queue_.clear();
  snapshot_.clear();
  snapshot_at_ = 0;
  if (resumed_) {
    snapshot_ = feed_->recent_.after(after_->place);
  } else {
    for (const auto& [key, row] : feed_->rows_) snapshot_.push_back(row);
    std::sort(snapshot_.begin(), snapshot_.end(),
              [](const event_ptr& a, const event_ptr& b) { return a->place < b->place; });
  }
  boost::json::object data;
  data["from"] = resumed_ ? after_->place.revision : 0;
  data["entries"] = snapshot_.size();
  text += "retry: 1000\n" + event_text("begin", data);  // milliseconds until a browser reconnects
  after_.reset();
  begun_ = true;
  snapshot_done_ = false;
}

void viewer::append_snapshot(std::string& text) {
  if (snapshot_done_) return;
  while (snapshot_at_ < snapshot_.size() && text.size() < part_size) {
    const event_ptr& event = snapshot_[snapshot_at_++];
    if (resumed_) text += event->id;
    text += event->text;
  }
  if (snapshot_at_ < snapshot_.size()) return;
  snapshot_.clear();
  snapshot_done_ = true;
  boost::json::object data;
  data["keys"] = feed_->rows_.size();
  text += feed_->id_at(snapshot_place_) + event_text("snapshot-done", data);
}

}  // namespace gateway

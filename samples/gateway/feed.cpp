#include "feed.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <kvco/client.hpp>
#include <random>
#include <utility>

namespace gateway {

using namespace std::chrono_literals;

feed::feed(kvco::bucket bucket, std::string filter, feed_limits limits)
    : bucket_(std::move(bucket)),
      filter_(std::move(filter)),
      limits_(limits),
      recent_(limits.recent, limits.recent_bytes),
      expiry_timer_(bucket_.get_executor()) {}

void feed::start() {
  connected_ = bucket_.client().is_connected();
  asio::co_spawn(bucket_.get_executor(), run(), asio::detached);
}

void feed::stop() { end(std::nullopt); }

bool feed::is_idle() const {
  return viewers_.empty() && std::chrono::steady_clock::now() - empty_since_ > limits_.linger;
}

asio::awaitable<void> feed::run() {
  const auto self = shared_from_this();
  asio::co_spawn(bucket_.get_executor(), check_expiry(), asio::detached);
  while (!ended_) {
    auto got = co_await bucket_.status(kvco::nothrow);
    ttl_ = std::get<0>(got) ? 0ns : std::get<1>(got).config.ttl();
    expiry_timer_.cancel();  // it waits for the time of before
    co_await follow();
  }
}

/// One watch to its end. It survives lost connections by itself.
asio::awaitable<void> feed::follow() {
  kvco::diagnostics why;
  kvco::watch_options options;
  options.diag = &why;
  options.heartbeat = 1s;  // the end of a bucket is noticed by their absence
  watcher_ = bucket_.watch(filter_, options);
  kvco::error_code error;
  while (!ended_) {
    auto got = co_await watcher_.next_initial(kvco::nothrow);
    error = std::get<0>(got);
    if (error || !std::get<1>(got)) break;
    take(*std::get<1>(got));
  }
  if (!error && !ended_) go_live();
  while (!error && !ended_) {
    auto got = co_await watcher_.next_batch(kvco::nothrow);
    error = std::get<0>(got);
    if (error || !std::get<1>(got)) break;
    for (const kvco::entry& each : *std::get<1>(got)) take(each);
    notify_viewers();
  }
  watcher_ = kvco::watcher();
  if (error == kvco::errc::bucket_recreated && !ended_) {
    forget_all();
  } else {
    end(error ? std::optional(problem_of(error, why.text)) : std::nullopt);
  }
}

/// The initial entries are all there. The events from here on have ids.
void feed::go_live() {
  using std::chrono::nanoseconds;
  const auto created = watcher_.resume_token().bucket_created().time_since_epoch();
  series_.bucket_created =
      static_cast<std::uint64_t>(std::chrono::duration_cast<nanoseconds>(created).count());
  series_.feed = std::random_device()();
  live_ = true;
  notify_viewers();
}

void feed::forget_all() {
  rows_.clear();
  bytes_ = 0;
  recent_.restart({});
  live_ = false;
  for (viewer* each : viewers_) each->begun_ = false;
}

void feed::take(const kvco::entry& from) {
  const auto event = event_of(from);
  event_ptr& row = rows_[event->key];
  if (row) bytes_ -= row->text.size();
  row = event;
  bytes_ += event->text.size();
  if (event->removes) {
    bytes_ -= event->text.size();
    rows_.erase(event->key);
  }
  if (live_) {
    publish(event);
  } else {
    recent_.restart(event->place);
  }
  if (bytes_ > limits_.bytes)
    end(problem{507, "too-much-to-watch", "the values take more memory than a feed may have: use a filter"});
}

void feed::publish(const std::shared_ptr<live_event>& event) {
  event->id = id_at(event->place);
  recent_.push(event);
  for (viewer* each : viewers_) {
    if (!each->begun_) continue;  // it begins with a snapshot that has it
    const std::size_t before = each->queue_.conflated();
    each->queue_.push(event);
    conflated_ += each->queue_.conflated() - before;
  }
}

void feed::connection_changed(bool connected) {
  connected_ = connected;
  for (viewer* each : viewers_) each->connection_news_ = connected;
  notify_viewers();
  if (connected && live_) asio::co_spawn(bucket_.get_executor(), reconcile(), asio::detached);
}

/// Removes the keys that had a value when this began, and that the bucket does not list. After a restart the server may need some
/// attempts until it lists them.
asio::awaitable<void> feed::reconcile() {
  const auto self = shared_from_this();
  const kvco::revision seen = recent_.last().revision;
  const std::string filter = filter_;
  std::vector<std::string> listed;
  asio::steady_timer pause(bucket_.get_executor());
  while (true) {
    auto got = co_await bucket_.keys(filter, kvco::nothrow);
    if (ended_ || !live_ || !connected_) co_return;
    listed = std::move(std::get<1>(got));
    if (!std::get<0>(got)) break;
    pause.expires_after(500ms);
    co_await pause.async_wait(kvco::nothrow);
  }
  const std::set<std::string> there(listed.begin(), listed.end());
  std::vector<std::string> gone;
  for (const auto& [key, row] : rows_) {
    if (row->place.revision <= seen && !there.contains(key)) gone.push_back(key);
  }
  for (std::string& key : gone) remove_traceless(std::move(key));
  if (!gone.empty()) notify_viewers();
}

/// It has no revision, but a place among the events: a viewer that comes back gets it as any other.
void feed::remove_traceless(std::string key) {
  const auto row = rows_.find(key);
  bytes_ -= row->second->text.size();
  rows_.erase(row);
  const event_place last = recent_.last();
  publish(expired_event(std::move(key), {last.revision, last.traceless + 1}));
}

/// Values of a bucket with a time to live expire silently.
asio::awaitable<void> feed::check_expiry() {
  const auto self = shared_from_this();
  while (!ended_) {
    expiry_timer_.expires_after(ttl_ > 0ns ? std::clamp<std::chrono::nanoseconds>(ttl_ / 4, 1s, 60s) : 1h);
    const auto [cancelled] = co_await expiry_timer_.async_wait(kvco::nothrow);
    if (!cancelled && !ended_ && live_ && connected_) co_await reconcile();
  }
}

void feed::end(std::optional<problem> why) {
  if (ended_) return;
  ended_ = true;
  why_ = std::move(why);
  watcher_.stop();
  expiry_timer_.cancel();
  notify_viewers();
}

void feed::notify_viewers() {
  for (viewer* each : viewers_) each->wake_.cancel();
}

}  // namespace gateway

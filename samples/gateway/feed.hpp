// One watch on the server, shared by all viewers of the same keys.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <kvco/bucket.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "events.hpp"
#include "http.hpp"
#include "problem.hpp"
#include "recent_events.hpp"
#include "viewer_queue.hpp"

namespace gateway {

struct feed_limits {
  std::size_t pending = 1024;  ///< events that a viewer may be behind before they are conflated
  std::size_t recent = 4096;   ///< events that are kept for viewers that come back
  std::size_t recent_bytes = 16 * 1024 * 1024;  ///<
  std::size_t bytes = 512 * 1024 * 1024;        ///< of all values; with more the feed ends
  std::chrono::milliseconds heartbeat{15'000};  ///< between comments on a silent stream
  std::chrono::milliseconds linger{30'000};     ///< how long a feed without viewers is kept
};

class viewer;

/// Holds the last event of each key that has a value, and the last events of all, as the text that viewers get.
class feed : public std::enable_shared_from_this<feed> {
 public:
  feed(kvco::bucket bucket, std::string filter, feed_limits limits);

  void start();
  void stop();  ///< its viewers end
  /// The connection to NATS was lost, or is there again: viewers are notified. Again there, keys that have left no trace of their
  /// removal are looked for.
  void connection_changed(bool connected);

  bool ended() const noexcept { return ended_; }
  /// Without viewers since a time longer than feed_limits::linger.
  bool is_idle() const;
  std::size_t viewers() const noexcept { return viewers_.size(); }
  std::size_t conflated() const noexcept { return conflated_; }

 private:
  friend class viewer;
  asio::awaitable<void> run();
  asio::awaitable<void> follow();
  void go_live();
  asio::awaitable<void> reconcile();
  asio::awaitable<void> check_expiry();
  void remove_traceless(std::string key);
  void forget_all();
  void take(const kvco::entry& from);
  void publish(const std::shared_ptr<live_event>& event);
  void end(std::optional<problem> why);
  void notify_viewers();
  std::string id_at(event_place place) const { return id_line({series_, place}); }

  kvco::bucket bucket_;
  std::string filter_;
  feed_limits limits_;
  kvco::watcher watcher_;
  std::map<std::string, event_ptr> rows_;
  std::size_t bytes_ = 0;
  event_series series_;
  recent_events recent_;
  std::set<viewer*> viewers_;
  std::chrono::steady_clock::time_point empty_since_ = std::chrono::steady_clock::now();
  std::chrono::nanoseconds ttl_{};
  asio::steady_timer expiry_timer_;
  std::size_t conflated_ = 0;
  std::optional<problem> why_;
  bool live_ = false, ended_ = false, connected_ = true;
};

/// A stream of events (text/event-stream) for one viewer: `begin`, the entries, `snapshot-done`, then each change. `begin` with
/// `from` 0 means that all keys follow: those that the viewer has and that do not come before `snapshot-done` exist no more. Such
/// entries have no ids: a viewer that is cut off among them gets all keys again, because it could not remove the missing ones.
class viewer final : public body_source {
 public:
  /// @param after  the id of the last event that the viewer has; nothing: it has none
  viewer(std::shared_ptr<feed> from, std::optional<event_id> after);
  ~viewer() override;

  asio::awaitable<std::optional<std::string>> next() override;
  void stop() override;
  bool endless() const override { return true; }

 private:
  friend class feed;
  std::string ready_text();
  bool can_resume() const;
  void begin(std::string& text);
  void append_snapshot(std::string& text);

  std::shared_ptr<feed> feed_;
  std::optional<event_id> after_;
  viewer_queue queue_;
  std::vector<event_ptr> snapshot_;
  std::size_t snapshot_at_ = 0;
  event_place snapshot_place_;
  bool resumed_ = false, begun_ = false, snapshot_done_ = false, stopped_ = false;
  std::optional<bool> connection_news_;
  asio::steady_timer wake_;
};

}  // namespace gateway

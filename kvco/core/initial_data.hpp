// Whether the initial data of a watch is complete: by the counts of entries, and by the last revision that
// the leader names.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace kvco::core {

/// Decides when everything that existed at the start of a watch has been delivered. begin() starts the next
/// of successive consumers; completeness is permanent.
class initial_data {
 public:
  /// The next step of the watch.
  enum class step : std::uint8_t {
    wait,  // for messages
    locate,  // request the last message of each filter from the leader: asked(), and on_located() for each answer
    begin_again,  // this consumer does not get there: another one, after a pause
    list_again,   // at once: the server has stopped in the middle of its list
    follow,       // at once: the rest by sequence
  };
  /// How the server delivers.
  enum class delivery : std::uint8_t {
    in_order,
    walk,      // along a list of last revisions; it miscounts when they are replaced meanwhile
    old_walk,  // the same, before 2.10: it delivers the revisions after them, listed or not
  };

  // The consumer.
  void begin() noexcept;
  /// The stream's last revision, before the consumer is requested.
  void set_boundary(std::uint64_t last) noexcept { boundary_ = last; }
  /// It is requested.
  void request(delivery how) noexcept;
  /// It has to show a revision at least as new as the boundary.
  void prove_boundary() noexcept { required_ = boundary_; }
  /// It exists: `pending` messages were counted, and it has delivered up to the revision `delivered`.
  void on_created(std::uint64_t pending, std::uint64_t delivered) noexcept;

  // Incoming messages.
  void on_entry(std::uint64_t sequence, std::uint64_t pending) noexcept {
    if (sequence > last_received_) {
      ++received_;
    } else {
      saw_duplicate_ = true;
    }
    last_received_ = sequence;
    highest_delivered_ = std::max(highest_delivered_, sequence);
    pending_ = pending;
  }
  /// After on_entry() and the like: is it complete now?
  step check() noexcept;
  /// A heartbeat: nothing is in between, and the consumer has come to this revision.
  step on_idle(std::uint64_t sequence) noexcept;
  void asked(int questions) noexcept { asking_ += questions; }
  bool is_asking() const noexcept { return asking_ > 0; }
  /// The answer to one question: the leader's last revision of a filter, 0 if it has none; not set: no answer.
  void on_located(std::optional<std::uint64_t> last) noexcept;
  /// There is no initial data to wait for.
  void skip() noexcept { complete_ = true; }

  bool complete() const noexcept { return complete_; }
  std::uint64_t boundary() const noexcept { return boundary_; }
  /// The consumer exists, so that the number of its messages is known.
  bool is_counted() const noexcept { return counted_; }
  bool has_received() const noexcept { return received_ > 0; }
  /// How many messages the server had still to deliver, as of the last one.
  std::uint64_t pending() const noexcept { return pending_; }

 private:
  step check_walk() noexcept;
  step ask_for_end() noexcept;
  bool has_all() const noexcept;
  bool is_shown_idle() const noexcept;
  bool is_proven() const noexcept { return asking_ == 0 && highest_delivered_ >= required_; }

  std::uint64_t boundary_ = 0;
  std::uint64_t target_ = 0;                  // to be received of this consumer
  std::uint64_t received_ = 0, pending_ = 0;  // of this consumer; a repeated entry counts once
  std::uint64_t last_received_ = 0;           // revision
  std::uint64_t required_ = 0;                // the consumer has to deliver this revision, or a newer one
  std::uint64_t highest_delivered_ = 0;       // the newest revision that it has delivered or skipped
  std::uint64_t highest_before_ = 0;          // ... when the leader was asked for the end
  std::uint64_t received_before_ = 0;
  int rounds_ = 0;              // of asking for the end
  int asking_ = 0;              // questions without an answer
  int lagging_heartbeats_ = 0;  // heartbeats from a replica that is behind
  delivery how_ = delivery::in_order;
  bool counted_ = false;        // the target is known
  bool saw_duplicate_ = false;  // a revision came again
  bool unnamed_ = false;        // the leader did not name the end
  bool complete_ = false;
};

}  // namespace kvco::core

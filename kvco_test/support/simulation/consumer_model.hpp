// A push consumer as nats-server runs it (server/consumer.go): order, pending counts, flow control, heartbeats.
#pragma once

#include <deque>
#include <kvco/core/deadlines.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco_test/support/simulation/stream_model.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kvco::test {

/// The servers differ in how they walk the last revision of each key while others replace them.
enum class generation {
  v2_9,  // what follows a replaced one comes in its place, perhaps twice; pending counts are too high
  v2_10,  // a replaced one makes the consumer wait for the next message or heartbeat; pending counts are too low
  v2_15,  // likewise, but pending counts are better
};

/// What goes to the deliver subject.
struct delivery {
  std::string to, subject, reply, header, payload;
  std::string flow;  // the subject that this asks to answer, if any
  bool heartbeat = false;
  int incarnation = 0;  // of the stream
};

struct consumer_shape {
  std::string name, deliver_subject, stream, key_prefix;
  std::vector<std::string> filters;  // of subjects
  jetstream::deliver_policy deliver{};
  std::uint64_t start = 0;
  core::duration heartbeat{};
  std::int64_t window =
      1 << 20;  // bytes until the first answer to flow control; doubles up to 16 times as much
  bool headers_only = false;
};

class consumer_model final : private stream_observer {
 public:
  consumer_model(generation server, consumer_shape shape, stream_model& stream, core::time_point now);
  consumer_model(const consumer_model&) = delete;
  consumer_model& operator=(const consumer_model&) = delete;
  ~consumer_model();

  const consumer_shape& shape() const noexcept { return shape_; }
  std::uint64_t initial_pending() const noexcept { return initial_pending_; }
  std::uint64_t start_position() const noexcept { return start_position_; }

  /// One turn of its loop: a message, and perhaps a flow control request behind it.
  bool step(core::time_point now, std::vector<delivery>& out);
  bool can_step() const noexcept { return awake_ || signalled_; }
  /// It learns of a message that was stored. From 2.10 on a thread of its own tells it, while others already deliver.
  bool hear();
  bool can_hear() const noexcept { return !unheard_.empty(); }
  void on_time(core::time_point now, std::vector<delivery>& out);
  core::time_point next_heartbeat() const noexcept { return heartbeat_at_; }
  void answer(std::string_view flow_subject);
  void set_active(bool active) noexcept;
  bool active() const noexcept { return active_; }
  /// From now on it does not understand answers to flow control (nats-server#8488).
  void break_flow() noexcept { flow_broken_ = true; }

 private:
  void on_stored(const written& message) override;
  void on_removed(const written& message) override;

  bool matches(const written& message) const;
  void count_in(std::uint64_t seq);
  void choose_start();
  std::int64_t count_pending() const;
  const written* next();
  const written* next_of_list();
  const written* load_next(std::uint64_t from) const;
  void deliver(const written& message, std::vector<delivery>& out);
  std::uint64_t pending() const noexcept { return npc_ < 0 ? 0 : static_cast<std::uint64_t>(npc_); }

  generation server_;
  consumer_shape shape_;
  stream_model& stream_;
  std::deque<std::uint64_t> list_;     // last revisions still to be walked
  std::deque<std::uint64_t> unheard_;  // stored, and not counted as pending yet
  std::uint64_t resume_ = 0;
  std::uint64_t sseq_ = 1, dseq_ = 1;
  std::int64_t npc_ = 0;
  std::uint64_t npf_ = 0;
  std::uint64_t initial_pending_ = 0, start_position_ = 0;
  std::int64_t unanswered_ = 0, window_, window_limit_, flow_size_ = 0;
  std::string flow_;
  std::uint64_t flows_ = 0;
  core::time_point heartbeat_at_;
  bool awake_ = true, signalled_ = false, active_ = true, flow_broken_ = false, end_of_stream_ = false;
};

}  // namespace kvco::test

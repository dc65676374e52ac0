// The decisions of a watch: when a consumer begins, which messages are entries, which gaps matter, when to
// begin again (ADR-17).
#pragma once

#include <kvco/core/backoff.hpp>
#include <kvco/core/consumer_command.hpp>
#include <kvco/core/consumer_plan.hpp>
#include <kvco/core/consumer_refusal.hpp>
#include <kvco/core/deadlines.hpp>
#include <kvco/core/flow_window.hpp>
#include <kvco/core/initial_data.hpp>
#include <kvco/core/stream_identity.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/entry.hpp>
#include <kvco/jetstream/ack_subject.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/wire/event.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kvco::core {

/// An ordered push consumer that never loses an entry, never delivers one twice, and recreates itself.
///
/// Order of a beginning (an epoch): subscribe, STREAM.INFO (is it still the same stream?), CONSUMER.CREATE,
/// entries, which may overtake the reply. It begins again after a gap in the consumer sequence, missed
/// heartbeats, a stall, or a new connection, after the last entry delivered. While the initial data is
/// incomplete and the history is above one, it requests the last entry of each key again and leaves out those
/// delivered already, unless that makes no progress. It ends when the stream is gone or replaced by another
/// one.
///
/// It is established by a message on its deliver subject, or by the server's confirmation (push_bound) that a
/// subscription of exactly that subject has reached the stream's account. The create reply alone may take
/// another route: if the API is imported from an account that delivers nothing to ours, the watch ends with a
/// timeout.
class ordered_consumer {
 public:
  ordered_consumer(consumer_settings settings, time_point now);
  ordered_consumer(ordered_consumer&&) = default;

  // Events.
  /// @param filter_lists  the server knows filter_subjects (2.10)
  /// @param max_request   its max_payload
  void connected(bool filter_lists, time_point now, std::uint64_t max_request = UINT64_MAX);
  void disconnected();
  void on_stream_info(std::uint64_t epoch, const jetstream::outcome<jetstream::stream_info>& reply,
                      time_point now);
  /// @param last  revision; 0: there is no message
  void on_located(std::uint64_t epoch, const jetstream::outcome<std::uint64_t>& last, time_point now);
  void on_created(std::uint64_t epoch, const jetstream::outcome<jetstream::consumer_info>& reply,
                  time_point now);
  /// The entry in `message`, valid as long as the message; nullptr if it holds none for the user.
  const kvco::detail::entry_fields* on_message(const wire::event& message, time_point now);
  /// The user has taken `total` entries since the beginning: flow-control messages withheld until then are
  /// answered.
  void consumed(std::uint64_t total);
  /// It waited for room before it begins again: resume() is due.
  bool has_room_again() const noexcept { return stage_ == stage::full && window_.has_room(); }
  void resume(time_point now) { begin(now); }
  void on_time(time_point now);
  void stop();

  // The next actions.
  std::optional<time_point> deadline() const;
  std::vector<consumer_command::any> take_commands() { return std::exchange(commands_, {}); }
  bool has_commands() const noexcept { return !commands_.empty(); }
  /// It was established once: entries may be given to the user.
  bool established() const noexcept { return established_; }
  /// Why it is not, though a consumer was created for it; empty if that is not so.
  std::string why_not_established() const;
  /// Everything that was there when the watch began has been given out.
  bool initial_complete() const noexcept { return initial_.complete(); }
  bool ended() const noexcept { return stage_ == stage::ended; }
  /// Why it has ended; before that why it could not begin the last time, if so.
  const error_code& code() const noexcept { return code_; }
  const std::string& detail() const noexcept { return detail_; }
  /// The denied request that would have shown the end of the initial data, if that is not complete.
  kvco::detail::refusal why_not_complete() const { return initial_complete() ? refusal() : locate_denied_; }
  /// The stream's last revision when the watch began: entries up to here are given once per key.
  kvco::revision boundary() const noexcept { return first_boundary_; }
  /// Everything of this watch up to here was given out, or was taken before it began.
  kvco::revision reached() const noexcept { return next_sequence() - 1; }
  /// When the stream was created, as the server writes it; empty: that is not known yet.
  const std::string& created() const noexcept { return identity_.created(); }
  /// When the last entry that was given out was stored, by the server's clock.
  std::int64_t newest_ns() const noexcept { return last_given_ns_; }
  /// How many revisions the stream had no more when they were requested: of any key, replaced or removed.
  std::uint64_t missed() const noexcept { return missed_; }
  std::uint64_t epochs() const noexcept { return epoch_; }
  bool live() const noexcept { return stage_ == stage::live && heard_; }
  /// Its heartbeats are overdue: on_time() begins again.
  bool silent(time_point now) const noexcept {
    return stage_ == stage::live && now >= last_activity_ + 2 * settings_.heartbeat;
  }
  /// The number of messages that the server had still to deliver, as of the last one.
  std::uint64_t pending() const noexcept { return initial_.pending(); }

 private:
  using refusal = kvco::detail::refusal;
  enum class stage : std::uint8_t { offline, full, inspecting, creating, live, pausing, ended };

  void begin(time_point now);
  void begin_anew(time_point now);
  void pause_or_begin(time_point now);
  void leave_epoch();
  bool plan();
  void send_create();
  initial_data::delivery delivery_of(jetstream::deliver_policy asked) const noexcept;
  void ask_for_proof();
  void locate_last();
  bool is_refused(const jetstream::outcome<jetstream::consumer_info>& reply, time_point now);
  void accept(const jetstream::consumer_info& created, time_point now);
  void establish(time_point now);
  void end(error_code code, std::string detail);
  void failed(const error_code& code, const std::string& detail, time_point now);
  bool check_identity(const jetstream::stream_info& info, time_point now);
  void note_missed(std::uint64_t first);
  std::string how_it_ended(std::uint64_t last) const;
  std::uint64_t next_sequence() const noexcept;
  void on_control(const wire::event& message, const wire::headers& header, time_point now);
  void on_heartbeat(const wire::headers& header, time_point now);
  void grant(std::string_view flow_subject);
  void answer_flow();
  const kvco::detail::entry_fields* give(const wire::event& message, const wire::headers& header,
                                         const jetstream::delivery_position& place);
  void check_initial(time_point now);
  void follow(initial_data::step next, time_point now);
  void choose_way_on() noexcept;
  jetstream::deliver_policy policy() const noexcept;

  consumer_settings settings_;
  consumer_plan plan_;
  initial_data initial_;
  flow_window window_;
  stream_identity identity_;
  consumer_refusals refusals_;
  backoff backoff_;
  std::vector<consumer_command::any> commands_;
  kvco::detail::entry_fields fields_;
  std::string name_;                      // of the consumer of this epoch
  std::vector<std::string> stale_names_;  // of those that may still live on the server
  std::size_t removals_ = 0;              // asked for on this connection; they may be lost with it
  std::string detail_;
  error_code code_;
  refusal locate_denied_;  // the user may not ask for messages: the stream's end has to do

  std::uint64_t epoch_ = 0;
  std::uint64_t consumer_sequence_ = 0;
  std::uint64_t position_ = 0;             // everything up to here was delivered or is not for this watch
  std::uint64_t last_given_ = 0;           // revision
  std::int64_t last_given_ns_ = 0;         // when that was stored, by the server's clock
  std::uint64_t repeated_ = 0, news_ = 0;  // bytes of this epoch: given before, and not
  std::uint64_t first_boundary_ = 0;
  std::uint64_t missed_ = 0,
                missed_until_ = 0;  // the second: all before it that the stream did not have are counted

  time_point last_activity_{}, resume_at_{}, give_up_at_{}, live_since_{};
  int stalls_ = 0, history_ = 1, replicas_ = 1;
  stage stage_ = stage::offline;
  bool by_sequence_ =
      false;                 // a walk has miscounted, or makes no progress: the rest is asked for by sequence
  bool heard_ = false;       // its deliver subject leads here, in this epoch
  bool accepted_ = false;    // a consumer was created once
  bool bound_late_ = false;  // ... whose node saw no subscription yet: it was asked for again, once
  bool established_ = false;
};

}  // namespace kvco::core

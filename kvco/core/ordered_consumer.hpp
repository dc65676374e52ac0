// The decisions of a watch: which consumer to ask for, what is an entry, what is a gap, when to begin anew (ADR-17).
#pragma once

#include <kvco/core/backoff.hpp>
#include <kvco/core/deadlines.hpp>
#include <kvco/entry.hpp>
#include <kvco/jetstream/filter_set.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/wire/event.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kvco::core {

struct consumer_settings {
  std::string bucket, stream, key_prefix;  // "b", "KV_b", "$KV.b."
  std::string deliver_prefix;              // unique to this watch; an epoch number is appended
  std::string name_prefix;                 // likewise
  std::vector<std::string> filters;        // of keys; at least one
  jetstream::deliver_policy deliver = jetstream::deliver_policy::last_per_subject;
  std::uint64_t start_sequence = 0;
  duration heartbeat = std::chrono::seconds(5);
  duration first_timeout = std::chrono::seconds(10);  // until it is established for the first time
  bool headers_only = false;
  bool ignore_deletes = false;
  std::uint64_t seed = 1;
};

/// What the session shall do for the consumer. Replies come back with the epoch that asked.
struct consumer_command {
  struct subscribe {
    std::string subject;
  };  // in place of the current subscription, if any
  struct unsubscribe {};
  struct inspect {
    std::uint64_t epoch;
  };  // STREAM.INFO
  struct locate {
    std::uint64_t epoch;
    std::string filter;
  };  // STREAM.MSG.GET: the leader's last message of this subject; without one STREAM.INFO: the last of all
  struct create {
    std::uint64_t epoch;
    std::string name, filter, payload;
  };  // CONSUMER.CREATE
  struct remove {
    std::string name;
  };  // CONSUMER.DELETE, best effort
  struct flow {
    std::string subject;
  };  // publish an empty message: more may be sent
  using any = std::variant<subscribe, unsubscribe, inspect, locate, create, remove, flow>;
};

/// An ordered push consumer that never loses an entry, never gives one twice, and begins anew by itself.
///
/// Order of a beginning (an epoch): subscribe, STREAM.INFO (is it still the same stream?), CONSUMER.CREATE, entries -
/// which may overtake the reply. It begins anew after a gap in the consumer sequence, missed heartbeats, a stall, or a
/// new connection, behind the last entry it gave out; before the initial data was complete, and with a history above
/// one, it asks for the last entry of each key again and leaves out what it gave already, unless that makes no progress.
/// It ends when the stream is gone or another one.
///
/// It is established by what comes on its deliver subject, or by the server's word (push_bound) that a subscription of
/// exactly that subject has reached the stream's account. The create reply alone may come by another way: where the API is
/// imported from an account that delivers nothing to ours, the watch ends with a timeout.
class ordered_consumer {
 public:
  ordered_consumer(consumer_settings settings, time_point now);
  ordered_consumer(ordered_consumer&&) = default;

  // What happened.
  /// @param filter_lists  the server knows filter_subjects (2.10)
  /// @param max_request   its max_payload
  void connected(bool filter_lists, time_point now, std::uint64_t max_request = UINT64_MAX);
  void disconnected();
  void on_stream_info(std::uint64_t epoch, const jetstream::outcome<jetstream::stream_info>& reply,
                      time_point now);
  /// @param last  revision; 0: there is none
  void on_located(std::uint64_t epoch, const jetstream::outcome<std::uint64_t>& last, time_point now);
  void on_created(std::uint64_t epoch, const jetstream::outcome<jetstream::consumer_info>& reply,
                  time_point now);
  /// The entry in `message`, valid as long as the message; nullptr if it holds none for the user.
  const kvco::detail::entry_fields* on_message(const wire::event& message, time_point now);
  /// The user has taken `total` entries since the beginning: what was withheld for them is answered.
  void consumed(std::uint64_t total);
  /// It has waited for that to begin anew: resume() is due.
  bool has_room_again() const noexcept { return stage_ == stage::full && taken_ >= room_at_; }
  void resume(time_point now) { begin(now); }
  void on_time(time_point now);
  void stop();

  // What follows.
  std::optional<time_point> deadline() const;
  std::vector<consumer_command::any> take_commands() { return std::exchange(commands_, {}); }
  bool has_commands() const noexcept { return !commands_.empty(); }
  /// It was established once: entries may be given to the user.
  bool established() const noexcept { return established_; }
  /// Why it is not, though a consumer was created for it; empty if that is not so.
  std::string why_not_established() const;
  /// Everything that was there when the watch began has been given out.
  bool initial_complete() const noexcept { return initial_complete_; }
  bool ended() const noexcept { return stage_ == stage::ended; }
  /// Why it has ended; before that why it could not begin the last time, if so.
  const error_code& code() const noexcept { return code_; }
  const std::string& detail() const noexcept { return detail_; }
  /// The stream's last revision when the watch began: entries up to here are given once per key.
  kvco::revision boundary() const noexcept { return first_boundary_; }
  std::uint64_t epochs() const noexcept { return epoch_; }
  bool live() const noexcept { return stage_ == stage::live && heard_; }
  /// Its heartbeats are overdue: on_time() begins anew.
  bool silent(time_point now) const noexcept {
    return stage_ == stage::live && now >= last_activity_ + 2 * settings_.heartbeat;
  }
  /// What the server had still to deliver, as of the last message.
  std::uint64_t pending() const noexcept { return pending_; }

 private:
  enum class stage : std::uint8_t { offline, full, inspecting, creating, live, pausing, ended };

  void begin(time_point now);
  void begin_anew(time_point now);
  void pause_or_begin(time_point now);
  void leave_epoch();
  void forget_flow();
  bool plan();
  void send_create();
  void establish(time_point now);
  jetstream::consumer_request make_request() const;
  void ask_for_proof();
  void ask_for_end(time_point now);
  void locate_last();
  bool is_counted() const noexcept;
  bool is_proven() const noexcept;
  void end(error_code code, std::string detail);
  void failed(const error_code& code, const std::string& detail, time_point now);
  bool is_final(const error_code& code, time_point now);
  bool check_lineage(const jetstream::stream_info& info, time_point now);
  bool is_same_stream(const std::string& created);
  std::string how_it_ended(std::uint64_t last) const;
  std::uint64_t next_sequence() const noexcept;
  void on_control(const wire::event& message, const wire::headers& header, time_point now);
  void on_heartbeat(const wire::headers& header, time_point now);
  void grant(std::string_view flow_subject);
  bool wanted(std::string_view key) const noexcept;
  void check_initial(time_point now);
  void check_walk(time_point now);
  void leave_hole(time_point now);
  void end_walk(time_point now);
  void choose_way_on() noexcept;
  jetstream::deliver_policy policy() const noexcept;

  consumer_settings settings_;
  jetstream::filter_plan plan_;
  std::optional<bool> planned_lists_;  // made for a server that knows lists, or for one that does not
  std::vector<std::string> subjects_;  // of plan_.server
  std::uint64_t largest_request_ = 0;  // with that plan
  std::uint64_t max_request_ = UINT64_MAX;
  jetstream::filter_set asked_, kept_;  // settings_.filters and plan_.client, for many
  backoff backoff_;
  std::vector<consumer_command::any> commands_;
  std::vector<std::pair<std::uint64_t, std::string>> withheld_;  // answer when so many entries were taken
  kvco::detail::entry_fields fields_;
  std::string name_;                      // of the consumer of this epoch
  std::vector<std::string> stale_names_;  // of those that may still live on the server
  std::size_t removals_ = 0;              // asked for on this connection; they may be lost with it
  std::string lineage_;                   // when the stream was created: its identity
  std::string detail_;
  error_code code_;

  std::uint64_t epoch_ = 0;
  std::uint64_t consumer_sequence_ = 0;
  std::uint64_t position_ = 0;                // everything up to here was given out or is none of ours
  std::uint64_t last_given_ = 0;              // revision
  std::int64_t last_given_ns_ = 0;            // when that was stored, by the server's clock
  std::uint64_t given_ = 0, taken_ = 0;       // entries
  std::uint64_t room_at_ = 0;                 // when so many were taken the next consumer may be asked for
  std::uint64_t received_ = 0, pending_ = 0;  // of this epoch; what comes twice counts once
  std::uint64_t repeated_ = 0, news_ = 0;     // bytes of this epoch: given before, and not
  std::uint64_t target_ = 0;                  // to be received in this epoch for the initial data
  std::uint64_t last_received_ = 0;           // revision, in this epoch
  std::uint64_t boundary_ = 0, first_boundary_ = 0;
  std::uint64_t proof_ = 0;         // the consumer has to show something this new
  std::uint64_t shown_ = 0;         // the newest that it has shown, in this epoch
  std::uint64_t shown_before_ = 0;  // ... when the leader was asked for the end

  std::optional<time_point> shrunk_since_;
  time_point last_activity_{}, resume_at_{}, give_up_at_{}, live_since_{};
  time_point refused_since_{};
  int refusals_ = 0;  // in a row, which others may lift
  int rounds_ = 0;    // of asking for the end of the initial data
  int stalls_ = 0, history_ = 1, replicas_ = 1;
  int locating_ = 0, lags_ = 0;  // questions that are open; heartbeats from a replica that is behind
  stage stage_ = stage::offline;
  bool filter_lists_ = true, lists_refused_ = false;
  bool within_limits_ = false;  // the stream limits its consumers, and has refused one
  bool unnamed_ = false;        // the leader did not say where the end is
  bool locate_denied_ = false;  // the user may not ask for messages: the stream's end has to do
  bool target_known_ = false, twice_ = false;  // twice: a revision came again, in this epoch
  bool walking_ = false;  // the server walks a list of last revisions, and miscounts when others replace them
  bool by_sequence_ =
      false;            // ... it did, to the end, or makes no progress: what follows is asked for by sequence
  bool heard_ = false;  // its deliver subject leads here, in this epoch
  bool accepted_ = false;    // a consumer was created once
  bool bound_late_ = false;  // ... whose node saw no subscription yet: it was asked for again, once
  bool established_ = false, initial_complete_ = false;
};

}  // namespace kvco::core

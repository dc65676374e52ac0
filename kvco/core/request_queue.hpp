// All requests of a client: decides which of them wait, which are sent or sent again, and how each one ends.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>
#include <kvco/core/dispatcher.hpp>
#include <kvco/core/entrance.hpp>
#include <kvco/core/inbox.hpp>
#include <kvco/core/line.hpp>
#include <kvco/core/request.hpp>
#include <kvco/detail/refusal.hpp>
#include <string>

namespace kvco::core {

/// The services of the session that a request_queue needs.
class request_host {
 public:
  virtual time_point now() const = 0;
  virtual void set_deadline(timed& item, time_point at) noexcept = 0;
  virtual void clear_deadline(timed& item) noexcept = 0;
  /// The task has ended: its run() is called in a later turn.
  virtual void ready(ready_task& done) noexcept = 0;
  /// Data was written to the line.
  virtual void has_output() noexcept = 0;
  /// A request waits for room in the write buffer, although the client is connected.
  virtual void on_full() = 0;
  /// Why there is no connection; empty: unknown.
  virtual const std::string& why_disconnected() const noexcept = 0;

 protected:
  ~request_host() = default;
};

struct request_queue_settings {
  std::string inbox_prefix;
  std::uint32_t first_name = 0;  // see inbox
  std::size_t write_buffer = 0;
  bool wait_for_connection = true;
};

/// The outcome contract: a request that was not sent waits for a connection; a read is sent again; a request that may have been
/// carried out, and was not answered, ends with outcome_unknown. The queue outlives connections: on_connected() and on_lost()
/// alternate.
class request_queue final : private subscriber {
 public:
  request_queue(request_host& host, const entrance& guard, dispatcher& subscriptions,
                request_queue_settings settings);
  request_queue(const request_queue&) = delete;
  request_queue& operator=(const request_queue&) = delete;

  const core::inbox& inbox() const noexcept { return inbox_; }
  /// Between on_connected() and on_lost().
  bool has_line() const noexcept { return line_ != nullptr; }
  std::size_t waiting() const noexcept { return waiting_.size(); }
  std::size_t pending() const noexcept { return inbox_.size() + waiting_.size(); }
  std::uint64_t repeated_reads() const noexcept { return repeated_reads_; }
  void set_max_payload(std::uint64_t bytes) noexcept { max_payload_ = bytes; }

  /// Refuses a message that is larger than the server's max_payload.
  detail::refusal check_size(std::size_t message_size) const;
  void submit(request& what, time_point deadline) noexcept;
  void withdraw(request& what) noexcept;
  void finish(request& what) noexcept;
  void finish(request& what, error_code code, std::string detail) noexcept;

  /// Writes a message that needs no answer, if there is room for it and no request waits. False: it was not written.
  bool publish(const frame& what) noexcept;

  /// Subscribes for the replies; nothing else is sent before send_waiting().
  void on_connected(line& to);
  /// Requests that were certainly not sent, and reads, wait for the next connection; others end with outcome_unknown.
  /// @param end     the -ERR that has ended the connection; nullptr: none
  /// @param detail  the reason of the end
  void on_lost(const error_line* end, const std::string& detail);
  /// Handles an -ERR that does not end the connection.
  /// @param published  the subject in `named`, as the client publishes to it
  void on_error_line(const error_line& named, std::string_view published, const std::string& words);
  /// Sends waiting requests, as far as there is room.
  void send_waiting();

  /// From now on new requests are refused.
  void close() noexcept { closed_ = true; }
  /// Ends all requests with this error.
  void end(error_code code) noexcept;
  /// Frees all requests without completing them.
  void abandon() noexcept;

 private:
  friend class request;
  using waiting_list = boost::intrusive::list<request, boost::intrusive::base_hook<waiting_hook>,
                                              boost::intrusive::constant_time_size<false>>;
  /// A PING whose PONG calls a function of the queue. It is dropped with its connection.
  struct question final : ping_waiter {
    question(request_queue& asks, void (request_queue::*answered)()) : self(asks), then(answered) {}
    void on_pong(time_point) override {
      sent = false;
      (self.*then)();
    }
    request_queue& self;
    void (request_queue::*then)();
    bool sent = false;
  };

  bool ready() const noexcept { return line_ != nullptr && line_->ready(); }
  bool may_send() const noexcept;
  bool may_send(answer by) const noexcept;
  bool is_full() const noexcept;
  bool may_wait(const request& what) const noexcept;
  void send(request& what);
  void append(request& what);
  void write(const frame& what);
  void write_unanswered(const frame& what);
  void expire(request& what) noexcept;
  std::string why_not_sent() const;
  void on_silence(request& what, time_point now) noexcept;
  void on_probe_answered();
  void send_ping(question& what);
  void subscribe();
  void renew_inbox();
  void on_inbox_answered() { inbox_refused_ = {}; }
  void on_message(const wire::event& message) override;
  void on_refused(const error_code& code, const std::string& words) override;
  void wait_again(std::uint64_t undone_from);
  void fence();

  // request_refusals.cpp
  void on_publish_refused(const error_line& named, std::string_view published, const std::string& words);
  void refuse_all(written_log::list& refused, const std::string& words);
  void fence_next(std::size_t publishes);
  void find_cause_of_end(const error_line& end, const std::string& detail);

  request_host& host_;
  const entrance& entrance_;
  dispatcher& subscriptions_;
  core::inbox inbox_;
  waiting_list waiting_;
  line* line_ = nullptr;
  std::size_t write_buffer_;
  std::uint64_t max_payload_ = UINT64_MAX;
  std::uint64_t inbox_sid_ = 0;
  question probe_{*this, &request_queue::on_probe_answered};
  std::uint64_t probe_begin_ = 0;  // its position in the outbox
  question inbox_question_{*this, &request_queue::on_inbox_answered};
  error_code inbox_refused_;  // set while the server refuses the subscription for replies
  std::string inbox_words_;
  std::size_t fences_ = 0;    // the number of next publishes that are each followed by a PING
  std::size_t unfenced_ = 0;  // messages without an answer since the last PING for them
  std::uint64_t repeated_reads_ = 0;
  bool wait_for_connection_;
  bool reading_reply_ = false;
  bool full_reported_ = false;
  bool closed_ = false, ended_ = false;
};

}  // namespace kvco::core

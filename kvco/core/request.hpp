// One request, from its caller to the server's reply.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <kvco/core/frame.hpp>
#include <kvco/core/inbox.hpp>
#include <kvco/core/ready_task.hpp>
#include <kvco/core/written_log.hpp>
#include <kvco/error.hpp>
#include <string>

namespace kvco::core {

class request_queue;

struct waiting_list_tag;
using waiting_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<waiting_list_tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// The possible effects of a request that was sent and never answered.
enum class effect : std::uint8_t {
  read,   // none: it may be sent again, and fails with a definite error
  write,  // it may have been stored: outcome_unknown
  step,   // as write, but useful on the current connection only: it is never sent on another one
};

/// The event that completes a request.
enum class answer : std::uint8_t {
  message,       // a message on its reply subject
  confirmation,  // its owner completes it, after on_written()
  none,          // it is complete when it is written
};

/// The time after which the answer to a read is overdue: then a PING shows whether the server has read the request.
inline constexpr duration first_patience = std::chrono::seconds(1);

/// A request that a request_queue carries: waiting (for a connection, or for room in the write buffer) -> in flight -> done. It
/// completes exactly once.
class request : public waiter, public written, public ready_task, public waiting_hook {
 public:
  enum class stage : std::uint8_t { idle, waiting, in_flight, done };

  stage state() const noexcept { return stage_; }
  /// The number of times it was written to a connection.
  unsigned attempts() const noexcept { return attempts_; }

 protected:
  /// The queue must outlive it. (Shared ownership would cost each request as much as its deadline.)
  request(request_queue& carrier, effect what, answer by = answer::message) noexcept
      : queue_(carrier), effect_(what), answer_(by) {}
  ~request() = default;

  /// Ends it with the value it holds.
  void finish();
  /// Ends it with an error, or (no error) with the value it holds.
  void finish(error_code code, std::string detail = {});
  /// Ends it because there is no memory for its reply.
  void finish_without_memory() noexcept;
  /// Hands it to the queue.
  void submit(time_point deadline);
  /// The same; a read is sent again while the server is alive and does not answer it (request_queue::on_silence).
  /// @param patience  the time until the first PING for an overdue answer
  void submit_until_answered(time_point deadline, time_point now, duration patience = first_patience);
  /// Removes it from the queue: none of its functions is called any more.
  void withdraw() noexcept;
  void on_deadline(time_point now) override;
  /// Called when a request with answer::confirmation was written.
  virtual void on_written() {}
  /// Called when the deadline of submit() passes. True: the request continues by other means, and does not end with an error.
  virtual bool on_expiry() { return false; }
  /// Called when the server has read the request, and the reply (or a further one) did not come. True: the same request is sent
  /// again.
  virtual bool on_lost() { return true; }
  /// Records that one of several replies has arrived.
  void note_reply() noexcept { overdue_ = false; }
  /// The time of the latest of several replies.
  virtual time_point last_reply() const noexcept { return time_point::min(); }

  core::frame frame_;
  std::string detail_;
  error_code code_;

 private:
  friend class request_queue;
  std::string_view published_to() const noexcept final { return frame_.subject(); }

  request_queue& queue_;
  time_point give_up_at_{};  // its deadline; the timer may be set to an earlier time
  bool overdue_ = false;     // it is a read without an answer in due time
  bool suspected_ = false;   // a connection was ended by an -ERR that may have been about this request
  effect effect_;
  answer answer_;
  stage stage_ = stage::idle;
  std::uint16_t attempts_ = 0;
};

}  // namespace kvco::core

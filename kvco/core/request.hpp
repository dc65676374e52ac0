// One request that waits for its reply: its place between the caller and the server.
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
  read,   // nothing was changed: it may be sent again, and fails with a definite error
  write,  // it may have been stored: outcome_unknown
  step,   // as write, but of use to its own connection only: it is not sent on another one
};

/// What a request waits for.
enum class answer : std::uint8_t {
  message,       // on its reply subject
  confirmation,  // by its owner, which it informs when it was written
  none,          // it is done when it is written
};

/// How long the answer to a read is waited for before the server is asked whether it is lost.
inline constexpr duration first_patience = std::chrono::seconds(1);

/// A request in the hands of a request_queue, which moves it: waiting (for a connection, or for room in the write buffer) -> in
/// flight -> done. It completes exactly once.
class request : public waiter, public written, public ready_task, public waiting_hook {
 public:
  enum class stage : std::uint8_t { idle, waiting, in_flight, done };

  stage state() const noexcept { return stage_; }
  /// How often it was written to a connection.
  unsigned attempts() const noexcept { return attempts_; }

 protected:
  /// The queue outlives it: to count one more owner for each request costs as much as its deadline.
  request(request_queue& carrier, effect what, answer by = answer::message) noexcept
      : queue_(carrier), effect_(what), answer_(by) {}
  ~request() = default;

  /// Ends it with the value it holds.
  void finish();
  /// Ends it with an error, or (no error) with the value it holds.
  void finish(error_code code, std::string detail = {});
  /// Its reply came, and there is no memory to keep it in.
  void finish_without_memory() noexcept;
  /// Hands it to the queue.
  void submit(time_point deadline);
  /// The same; a read is sent again while a server that lives leaves it without an answer (request_queue::on_silence).
  /// @param patience  how long the answer is waited for before the server is asked for the first time
  void submit_until_answered(time_point deadline, time_point now, duration patience = first_patience);
  /// Takes it back from the queue: no call of it follows.
  void withdraw() noexcept;
  void on_deadline(time_point now) override;
  /// It was written, and waits for answer::confirmation.
  virtual void on_written() {}
  /// Called when the deadline passes, of the first reply or of all. True: it goes on in another way.
  virtual bool on_expiry() { return false; }
  /// There is no answer, or no more of it, though the server has read the request. True: the request is sent once more as it is.
  virtual bool on_lost() { return true; }
  /// Of several replies one has come.
  void note_reply() noexcept { overdue_ = false; }
  /// Of several replies: when the last one came.
  virtual time_point last_reply() const noexcept { return time_point::min(); }

  core::frame frame_;
  std::string detail_;
  error_code code_;

 private:
  friend class request_queue;
  std::string_view published_to() const noexcept final { return frame_.subject(); }

  request_queue& queue_;
  time_point give_up_at_{};  // its deadline; the timer may be set to an earlier time
  bool overdue_ = false;     // a read whose answer has been waited for too long
  bool suspected_ = false;   // a connection has ended by an -ERR that may have been about it
  effect effect_;
  answer answer_;
  stage stage_ = stage::idle;
  std::uint16_t attempts_ = 0;
};

}  // namespace kvco::core

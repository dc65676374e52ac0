// One request that waits for its reply: where it stands between the caller and the server.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <kvco/core/inbox.hpp>
#include <kvco/core/written_log.hpp>
#include <kvco/error.hpp>
#include <kvco/net/frame.hpp>
#include <string>

namespace kvco::net {

class session;

struct ready_list_tag;
struct waiting_list_tag;

/// Something that is done and waits for its turn to tell the user. User code never runs while an event is being handled.
class ready_task
    : public boost::intrusive::list_base_hook<boost::intrusive::tag<ready_list_tag>,
                                              boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  /// Calls the user's handler. Frees itself.
  virtual void run() = 0;
  /// It runs soon: fetches from memory what that takes.
  virtual void prefetch() const noexcept {}
  /// Frees itself and the handler without calling it: the reactor is gone.
  virtual void abandon() noexcept = 0;

 protected:
  ~ready_task() = default;
};

/// What may be assumed when a request was sent and its answer never comes.
enum class effect : std::uint8_t {
  read,   // nothing was changed: it may be sent again, and fails with a definite error
  write,  // it may have been stored: outcome_unknown
  step,   // as write, but of use to its own connection only: no other one sends it
};

/// How long the answer to a read is waited for before the server is asked whether it is lost.
inline constexpr duration first_patience = std::chrono::seconds(1);

/// A request in the session's hands. The session moves it: waiting (for a connection, or for room in the write buffer)
/// -> in flight -> done. It completes exactly once.
class request
    : public core::waiter,
      public core::written,
      public ready_task,
      public boost::intrusive::list_base_hook<boost::intrusive::tag<waiting_list_tag>,
                                              boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  enum class stage : std::uint8_t { idle, waiting, in_flight, done };

  stage state() const noexcept { return stage_; }
  /// So often it was written to a connection.
  unsigned attempts() const noexcept { return attempts_; }

 protected:
  /// Who derives keeps the session alive: to count one more owner for each request costs as much as its deadline.
  request(session& carrier, effect what) noexcept : session_(&carrier), effect_(what) {}
  ~request() = default;

  /// Ends it with the value it holds.
  void finish();
  /// Ends it with an error, or (no error) with the value it holds.
  void finish(error_code code, std::string detail = {});
  /// Its reply came, and there is no memory to keep it in.
  void finish_without_memory() noexcept;
  /// Hands the request to the session.
  void submit(core::time_point deadline);
  /// The same; a read is sent again while a server that lives leaves it without an answer (session::on_silence).
  /// @param patience  how long the answer is waited for before the server is asked for the first time
  void submit_until_answered(core::time_point deadline, core::time_point now,
                             duration patience = first_patience);
  /// Takes it back from the session: nothing will come for it any more.
  void withdraw() noexcept;
  void on_deadline(core::time_point now) override;
  /// Asks when the deadline passes, of the first reply or of all: is there another way to go on?
  virtual bool on_expiry() { return false; }
  /// There is no answer, or no more of it, though the server has read the request. True: the request is sent once more as it is.
  virtual bool on_lost() { return true; }
  /// Of several replies one has come.
  void note_reply() noexcept { overdue_ = false; }
  /// Of several replies: when one came last.
  virtual core::time_point last_reply() const noexcept { return core::time_point::min(); }

  session* session_;
  kvco::net::frame frame_;
  std::string detail_;
  error_code code_;

 private:
  friend class session;
  std::string_view published_to() const noexcept final { return frame_.subject(); }

  core::time_point give_up_at_{};  // its deadline; the timer may stand before it
  bool overdue_ = false;           // a read whose answer has been waited for too long
  bool suspected_ = false;         // a connection has ended by an -ERR that may have been about it
  effect effect_;
  stage stage_ = stage::idle;
  std::uint16_t attempts_ = 0;
};

}  // namespace kvco::net

// The state of a watch: an ordered consumer, and a queue of its entries between the session and the user.
#pragma once

#include <cstdint>
#include <kvco/core/dispatcher.hpp>
#include <kvco/core/link.hpp>
#include <kvco/core/ordered_consumer.hpp>
#include <kvco/core/request.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/kv/conflation.hpp>
#include <kvco/net/api_call.hpp>
#include <kvco/net/session_member.hpp>
#include <kvco/net/signal.hpp>
#include <kvco/net/take.hpp>
#include <kvco/observe/health.hpp>
#include <kvco/options.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kvco::kv {

using namespace net;  // the operations of buckets are written in its terms

/// The kind of a waiting next().
enum class wanted : std::uint8_t {
  any,      // the next entry
  initial,  // the next entry of the initial data, or its end
};

/// Lives as long as its watcher; the session refers to it and does not own it.
class watch final : public std::enable_shared_from_this<watch>,
                    public takeable,
                    public core::timed,
                    private session_member,
                    private core::subscriber,
                    private core::ping_waiter {
 public:
  watch(std::shared_ptr<session> owner, core::consumer_settings settings, const watch_options& options);
  /// A watch that was refused: it ends with this error.
  watch(std::shared_ptr<session> owner, error_code code, std::string detail);
  watch(const watch&) = delete;
  watch& operator=(const watch&) = delete;
  ~watch();

  void begin() noexcept;

  // The user's side.
  /// next() can complete: with an entry, the end of the initial data, or the end of the watch.
  bool available(wanted what) const noexcept;
  /// Takes the next entry; nothing at the end (of the initial data, or of the watch: see code()).
  std::optional<entry> take(wanted what);
  /// Takes the next entries, at most `max`; nothing at the end.
  std::optional<std::vector<entry>> take_batch(std::size_t max);
  /// It was established: no later entry can be missed.
  bool established() const noexcept { return consumer_ && consumer_->established(); }
  /// Set when it is established or has ended.
  signal& settled() noexcept { return settled_; }
  bool ended() const noexcept { return ended_; }
  const error_code& code() const noexcept { return code_; }
  const std::string& detail() const noexcept { return detail_; }
  revision cursor() const noexcept { return cursor_; }
  /// Everything up to here was taken, or is not of this watch.
  revision progress() const noexcept;
  /// Where a later watch continues; the one that this watch has begun with where nothing was taken.
  resume_token token() const noexcept;
  resume_token token_after(revision taken) const noexcept;
  std::uint64_t conflated() const noexcept { return conflated_; }
  std::uint64_t missed() const noexcept { return consumer_ ? consumer_->missed() : 0; }
  revision boundary() const noexcept { return consumer_ ? consumer_->boundary() : 0; }
  bool initial_complete() const noexcept { return initial_end_ && taken_ >= *initial_end_; }
  std::size_t queued() const noexcept { return queue_.size() - head_; }
  /// Ends it on behalf of the user: queued entries are dropped, a waiting next() completes with nothing.
  void stop();
  /// Ends it because its watcher is destroyed: as stop(), but a waiting next() completes with operation_aborted.
  void close();

  const std::shared_ptr<session>& owner() const noexcept { return session_; }

  // The session's side.
  /// Ends it at its deadline: with the reason why it was not established, or with errc::timeout and these words.
  void expire(std::string words) noexcept;

 private:
  void on_connected() override;
  void on_lost(const std::string& words) override;
  void end(error_code code, const std::string& words) noexcept override;
  void abandon() noexcept override;
  void describe(client_health& client) const override;
  void on_message(const wire::event& message) override;
  void on_refused(const error_code& code, const std::string& words) override;
  void on_deadline(core::time_point now) override;
  void on_pong(core::time_point now) override;

  void run_commands() noexcept;
  void execute(core::consumer_command::subscribe& command);
  void execute(core::consumer_command::unsubscribe& command);
  void execute(core::consumer_command::inspect& command);
  void execute(core::consumer_command::locate& command);
  void execute(core::consumer_command::create& command);
  void execute(core::consumer_command::remove& command);
  void execute(core::consumer_command::flow& command);
  core::time_point step_deadline() const;
  void note_step(const api_reply& reply) noexcept;
  bool ends_with(const api_reply& reply) noexcept;
  void create();
  void on_create_reply(std::uint64_t epoch, const api_reply& reply);
  void forget_creation() noexcept;
  void note_initial();
  void arm();
  void drop_front(std::size_t count) noexcept;
  void drop_all() noexcept;
  void push(const detail::entry_fields& fields);
  bool conflate(const detail::entry_fields& fields);
  void taken(std::size_t count) noexcept;
  void notify_reader();

  std::shared_ptr<session> session_;
  std::optional<core::ordered_consumer> consumer_;
  std::string stream_, key_prefix_;
  std::vector<entry> queue_;
  std::size_t head_ = 0;                  // the number of taken entries at the front of the queue
  std::uint64_t pushed_ = 0, taken_ = 0;  // entries of the queue
  std::uint64_t conflated_ = 0;           // those that were replaced in it
  std::optional<conflation> updates_;     // nullopt: all are delivered
  std::uint64_t recreated_ = 0;
  std::optional<std::uint64_t> initial_end_;  // the number of entries of the initial data
  revision cursor_ = 0;
  std::optional<revision> bound_;  // entries after it were dropped, or could not be queued
  resume_token begun_with_;
  std::optional<core::consumer_command::create> creation_;  // waits for its turn
  std::vector<core::consumer_command::any> after_creation_;
  std::uint64_t turn_ = 0;  // the number of the turn that it waits for
  signal settled_;
  diagnostics* to_ = nullptr;  // where it is written why the watch has ended, while its watcher lives
  std::uint64_t sid_ = 0;
  error_code code_;
  std::string detail_;
  bool initial_only_ = false, updates_only_ = false;
  int unanswered_ = 0;  // the number of steps in a row without an answer
  bool ended_ = false;
  bool asked_ = false;  // a PING is in flight, because the consumer is silent
  bool running_commands_ = false;
};

}  // namespace kvco::kv

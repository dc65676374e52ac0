// The state of a subscription: a queue of messages between the session and the user.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <kvco/core/dispatcher.hpp>
#include <kvco/core/link.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/messaging/message.hpp>
#include <kvco/messaging/options.hpp>
#include <kvco/net/session_member.hpp>
#include <kvco/net/take.hpp>
#include <memory>
#include <optional>
#include <string>

namespace kvco::net {

namespace asio = boost::asio;
class session;

/// Lives as long as its subscription object; the session refers to it and does not own it.
class inbound : public std::enable_shared_from_this<inbound>,
                public takeable,
                private session_member,
                private core::subscriber,
                private core::ping_waiter {
 public:
  inbound(std::shared_ptr<session> owner, std::string subject, const subscribe_options& options);
  inbound(const inbound&) = delete;
  inbound& operator=(const inbound&) = delete;
  virtual ~inbound();

  /// Subscribes, now or with the next connection. If `refused` is set, or the client is closed: ends with that error.
  void begin(detail::refusal refused) noexcept;

  const std::shared_ptr<session>& owner() const noexcept { return session_; }
  const std::string& subject() const noexcept { return subject_; }
  bool available() const noexcept { return ended_ || !queue_.empty(); }
  std::optional<message> take();
  const error_code& code() const noexcept { return code_; }
  const std::string& detail() const noexcept { return detail_; }
  std::size_t queued() const noexcept { return queue_.size(); }
  std::uint64_t dropped() const noexcept { return dropped_; }

  /// Ends it on behalf of the user: messages not taken are dropped.
  /// @param code  completes a waiting next(); no error: next() completes with nothing
  void stop(const error_code& code) noexcept;
  void drain() override;

 protected:
  /// False: the message is ignored.
  virtual bool accepts(const wire::event& /*message*/) { return true; }
  /// A message was queued.
  virtual void on_queued() {}
  virtual void on_subscribed() {}
  void on_connected() override;
  void on_lost(const std::string& words) override;
  void end(error_code code, const std::string& words) noexcept override;

  std::shared_ptr<session> session_;

 private:
  void on_message(const wire::event& message) override;
  void on_refused(const error_code& code, const std::string& words) override;
  void on_pong(core::time_point now) override;
  void on_full();
  void abandon() noexcept override;

  std::string subject_, queue_group_;
  struct queued_message {
    message what;
    std::size_t bytes;  // the size of its subject, headers and payload
  };
  std::deque<queued_message> queue_;
  std::size_t queued_bytes_ = 0;
  std::size_t max_pending_, max_pending_bytes_;
  std::uint64_t max_messages_;
  std::uint64_t received_ = 0, dropped_ = 0;
  std::uint64_t sid_ = 0;
  diagnostics* to_;
  error_code code_;
  std::string detail_;
  when_full when_full_;
  bool is_full_ = false;  // messages are being dropped, which was reported
  bool draining_ = false, ended_ = false;
};

asio::awaitable<std::optional<message>> next(std::shared_ptr<inbound> from);
detail::operation_ptr<std::optional<message>> prepare_next(const std::shared_ptr<inbound>& from);

std::shared_ptr<inbound> subscribe(std::shared_ptr<session> session, std::string_view subject,
                                   const subscribe_options& options);
/// Sends a request, and receives its replies on a reply subject of their own.
std::shared_ptr<inbound> gather(std::shared_ptr<session> session, std::string_view subject,
                                std::string_view payload, const gather_options& options);

}  // namespace kvco::net

// flush and rtt: a PING, and the caller who waits for its PONG.
#pragma once

#include <kvco/core/link.hpp>
#include <kvco/detail/explain.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/net/session.hpp>

namespace kvco::net {

/// Registered in the session while it waits. The server answers in order: its PONG confirms that it has read
/// everything written before.
class ping_operation : public session_member,
                       public core::ping_waiter,
                       public core::timed,
                       public core::ready_task {
 public:
  void on_lost(const std::string& words) final { done(client_error::connection_lost, words); }
  void end(error_code code, const std::string& words) noexcept final { done(code, words); }

 protected:
  enum class purpose : std::uint8_t { ping, close };

  ping_operation(std::shared_ptr<session> owner, duration timeout, purpose why)
      : session_(std::move(owner)), timeout_(timeout), purpose_(why) {}
  ~ping_operation() = default;

  void begin() {
    sent_ = session_->now();
    if (purpose_ == purpose::close) {
      session_->begin_close();
    } else if (session_->closing()) {
      return done(client_error::closed, "the client was closed");
    }
    if (!session_->ready())
      return done(client_error::connection_lost, "there is no connection to the server");
    session_->set_deadline(*this, sent_ + timeout_);
    session_->add(*this);
    session_->send_ping(*this);
  }
  void on_pong(core::time_point now) override {
    round_trip_ = now - sent_;
    done({}, {});
  }
  void on_deadline(core::time_point) override { done(client_error::timeout, "the server did not answer"); }

  void done(error_code code, std::string detail) {
    if (done_) return;
    done_ = true;
    code_ = code;
    detail_ = std::move(detail);
    withdraw();
    session_->ready(*this);
  }
  void withdraw() noexcept {
    session_->clear_deadline(*this);
    session_->cancel_ping(*this);
    session_->remove(*this);
  }

  std::shared_ptr<session> session_;
  duration timeout_, round_trip_{};
  core::time_point sent_{};
  error_code code_;
  std::string detail_;
  purpose purpose_;
  bool done_ = false;
};

}  // namespace kvco::net

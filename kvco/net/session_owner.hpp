// The ownership that the handles of one client share: the last handle ends the connection.
#pragma once

#include <kvco/net/session.hpp>
#include <memory>
#include <utility>

namespace kvco::net {

/// Held by every client, bucket and watcher, and by nothing else: an operation in flight keeps the session alive, but not the
/// connection.
class session_owner {
 public:
  /// Returns the owner that the session's handles share; the first call creates it.
  static std::shared_ptr<session_owner> of(const std::shared_ptr<net::session>& session) {
    std::shared_ptr<session_owner> owner = session->owner().lock();
    if (!owner) session->set_owner(owner = std::make_shared<session_owner>(session));
    return owner;
  }

  explicit session_owner(std::shared_ptr<net::session> owned) : session_(std::move(owned)) {}
  session_owner(const session_owner&) = delete;
  session_owner& operator=(const session_owner&) = delete;
  ~session_owner() {
    session_->entrance().check();
    session_->journal().mute();
    session_->terminate();
  }

  const std::shared_ptr<net::session>& session() const noexcept { return session_; }

 private:
  std::shared_ptr<net::session> session_;
};

}  // namespace kvco::net

// How operations outside of the class client reach its session.
#pragma once

#include <kvco/client.hpp>
#include <memory>

namespace kvco::detail {

struct client_access {
  /// nullptr: the handle is empty.
  static std::shared_ptr<net::session> session_of(const client& of) { return of.session(); }
  static const std::shared_ptr<net::session_owner>& owner_of(const client& of) { return of.owner_; }
};

}  // namespace kvco::detail

// What a session knows of a PING that a caller waits for.
#pragma once

#include <boost/intrusive/list.hpp>
#include <kvco/core/link.hpp>
#include <kvco/error.hpp>
#include <string>

namespace kvco::net {

/// A PING that somebody waits for, until the connection is lost.
class open_ping
    : public core::ping_waiter,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual void fail(error_code code, std::string words) = 0;
  /// Frees it: the reactor is gone.
  virtual void drop() noexcept = 0;

 protected:
  ~open_ping() = default;
};

}  // namespace kvco::net
